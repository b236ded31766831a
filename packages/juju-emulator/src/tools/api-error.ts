export type UniterApiErrorCode =
  'not-found' | 'forbidden' | 'not-leader' | 'not-provisioned' | 'invalid' | 'unavailable';

/** A refusal by the controller. `message` is what the charm sees after `ERROR `, so it keeps the controller's words. */
export class UniterApiError extends Error {
  override readonly name = 'UniterApiError';
  readonly retryable: boolean;

  constructor(
    readonly code: UniterApiErrorCode,
    readonly operation: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.retryable = code === 'unavailable';
  }
}
