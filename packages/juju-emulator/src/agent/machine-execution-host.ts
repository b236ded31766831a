import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Machine, MachineProcess } from '../machines/machine';
import type { ExecutionHost, ProcessEnd } from '../tools';

// A child left in the background may hold the pipe for ever; what was written before the hook ended is there by then.
const drainMs = 100;

async function firstBytes(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const head = Buffer.alloc(4);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead).toString('latin1');
  } finally {
    await file.close();
  }
}

const streamEnd = (stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve) => stream.once('close', () => resolve()));

async function waitForEnd(child: MachineProcess): Promise<ProcessEnd> {
  const drained = Promise.all([streamEnd(child.stdout), streamEnd(child.stderr)]);
  const { code, signal } = await child.exited;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([drained, new Promise((resolve) => (timer = setTimeout(resolve, drainMs)))]);
  clearTimeout(timer);
  child.stdout.destroy();
  child.stderr.destroy();
  return signal === null ? { kind: 'exit', code: code ?? -1 } : { kind: 'signal', signal };
}

/** Hooks as processes of a machine: what the tools' runner needs of it. */
export function machineExecutionHost(machine: Machine): ExecutionHost {
  return {
    inspect: async (path) => {
      const file = machine.hostPath(path);
      const info = await stat(file).catch(() => undefined);
      if (info === undefined) return undefined;
      const head = info.isFile() ? await firstBytes(file) : '';
      return {
        isDirectory: info.isDirectory(),
        isExecutable: info.isFile() && (info.mode & 0o111) !== 0,
        format: head.startsWith('#!') ? 'script' : head === '\u007fELF' ? 'elf' : 'unknown',
      };
    },
    start: (request) => {
      const child = machine.spawn([request.command, ...request.args], {
        cwd: request.cwd,
        env: Object.fromEntries(
          request.environment.map((pair) => {
            const equals = pair.indexOf('=');
            return [pair.slice(0, equals), pair.slice(equals + 1)];
          }),
        ),
        stdin: request.stdin === undefined ? 'null' : 'pipe',
      });
      child.stdout.on('data', request.onStdout);
      child.stderr.on('data', request.onStderr);
      child.stdin?.on('error', () => undefined);
      if (request.stdin !== undefined) child.stdin?.end(request.stdin);
      return { ended: waitForEnd(child), kill: () => child.kill('SIGKILL') };
    },
    makeScript: async (text) => {
      // Below the juju directory in light mode, where the machine has no /tmp of its own.
      const parent = machine.jujuDir === '/var/lib/juju' ? '/tmp' : machine.jujuDir;
      const directory = await mkdtemp(join(machine.hostPath(parent), 'juju-exec'));
      await writeFile(join(directory, 'script.sh'), text, { mode: 0o700 });
      return {
        path: join(parent, basename(directory), 'script.sh'),
        remove: () => rm(directory, { recursive: true, force: true }),
      };
    },
  };
}
