import { spawn, execFileSync, type StdioOptions } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineProcess, ProcessExit } from './machine';

/** Pipes made at a time: making one costs about as much as making all. */
const batch = 128;

/** The two ends of a pipe: ours is a stream, the child's a file descriptor to pass on and then close. */
interface Pipe {
  readonly stream: Socket;
  readonly childFd: number;
}

/**
 * Named pipes for output, made a batch at a time. Node gives children socket pairs, on which `> /dev/stderr` of a shell
 * script fails; a real agent gives them pipes. (Standard input stays a socket pair, as under sshd.)
 */
class PipeMaker {
  /** Open for both ends and without a name any more, so that even a killed process leaves nothing behind. */
  private readonly spare: number[] = [];

  /** What the process writes and we read. */
  output(): Pipe {
    const both = this.take();
    const ours = openSync(`/proc/self/fd/${both}`, constants.O_RDONLY | constants.O_NONBLOCK);
    const childFd = openSync(`/proc/self/fd/${both}`, constants.O_WRONLY);
    closeSync(both);
    return { stream: new Socket({ fd: ours, readable: true, writable: false }), childFd };
  }

  private take(): number {
    const next = this.spare.pop();
    if (next !== undefined) return next;
    const directory = mkdtempSync(join(tmpdir(), 'juju-emulator-pipes-'));
    try {
      const names = Array.from({ length: batch }, (_, index) => join(directory, String(index)));
      execFileSync('mkfifo', ['--mode=600', ...names]);
      this.spare.push(...names.map((name) => openSync(name, constants.O_RDWR)));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    return this.take();
  }
}

const pipes = new PipeMaker();

/**
 * Starts `argv` in a process group of its own with exactly `env`; its output goes to real pipes.
 * `wrapper`: the process only waits for its child, as nsenter does.
 * A program that cannot be started ends with status 127 and the reason on stderr, as a shell has it.
 */
export function startProcess(
  argv: readonly string[],
  options: { env: Readonly<Record<string, string>>; cwd: string; stdin: 'pipe' | 'null'; wrapper?: boolean },
): MachineProcess {
  const [file = '', ...args] = argv;
  const stdout = pipes.output();
  const stderr = pipes.output();
  const stdio: StdioOptions = [options.stdin === 'pipe' ? 'pipe' : 'ignore', stdout.childFd, stderr.childFd];
  const child = spawn(file, args, { env: options.env, cwd: options.cwd, stdio, detached: true });
  const exited = new Promise<ProcessExit>((resolve) => {
    child.on('error', () => resolve({ code: 127, signal: null }));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  if (child.pid === undefined) writeSync(stderr.childFd, `${file}: cannot be started in ${options.cwd}\n`);
  closeSync(stdout.childFd);
  closeSync(stderr.childFd);
  child.stdin?.on('error', () => undefined); // the process may end before it has read its input
  if (options.wrapper && child.pid !== undefined) keepReaping(child.pid, exited);
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: child.stdin,
    exited,
    kill(signal) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      if (options.wrapper) killInside(child.pid, signal, exited);
      else killGroup(child.pid, signal);
    },
  };
}

function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // gone already
  }
}

/**
 * Signals what the wrapper has started, not the wrapper: it ends with its child, in the same way. Were it killed first, its
 * child would become one of the host's init, and the machine could not see it off.
 */
function killInside(wrapper: number, signal: NodeJS.Signals, exited: Promise<unknown>): void {
  const inside = livingOfGroup(wrapper).filter((pid) => pid !== wrapper);
  if (inside.length === 0) return killGroup(wrapper, signal); // it has not started anything yet
  const signalAll = (pids: readonly number[]): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // gone meanwhile
      }
    }
  };
  signalAll(inside);
  if (signal !== 'SIGKILL') return;
  // What was forked between the look and the signal.
  const timer = setInterval(() => signalAll(livingOfGroup(wrapper).filter((pid) => pid !== wrapper)), 10);
  void exited.then(() => clearInterval(timer));
}

/** Processes of a group that are not dead. Field 5 of stat is the group. */
function livingOfGroup(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return processGroup === String(group) && state !== 'Z';
      } catch {
        return false; // gone meanwhile
      }
    })
    .map(Number);
}

/**
 * nsenter stops itself when its child is stopped. A machine that shuts down stops, then kills and then continues what runs
 * on it, and would wait 90 s for the dead child of an nsenter that nobody on the machine can continue: we do.
 */
function keepReaping(pid: number, exited: Promise<unknown>): void {
  const timer = setInterval(() => {
    try {
      if (stateOf(pid) !== 'T') return;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
      if (children.every((child) => stateOf(Number(child)) === 'Z')) process.kill(pid, 'SIGCONT');
    } catch {
      // gone meanwhile
    }
  }, 100);
  timer.unref();
  void exited.then(() => clearInterval(timer));
}

/** One letter, as in proc(5): `T` stopped, `Z` dead and not yet waited for. */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

/** The command by which `argv` gets a terminal. */
export function withTerminal(argv: readonly string[]): string[] {
  const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return ['/usr/bin/script', '-qec', quoted, '/dev/null'];
}
