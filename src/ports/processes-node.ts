import { spawn } from 'node:child_process';
import { CharmError } from '../domain/errors';
import type { ProcessResult, Processes } from './processes';

type RunOptions = NonNullable<Parameters<Processes['run']>[2]>;

const defaultTimeoutMs = 60_000;

function failed(program: string, args: readonly string[], why: string, cause: unknown, retryable: boolean): CharmError {
  return new CharmError({
    code: 'PROCESS_FAILED',
    operation: program,
    message: `${[program, ...args].join(' ')}: ${why}`,
    cause,
    retryable,
  });
}

/**
 * Programs through node:child_process. Not execa: loading it costs every hook 14 ms and each process 6 ms more
 * (docs/decisions/0005), and this port needs none of its features.
 */
export class NodeProcesses implements Processes {
  async run(program: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    const result = await this.finish(program, args, options);
    if (result.exitCode !== 0 && options.allowFailure !== true) {
      const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
      throw failed(program, args, `exit status ${result.exitCode}${said === '' ? '' : `: ${said}`}`, undefined, true);
    }
    return result;
  }

  private finish(program: string, args: readonly string[], options: RunOptions): Promise<ProcessResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: options.cwd,
        env: { ...process.env, LC_ALL: 'C', ...options.env },
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
      let expired = false;
      const timer = setTimeout(() => {
        expired = true;
        child.kill('SIGKILL');
      }, timeoutMs);
      const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
      child.stdout?.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
      child.stderr?.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
      child.on('error', (cause: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        const why = cause.code === 'ENOENT' ? 'is not installed on this machine' : cause.message;
        reject(failed(program, args, why, cause, cause.code !== 'ENOENT'));
      });
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (expired)
          return reject(failed(program, args, `did not finish within ${timeoutMs / 1000} s`, undefined, true));
        resolve({
          exitCode: code ?? 128,
          stdout: Buffer.concat(chunks.stdout).toString('utf8'),
          stderr: Buffer.concat(chunks.stderr).toString('utf8') + (signal === null ? '' : `killed by ${signal}`),
        });
      });
      if (options.input !== undefined) {
        // A program that does not read its input must not fail the hook by a broken pipe.
        child.stdin?.on('error', () => undefined);
        child.stdin?.end(options.input);
      }
    });
  }
}
