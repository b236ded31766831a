import { spawn } from 'node:child_process';
import { MachineError } from './machine-error';

/** Administration commands need the sbin directories, which a user's PATH may lack. */
const hostPathVariable = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Proxy settings are all that host commands (the image build) may take from our environment. */
export function hostEnvironment(): Record<string, string> {
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|no|ftp)_proxy$/i.test(name));
  return { PATH: hostPathVariable, LC_ALL: 'C.UTF-8', ...(Object.fromEntries(proxies) as Record<string, string>) };
}

export interface HostCommandOptions {
  readonly input?: string;
  /** Resolve with the output even if the exit status is not 0. */
  readonly tolerant?: boolean;
  readonly onLine?: (line: string) => void;
  /** Kills the command then; with `tolerant` what it wrote so far is the result. */
  readonly timeoutMs?: number;
}

/**
 * Runs a command on the host and gives its standard output.
 * @throws MachineError `tool-missing` or `command-failed` (with what it wrote to stderr).
 */
export function hostCommand(
  operation: string,
  argv: readonly string[],
  options: HostCommandOptions = {},
): Promise<string> {
  const [file, ...args] = argv;
  if (file === undefined) throw new MachineError('command-failed', operation, 'no command given');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: hostEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (options.onLine) text.split('\n').filter(Boolean).forEach(options.onLine);
    });
    child.stdin.on('error', () => undefined); // the command may not read its input
    child.stdin.end(options.input ?? '');
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT';
      reject(
        new MachineError(
          missing ? 'tool-missing' : 'command-failed',
          operation,
          missing ? `${file} is not installed; run script/setup` : `${file}: ${cause.message}`,
          { cause },
        ),
      );
    });
    child.on('close', (code, signal) => {
      if (code === 0 || options.tolerant) resolve(stdout);
      else {
        const words = stderr.trim().split('\n').slice(-8).join('\n');
        reject(
          new MachineError('command-failed', operation, `${argv.join(' ')} ended with ${code ?? signal}: ${words}`, {
            retryable: true,
          }),
        );
      }
    });
  });
}
