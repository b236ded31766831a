/** The model did not come to rest as asked. */
export class SettleError extends Error {
  readonly operation = 'settle';
  readonly retryable = true;
  constructor(
    readonly code: 'timeout' | 'hook-error' | 'aborted',
    message: string,
  ) {
    super(message);
    this.name = 'SettleError';
  }
}
