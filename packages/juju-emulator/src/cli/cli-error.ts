/** Ends the command with `ERROR message` (nothing when the message is empty) and the exit code. */
export class CliError extends Error {
  readonly retryable = false;
  constructor(
    message: string,
    readonly exitCode = 1,
    readonly code = 'cli',
    readonly operation = 'run the command',
  ) {
    super(message);
    this.name = 'CliError';
  }
}
