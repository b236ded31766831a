import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHookToolClient } from '../../src/tools/client-binary';
import type { ToolRequest, ToolResult } from '../../src/tools/run-tool';
import { ToolServer, type ToolServerOptions } from '../../src/tools/tool-server';
import { hasCompiler } from './compiler';
import { goldenFile } from './golden-files';

let directory = '';
let client = '';
let toolCount = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hook-tool-'));
  if (hasCompiler) client = await ensureHookToolClient(directory);
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Call {
  readonly finished: Promise<Finished>;
  readonly child: ChildProcess;
}

/** Starts the client under a tool's name; `stdin` undefined leaves an open pipe that says nothing. */
async function call(
  tool: string,
  args: readonly string[],
  environment: Record<string, string>,
  { stdin, cwd = '/' }: { stdin?: string; cwd?: string } = {},
): Promise<Call> {
  const home = join(directory, `tools-${toolCount++}`);
  await symlink(client, home);
  const child = spawn(home, args, { argv0: `/tools/${tool}`, env: environment, cwd, stdio: 'pipe' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined);
  if (stdin !== undefined) child.stdin.end(stdin);
  const finished = new Promise<Finished>((resolve) =>
    child.once('close', (code) => {
      child.stdin.destroy();
      resolve({ code, ...output });
    }),
  );
  return { finished, child };
}

const ok = (stdout: string): ToolResult => ({ code: 0, stdout, stderr: '' });

async function serve(
  run: (request: ToolRequest) => Promise<ToolResult | 'stdin required'>,
  options: Partial<ToolServerOptions> = {},
): Promise<{ server: ToolServer; environment: Record<string, string> }> {
  const socketPath = join(directory, `agent-${toolCount++}.socket`);
  const server = await ToolServer.listen({ socketPath, contextId: 'ctx', run, ...options });
  return {
    server,
    environment: {
      JUJU_CONTEXT_ID: 'ctx',
      JUJU_AGENT_SOCKET_ADDRESS: socketPath,
      JUJU_AGENT_SOCKET_NETWORK: 'unix',
    },
  };
}

(hasCompiler ? describe : describe.skip)('the hook-tool client', () => {
  test('sends its name, arguments and directory; gives back output and exit code', async () => {
    const requests: ToolRequest[] = [];
    const { server, environment } = await serve((request) => {
      requests.push(request);
      return Promise.resolve({ code: 2, stdout: 'out\n', stderr: 'ERROR no\n' });
    });
    const long = 'x'.repeat(70_000);
    const { finished } = await call('relation-get', ['-', 'ž', '', long], environment, { cwd: '/usr' });
    expect(await finished).toEqual({ code: 2, stdout: 'out\n', stderr: 'ERROR no\n' });
    expect(requests).toEqual([{ tool: 'relation-get', args: ['-', 'ž', '', long], dir: '/usr', stdin: undefined }]);
    await server.close();
  });

  test('does not wait for a stdin that nobody asks for', async () => {
    const { server, environment } = await serve(() => Promise.resolve(ok('done')));
    const { finished } = await call('is-leader', [], environment);
    expect(await finished).toMatchObject({ code: 0, stdout: 'done' });
    await server.close();
  });

  test.each(['', 'k: v\n', 'y'.repeat(200_000)])('repeats the call with its stdin when asked', async (stdin) => {
    const { server, environment } = await serve((request) =>
      Promise.resolve(
        request.stdin === undefined ? 'stdin required' : ok(String(Buffer.from(request.stdin).toString() === stdin)),
      ),
    );
    const { finished } = await call('relation-set', ['--file', '-'], environment, { stdin });
    expect(await finished).toMatchObject({ code: 0, stdout: 'true' });
    expect(server.callCount).toBe(1);
    await server.close();
  });

  test('a large answer arrives whole', async () => {
    const answer = 'z'.repeat(1_000_000);
    const { server, environment } = await serve(() => Promise.resolve(ok(answer)));
    const { finished } = await call('relation-get', [], environment);
    expect((await finished).stdout).toBe(answer);
    await server.close();
  });

  test('another context is refused', async () => {
    const { server, environment } = await serve(() => Promise.resolve(ok('no')));
    const { finished } = await call('is-leader', [], { ...environment, JUJU_CONTEXT_ID: 'old' });
    expect(await finished).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ERROR bad request: wrong context ID; got "old"\n',
    });
    await server.close();
  });

  test('one tool runs at a time', async () => {
    let running = 0;
    let most = 0;
    const { server, environment } = await serve(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return ok('');
    });
    const calls = await Promise.all(Array.from({ length: 8 }, () => call('is-leader', [], environment)));
    await Promise.all(calls.map(({ finished }) => finished));
    expect([server.callCount, most]).toEqual([8, 1]);
    await server.close();
  });

  test.each([
    ['refuse', 0],
    ['drop answer', 1],
  ] as const)('fault "%s": the client fails, the tool ran %d times', async (verdict, expected) => {
    let ran = 0;
    const { server, environment } = await serve(
      () => {
        ran++;
        return Promise.resolve(ok('never seen'));
      },
      { onCall: (n, tool) => (n === 1 && tool === 'status-set' ? verdict : 'proceed') },
    );
    const { finished } = await call('status-set', ['active'], environment);
    expect(await finished).toEqual({ code: 1, stdout: '', stderr: 'ERROR unexpected EOF\n' });
    expect(ran).toBe(expected);
    await server.close();
  });

  test('a call that waits for its turn when the execution ends does not run', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const ran: string[] = [];
    const { server, environment } = await serve(async ({ tool }) => {
      ran.push(tool);
      begin();
      await held;
      return ok('');
    });
    const first = await call('config-get', [], environment);
    await begun;
    const second = await call('status-set', ['active'], environment);
    const closed = server.close();
    release();
    await closed;
    await Promise.all([first.finished, second.finished]);
    expect(ran).toEqual(['config-get']);
  });

  const wire = goldenFile('wire.json');
  (wire === undefined ? test.skip : test)('the recorded bytes, both ways', async () => {
    type Recording = {
      argv: string[];
      stdin: string | null;
      exit: number;
      stdout: string;
      stderr: string;
      bytes: { dir: string; hex: string }[];
    };
    const recordings = Object.values(JSON.parse(readFileSync(wire ?? '', 'utf8')) as Record<string, Recording>);
    expect(recordings.length).toBeGreaterThan(0);
    for (const recording of recordings) {
      const { argv, bytes } = recording;
      const sent: string[] = [];
      const server = createServer((socket) => {
        let turn = 0;
        let pending = Buffer.alloc(0);
        socket.on('error', () => socket.destroy()); // the client may exit before it has read all
        socket.on('data', (chunk) => {
          pending = Buffer.concat([pending, chunk]);
          const expected = bytes[turn]?.hex ?? '';
          // Answered at the first difference, too, so that a wrong byte fails the comparison instead of waiting.
          if (pending.length * 2 < expected.length && expected.startsWith(pending.toString('hex'))) return;
          sent.push(pending.toString('hex'));
          pending = Buffer.alloc(0);
          socket.write(Buffer.from(bytes[turn + 1]?.hex ?? '', 'hex'));
          turn += 2;
        });
      });
      const socketPath = join(directory, `wire-${toolCount++}.socket`);
      await new Promise<void>((resolve) => server.listen(socketPath, resolve));
      const contextId = /myapp\/0-[0-9a-z-]+/.exec(Buffer.from(bytes[0]?.hex ?? '', 'hex').toString('latin1'))?.[0];
      const environment = {
        JUJU_CONTEXT_ID: (contextId ?? '').slice(0, 'myapp/0-db-relation-changed-'.length + 32),
        JUJU_AGENT_SOCKET_ADDRESS: socketPath,
        JUJU_AGENT_SOCKET_NETWORK: 'unix',
      };
      const [tool = '', ...args] = argv;
      const { finished } = await call(tool, args, environment, { stdin: recording.stdin ?? '', cwd: '/tmp' });
      const { exit, stdout, stderr } = recording;
      expect(await finished).toEqual({ code: exit, stdout, stderr });
      expect(sent).toEqual(bytes.filter(({ dir }) => dir === 'C>S').map(({ hex }) => hex));
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
