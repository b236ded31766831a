import { spawn } from 'node:child_process';
import type { MachineProcess, ProcessExit } from './machine';

/**
 * Starts `argv` in a process group of its own with exactly `env`.
 * A program that cannot be started ends with status 127 and the reason on stderr, as a shell has it.
 */
export function startProcess(
  argv: readonly string[],
  options: { env: Readonly<Record<string, string>>; cwd?: string; stdin: 'pipe' | 'null' },
): MachineProcess {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: [options.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stdout = child.stdout;
  const stderr = child.stderr;
  if (stdout === null || stderr === null) throw new Error('spawn gave no pipes');
  child.stdin?.on('error', () => undefined); // the process may end before it has read its input
  const exited = new Promise<ProcessExit>((resolve) => {
    child.on('error', (cause) => {
      stderr.push(`${file}: ${cause.message}\n`);
      resolve({ code: 127, signal: null });
    });
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    stdout,
    stderr,
    stdin: child.stdin,
    exited,
    kill(signal) {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // the group is gone already
      }
    },
  };
}
