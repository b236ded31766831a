/** Why the model refused a change. `message` is what Juju's client prints after `ERROR `. */
export type ModelErrorCode = 'not-found' | 'already-exists' | 'not-valid' | 'not-leader' | 'quota' | 'refused';

/** A change of the model that was refused; nothing of it has happened. */
export class ModelError extends Error {
  readonly retryable = false;
  constructor(
    readonly code: ModelErrorCode,
    readonly operation: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ModelError';
  }
}
