import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { Pieces } from './pieces';

/** A call of a hook tool. */
export interface ToolCall {
  readonly tool: string;
  readonly args: readonly string[];
}

/** How a hook tool ended. */
export interface ToolExit {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What came of a call: how it ended, or that the shell could not start the tool, or that the shell ended before it told. */
export type ToolOutcome = ToolExit | 'not-started' | 'lost';

/** Prints what a call prints, then a NUL, its exit status and a NUL; behind its words on stderr a NUL. */
const callFunction = String.raw`r() { "$@" </dev/null; s=$?; printf '\0%s\0' "$s"; printf '\0' >&2; }`;

/** A word as a shell takes it, whatever is in it. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/**
 * A shell that makes calls one after another: starting a process costs a shell less than half of what it costs Node. It reads them from its
 * standard input, ends when this process does, and does not keep it from ending.
 */
export class ToolShell {
  private readonly shell: ChildProcess;
  private readonly asking: ((outcome: ToolOutcome) => void)[] = [];
  private readonly outputs = new Pieces();
  private readonly words = new Pieces();
  private ended = false;

  constructor(env: NodeJS.ProcessEnv) {
    this.shell = spawn('/bin/sh', ['-s'], { env, stdio: 'pipe' });
    const { stdin, stdout, stderr } = this.shell;
    // That it is gone is told by `close`.
    stdin?.on('error', () => undefined);
    stdout?.on('data', (chunk: Buffer) => this.read(this.outputs, chunk));
    stderr?.on('data', (chunk: Buffer) => this.read(this.words, chunk));
    this.shell.on('error', () => this.end('not-started'));
    this.shell.on('close', () => this.end('lost'));
    stdin?.write(`${callFunction}\n`);
    this.hold(false);
  }

  /** How many calls have not ended; null when it takes none any more. */
  get busy(): number | null {
    return this.ended ? null : this.asking.length;
  }

  call({ tool, args }: ToolCall): Promise<ToolOutcome> {
    if (this.ended) return Promise.resolve('not-started');
    return new Promise((resolve) => {
      if (this.asking.push(resolve) === 1) this.hold(true);
      this.shell.stdin?.write(`r ${[tool, ...args].map(quoted).join(' ')}\n`);
    });
  }

  private read(pieces: Pieces, chunk: Buffer): void {
    pieces.push(chunk);
    while (this.outputs.complete >= 2 && this.words.complete >= 1) {
      const [stdout, status, stderr] = [this.outputs.shift(), this.outputs.shift(), this.words.shift()];
      const outcome = outcomeOf(status, stdout, stderr);
      const answer = this.asking.shift();
      if (answer === undefined || outcome === null) {
        // A tool that printed a NUL: nobody can tell which answer is whose.
        if (answer !== undefined) this.asking.unshift(answer);
        this.shell.kill('SIGKILL');
        return this.end('lost');
      }
      if (this.asking.length === 0) this.hold(false);
      answer(outcome);
    }
  }

  private end(outcome: ToolOutcome): void {
    this.ended = true;
    for (const answer of this.asking.splice(0)) answer(outcome);
  }

  /** Whether this process has to wait for the shell. */
  private hold(on: boolean): void {
    const { stdin, stdout, stderr } = this.shell;
    for (const each of [this.shell, stdin as Socket | null, stdout as Socket | null, stderr as Socket | null]) {
      if (on) each?.ref();
      else each?.unref();
    }
  }
}

/** Exit statuses as a shell tells them (POSIX, Exit Status for Commands): 126 and 127 not started, from 129 on a signal; null if none. */
function outcomeOf(status: string, stdout: string, stderr: string): ToolOutcome | null {
  if (!/^\d+$/.test(status)) return null;
  const code = Number(status);
  if (code === 126 || code === 127) return 'not-started';
  return { exitCode: code > 128 ? null : code, stdout, stderr };
}
