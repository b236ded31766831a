/** Stable names of what can go wrong with a hook tool. */
export type HookToolErrorCode =
  /** The program is not there: not run by the Juju agent, or this Juju has no such tool. */
  | 'tool-missing'
  /** This Juju knows no such tool (`leader-get` in 4.x). */
  | 'unknown-tool'
  /** Exit status 2: Juju refused the arguments, or what they name does not exist. */
  | 'bad-arguments'
  /** Only the leader may do this. */
  | 'not-leader'
  | 'permission-denied'
  /** Exit status 1 for another reason; stderr tells it. */
  | 'tool-failed'
  /** The tool was killed by a signal. */
  | 'tool-killed'
  /** The program could not be started for lack of memory, processes or files. */
  | 'cannot-start'
  /** The tool's output is not what this Juju's documentation says. */
  | 'unexpected-output';

export interface HookToolFailure {
  readonly tool: string;
  readonly args: readonly string[];
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly code: HookToolErrorCode;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** A hook tool failed. Its text carries the tool, its arguments without values, and Juju's own words. */
export class HookToolError extends Error {
  readonly tool: string;
  /** Arguments with the values of `key=value` cut out. */
  readonly args: readonly string[];
  /** Null where the tool did not exit by itself. */
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly code: HookToolErrorCode;
  readonly operation: string;
  /** True where the same call may succeed in a later hook without anybody doing anything. */
  readonly retryable: boolean;

  constructor(failure: HookToolFailure) {
    const args = redactArguments(failure.tool, failure.args);
    const why = failure.stderr.trim().replace(/^ERROR /, '') || wordsFor(failure);
    super(`${[failure.tool, ...args].join(' ')}: ${why}`, { cause: failure.cause });
    this.name = 'HookToolError';
    this.tool = failure.tool;
    this.args = args;
    this.exitCode = failure.exitCode;
    this.stderr = failure.stderr;
    this.code = failure.code;
    this.operation = failure.tool;
    this.retryable = failure.retryable ?? false;
  }
}

/** Told by its name and not by `instanceof`, so that two copies of this package in one bundle agree. */
export const isHookToolError = (error: unknown): error is HookToolError =>
  error instanceof Error && error.name === 'HookToolError';

function wordsFor(failure: HookToolFailure): string {
  return failure.exitCode === null ? failure.code : `exit status ${failure.exitCode}`;
}

/** Tools whose `key=value` arguments are data of the charm, which may be secret. */
const carriesValues = /^(?:relation-set|state-set|leader-set|action-set|secret-add|secret-set)$/;

/** Arguments fit for a log: `key=value` loses its value where the tool takes data. */
export function redactArguments(tool: string, args: readonly string[]): readonly string[] {
  if (!carriesValues.test(tool)) return args;
  return args.map((arg) => (arg.startsWith('-') ? arg : arg.replace(/=[^]*$/, '=<redacted>')));
}

/** The code of a failed tool from its exit status and stderr: the words are those of Juju 2.9 to 4.x. */
export function classifyFailure(
  exitCode: number | null,
  stderr: string,
): { code: HookToolErrorCode; retryable: boolean } {
  if (exitCode === null) return { code: 'tool-killed', retryable: true };
  if (/unknown command: /.test(stderr)) return { code: 'unknown-tool', retryable: false };
  if (/is not the leader|cannot write (?:relation|leadership) settings|minion may not/.test(stderr)) {
    return { code: 'not-leader', retryable: false };
  }
  if (/permission denied|is not allowed to read/.test(stderr)) return { code: 'permission-denied', retryable: false };
  if (exitCode === 2) return { code: 'bad-arguments', retryable: false };
  const passing =
    /leadership status unknown|could not download resource|connection (?:refused|reset)|i\/o timeout|try again/;
  return { code: 'tool-failed', retryable: passing.test(stderr) };
}
