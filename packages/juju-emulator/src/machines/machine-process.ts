import { spawn, execFileSync, type StdioOptions } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineProcess, ProcessExit } from './machine';

/** The two ends of a pipe: ours is a stream, the child's a file descriptor to pass on and then close. */
interface Pipe {
  readonly stream: Socket;
  readonly childFd: number;
}

/**
 * Named pipes, made a batch at a time. Node gives children socket pairs, on which `> /dev/stderr` of a shell script fails;
 * a real agent gives them pipes.
 */
class PipeMaker {
  private readonly spare: string[] = [];

  /** What the process writes and we read. */
  output(): Pipe {
    const path = this.take();
    const ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const childFd = openSync(path, constants.O_WRONLY);
    rmSync(path);
    return { stream: new Socket({ fd: ours, readable: true, writable: false }), childFd };
  }

  /** What we write and the process reads. */
  input(): Pipe {
    const path = this.take();
    const opener = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // else the next line would wait for a reader
    const ours = openSync(path, constants.O_WRONLY);
    const childFd = openSync(path, constants.O_RDONLY);
    closeSync(opener);
    rmSync(path);
    return { stream: new Socket({ fd: ours, readable: false, writable: true }), childFd };
  }

  private take(): string {
    const next = this.spare.pop();
    if (next !== undefined) return next;
    const directory = mkdtempSync(join(tmpdir(), 'juju-emulator-pipes-'));
    this.spare.push(...Array.from({ length: 32 }, (_, index) => join(directory, String(index))));
    execFileSync('mkfifo', ['--mode=600', ...this.spare]);
    process.once('exit', () => {
      for (const path of this.spare) rmSync(path, { force: true });
      try {
        rmdirSync(directory);
      } catch {
        // removed already
      }
    });
    return this.take();
  }
}

const pipes = new PipeMaker();

/**
 * Starts `argv` in a process group of its own with exactly `env`; its output goes to real pipes.
 * A program that cannot be started ends with status 127 and the reason on stderr, as a shell has it.
 */
export function startProcess(
  argv: readonly string[],
  options: { env: Readonly<Record<string, string>>; cwd: string; stdin: 'pipe' | 'null' },
): MachineProcess {
  const [file = '', ...args] = argv;
  const stdin = options.stdin === 'pipe' ? pipes.input() : null;
  const stdout = pipes.output();
  const stderr = pipes.output();
  const stdio: StdioOptions = [stdin?.childFd ?? 'ignore', stdout.childFd, stderr.childFd];
  const child = spawn(file, args, { env: options.env, cwd: options.cwd, stdio, detached: true });
  const exited = new Promise<ProcessExit>((resolve) => {
    child.on('error', () => resolve({ code: 127, signal: null }));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  if (child.pid === undefined) writeSync(stderr.childFd, `${file}: cannot be started in ${options.cwd}\n`);
  for (const pipe of [stdin, stdout, stderr]) if (pipe) closeSync(pipe.childFd);
  stdin?.stream.on('error', () => undefined); // the process may end before it has read its input
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: stdin?.stream ?? null,
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

/** The command by which `argv` gets a terminal. */
export function withTerminal(argv: readonly string[]): string[] {
  const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return ['/usr/bin/script', '-qec', quoted, '/dev/null'];
}
