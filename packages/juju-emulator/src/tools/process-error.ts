import type { ProcessEnd } from './execution-host';

const signalTexts: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGUSR1: 'user defined signal 1',
  SIGSEGV: 'segmentation fault',
  SIGUSR2: 'user defined signal 2',
  SIGPIPE: 'broken pipe',
  SIGALRM: 'alarm clock',
};
const startTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOEXEC: 'exec format error',
};

export interface ProcessFailure {
  readonly message: string;
  /** Killed from outside (SIGTERM, SIGKILL): the hook is run again, without an error. */
  readonly terminated: boolean;
  /** An action's `return-code`; undefined when the process never began. */
  readonly returnCode: number | undefined;
}

/** The agent's words for a process that did not end well; undefined when it did. */
export function describeFailure(end: ProcessEnd, path: string): ProcessFailure | undefined {
  if (end.kind === 'exit') {
    if (end.code === 0) return undefined;
    return { message: `exit status ${end.code}`, terminated: false, returnCode: end.code };
  }
  if (end.kind === 'not started') {
    const message = `fork/exec ${path}: ${startTexts[end.code] ?? end.code}`;
    return { message, terminated: false, returnCode: undefined };
  }
  const terminated = end.signal === 'SIGTERM' || end.signal === 'SIGKILL';
  const message = terminated ? 'terminated' : `signal: ${signalTexts[end.signal] ?? end.signal}`;
  return { message, terminated, returnCode: -1 };
}
