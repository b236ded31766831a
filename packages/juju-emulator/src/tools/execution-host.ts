import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a process ended. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  /** It never began; `code` is an errno name. */
  | { readonly kind: 'not started'; readonly code: string };

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment, as `NAME=value`. */
  readonly environment: readonly string[];
  /** Undefined: the null device. */
  readonly stdin?: string;
  readonly onStdout: (chunk: Uint8Array) => void;
  readonly onStderr: (chunk: Uint8Array) => void;
}

export interface RunningProcess {
  /** Resolves when the process ended and what it had written was handed over. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGKILL to the process and all it started. */
  kill(): void;
}

export interface ExecutableFile {
  readonly isDirectory: boolean;
  readonly isExecutable: boolean;
  /** What the kernel makes of its first bytes. */
  readonly format: 'script' | 'elf' | 'unknown';
}

/** Where a unit's hooks run: this host, or a machine of its own. Paths are those inside. */
export interface ExecutionHost {
  /** Symlinks followed; undefined when there is nothing. */
  inspect(path: string): Promise<ExecutableFile | undefined>;
  start(request: ProcessRequest): RunningProcess;
  /** A script in a directory of its own under /tmp, for juju-exec. */
  makeScript(text: string): Promise<{ readonly path: string; readonly remove: () => Promise<void> }>;
}

// A child left in the background may hold the pipe for ever; what was written before the hook ended is there by then.
const drainMilliseconds = 100;

function waitForEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ kind: 'not started', code: error.code ?? 'EIO' });
    });
    child.once('exit', (code, signal) => {
      const end: ProcessEnd = signal === null ? { kind: 'exit', code: code ?? -1 } : { kind: 'signal', signal };
      const finish = (): void => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(end);
      };
      const timer = setTimeout(finish, drainMilliseconds);
      child.once('close', finish);
    });
  });
}

async function readFormat(path: string): Promise<ExecutableFile['format']> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return 'unknown';
  try {
    const head = Buffer.alloc(4);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const start = head.subarray(0, bytesRead).toString('latin1');
    return start.startsWith('#!') ? 'script' : start === '\u007fELF' ? 'elf' : 'unknown';
  } finally {
    await file.close();
  }
}

/** Hooks as plain processes of this host (light mode, and the replay of recordings). */
export function localHost(): ExecutionHost {
  return {
    inspect: async (path) => {
      const info = await stat(path).catch(() => undefined);
      if (info === undefined) return undefined;
      return {
        isDirectory: info.isDirectory(),
        isExecutable: info.isFile() && (info.mode & 0o111) !== 0,
        format: info.isFile() ? await readFormat(path) : 'unknown',
      };
    },
    start: (request) => {
      const child = spawn(request.command, request.args, {
        cwd: request.cwd,
        env: Object.fromEntries(
          request.environment.map((pair) => {
            const equals = pair.indexOf('=');
            return [pair.slice(0, equals), pair.slice(equals + 1)];
          }),
        ),
        detached: true, // a process group of its own, so that kill reaches its children
        stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      child.stdout?.on('data', request.onStdout);
      child.stderr?.on('data', request.onStderr);
      child.stdin?.on('error', () => undefined);
      if (request.stdin !== undefined) child.stdin?.end(request.stdin);
      return {
        ended: waitForEnd(child),
        kill: () => {
          if (child.pid === undefined) return;
          try {
            process.kill(-child.pid, 'SIGKILL');
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
          }
        },
      };
    },
    makeScript: async (text) => {
      const directory = await mkdtemp(join(tmpdir(), 'juju-exec'));
      const path = join(directory, 'script.sh');
      await writeFile(path, text, { mode: 0o700 });
      return { path, remove: () => rm(directory, { recursive: true, force: true }) };
    },
  };
}
