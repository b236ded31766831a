import { CharmError } from '../domain/errors';
import type { ProcessResult, Processes } from './processes';

type RunOptions = NonNullable<Parameters<Processes['run']>[2]>;

const defaultTimeoutMs = 60_000;

function failed(
  program: string,
  args: readonly string[],
  why: string,
  retryable: boolean,
  cause?: unknown,
): CharmError {
  return new CharmError({
    code: 'PROCESS_FAILED',
    operation: program,
    message: `${[program, ...args].join(' ')}: ${why}`,
    cause,
    retryable,
  });
}

/** Programs through execa, loaded at the first one: an update-status of a healthy unit starts none. */
export class ExecaProcesses implements Processes {
  async run(program: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    const { execa } = await import('execa');
    const timeout = options.timeoutMs ?? defaultTimeoutMs;
    const result = await execa(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
      // Messages are read by this charm: not in the machine's language.
      env: { LC_ALL: 'C', ...options.env },
      timeout,
      killSignal: 'SIGKILL',
      reject: false,
      stripFinalNewline: false,
    });
    if (result.timedOut) throw failed(program, args, `did not finish within ${timeout / 1000} s`, true);
    if (result.exitCode === undefined) {
      const missing = result.code === 'ENOENT';
      const why = missing
        ? 'is not installed on this machine'
        : (result.originalMessage ?? `killed by ${result.signal}`);
      throw failed(program, args, why, !missing, result.cause);
    }
    const { exitCode, stdout, stderr } = result;
    if (exitCode !== 0 && options.allowFailure !== true) {
      const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
      throw failed(program, args, `exit status ${exitCode}${said === '' ? '' : `: ${said}`}`, true);
    }
    return { exitCode, stdout, stderr };
  }
}
