import { execFile } from 'node:child_process';

/** A program that did not start, or exited with another status than 0. Its arguments hold no secrets. */
export class ProcessError extends Error {
  readonly code = 'process-failed';
  readonly retryable = true;

  constructor(
    readonly operation: string,
    readonly output: string,
    override readonly cause: unknown,
  ) {
    super(`${operation} failed: ${lastLines(output) || String(cause)}`);
    this.name = 'ProcessError';
  }
}

/** Runs a program to its end. */
export interface Processes {
  /**
   * Gives what it printed to stdout. Its stdin is empty.
   * @param env added to the environment of this process
   * @throws ProcessError
   */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
}

export const realProcesses: Processes = {
  run: (program, args, env = {}) =>
    new Promise((resolve, reject) => {
      const options = { env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 };
      const child = execFile(program, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new ProcessError([program, ...args].join(' '), `${stdout}\n${stderr}`, error));
      });
      child.stdin?.end();
    }),
};

const lastLines = (output: string): string => output.trim().split('\n').slice(-3).join(' ').trim();
