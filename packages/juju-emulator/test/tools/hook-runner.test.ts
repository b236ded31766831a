import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UniterApiError } from '../../src/tools/api-error';
import { ensureHookToolClient } from '../../src/tools/client-binary';
import type { ContextSubject } from '../../src/tools/context-subject';
import { localHost } from '../../src/tools/execution-host';
import { type ExecutionOptions, type ExecutionResult, runExecution } from '../../src/tools/hook-runner';
import { LineCutter } from '../../src/tools/process-output';
import { jujuTools } from '../../src/tools/registry';
import { hasCompiler } from './compiler';
import { execute, type Execution, start } from './small-world';

let base = '';
let toolsDir = '';
let runs = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'hook-runner-'));
  toolsDir = join(base, 'tools');
  await mkdir(toolsDir);
  if (!hasCompiler) return;
  const client = await ensureHookToolClient(base);
  for (const name of jujuTools.keys()) await symlink(client, join(toolsDir, name));
}, 60_000);
afterAll(() => rm(base, { recursive: true, force: true }));

interface Run extends Execution {
  readonly result: ExecutionResult;
  readonly charmDir: string;
}

/** Runs `dispatch` with this shell text in a charm directory of its own. */
async function run(
  script: string,
  subject: ContextSubject = start,
  options: Partial<ExecutionOptions> = {},
): Promise<Run> {
  const home = join(base, `run-${runs++}`);
  const charmDir = join(home, 'charm');
  await mkdir(charmDir, { recursive: true });
  await writeFile(join(charmDir, 'metadata.yaml'), 'name: web\n');
  await writeFile(join(charmDir, 'dispatch'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const execution = await execute(subject);
  const socket = join(home, 'agent.socket');
  const result = await runExecution({
    context: execution.context,
    host: localHost(),
    paths: { charmDir, toolsDir, socket },
    listenPath: socket,
    hostEnvironment: { PATH: '/usr/bin:/bin' },
    ...options,
  });
  return { ...execution, result, charmDir };
}

(hasCompiler ? describe : describe.skip)('running a hook', () => {
  test('commits after exit 0', async () => {
    const { result, api } = await run('state-set a=1; echo said; echo warned >&2');
    expect(result).toEqual({ kind: 'ok', handler: 'dispatch', toolCalls: 1 });
    expect(api.committed).toMatchObject({ charmState: { seen: 'yes', a: '1' } });
  });

  test('commits nothing after another exit, what went out at once stays', async () => {
    const { result, api } = await run('state-set a=1; status-set blocked why; exit 7');
    expect(result).toMatchObject({ kind: 'failed', error: 'exit status 7' });
    expect(api.committed).toBeUndefined();
    expect(api.calls.takeImmediate()).toHaveLength(1);
  });

  test('is killed at its n-th tool call, with all it started; that call does not happen', async () => {
    const { result, api, charmDir } = await run(
      'state-set a=1; (status-set active; touch after) ; touch after',
      start,
      {
        onCall: (n, _tool, _args, kill) => {
          if (n < 2) return 'proceed';
          kill();
          return 'refuse';
        },
      },
    );
    expect(result).toMatchObject({ kind: 'terminated', error: 'terminated', toolCalls: 2 });
    expect([api.committed, api.calls.takeImmediate()]).toEqual([undefined, []]);
    await expect(readFile(join(charmDir, 'after'))).rejects.toThrow('ENOENT');
  });

  test('a refused commit fails the hook, in the words of the controller', async () => {
    const execution = await execute(start);
    execution.api.commitHookChanges = () => Promise.reject(new UniterApiError('not-leader', 'commit', 'lease lost'));
    const { result } = await run('state-set a=1', start, { context: execution.context });
    expect(result).toMatchObject({ kind: 'commit-refused', error: 'lease lost' });
  });

  test('an action keeps its results when it fails', async () => {
    const action: ContextSubject = { kind: 'action', name: 'backup', id: '4', params: {} };
    const { result, api } = await run('action-set path=/x; echo half; exit 3', action);
    expect(result.kind).toBe('ok');
    expect(api.finished).toEqual({
      status: 'failed',
      message: 'exit status 3',
      results: { path: '/x', stdout: 'half\n', 'return-code': 3 },
    });
  });

  test("output that is no text goes into an action's results as base64", async () => {
    const action: ContextSubject = { kind: 'action', name: 'dump', id: '4', params: {} };
    const { api } = await run("printf '\\377\\n'", action);
    expect(api.finished?.results).toEqual({ stdout: '/wo=', 'stdout-encoding': 'base64', 'return-code': 0 });
  });

  test("the environment is what the agent gives, not the emulator's own", async () => {
    const { charmDir } = await run('env > seen');
    const names = (await readFile(join(charmDir, 'seen'), 'utf8')).split('\n').map((line) => line.split('=')[0]);
    expect(names).toEqual(expect.arrayContaining(['JUJU_DISPATCH_PATH', 'JUJU_UNIT_NAME', 'CHARM_DIR']));
    expect(names).not.toContain('HOME');
  });

  test('a background child that keeps the pipe does not hold the hook up', async () => {
    const { result, log } = await run('echo one; (sleep 30; echo late) & exit 0', start, {
      onStart: (process) => void process.ended.then(() => process.kill()),
    });
    expect(result.kind).toBe('ok');
    expect(log.map(({ message }) => message)).toEqual(['one']);
  });

  test('juju-exec reports the exit code and keeps unfinished output', async () => {
    const { result } = await run('', { kind: 'exec' }, { commands: 'printf hi; is-leader >&2; exit 5' });
    expect(result).toMatchObject({ kind: 'ok', exec: { code: 5, stdout: 'hi', stderr: 'True\n' } });
  });

  test('a hook without a script is missing, one that cannot be executed fails', async () => {
    const home = join(base, `run-${runs++}`, 'charm');
    await mkdir(join(home, 'hooks'), { recursive: true });
    await writeFile(join(home, 'metadata.yaml'), 'name: web\n');
    const outcome = async (): Promise<ExecutionResult> =>
      runExecution({
        context: (await execute(start)).context,
        host: localHost(),
        paths: { charmDir: home, toolsDir, socket: '/nowhere' },
        listenPath: join(home, 'socket'),
        hostEnvironment: {},
      });
    expect((await outcome()).kind).toBe('missing');
    await writeFile(join(home, 'hooks/start'), '#!/bin/sh\n', { mode: 0o644 });
    expect((await outcome()).kind).toBe('failed');
  });
});

test('output is cut into lines: long ones in pieces, the unfinished last one lost', () => {
  const lines: [number, boolean][] = [];
  const cutter = new LineCutter((line, isWhole) => lines.push([line.length, isWhole]));
  for (const part of ['ab\r', '\nc', '\n', 'x'.repeat(5000), '\n', 'lost']) cutter.push(Buffer.from(part));
  expect(lines).toEqual([
    [2, true],
    [1, true],
    [4096, false],
    [904, true],
  ]);
});
