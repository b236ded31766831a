/** What went wrong with a machine; `code` is stable, `message` says what to do. */
export type MachineErrorCode =
  | 'not-root'
  | 'not-linux'
  | 'tool-missing'
  | 'image'
  | 'network'
  | 'command-failed'
  | 'boot'
  | 'in-use'
  | 'not-running'
  | 'no-address'
  | 'unsupported';

/** Failure of making, booting or using a machine. `retryable`: the same call may succeed later. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
  constructor(
    readonly code: MachineErrorCode,
    readonly operation: string,
    message: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable ?? false;
  }
  readonly retryable: boolean;
}
