import { UniterApiError } from './api-error';

/** A failure of a tool: `exitCode` 2 for arguments that were refused before it ran, 1 for one that ran and failed. */
export class ToolError extends Error {
  override readonly name = 'ToolError';

  constructor(
    readonly exitCode: 1 | 2,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function usageError(message: string): ToolError {
  return new ToolError(2, message);
}

export function runError(message: string, options?: { cause?: unknown }): ToolError {
  return new ToolError(1, message, options);
}

/** Thrown by a tool that reads stdin when the client has not sent it yet. */
export class StdinRequired extends Error {
  override readonly name = 'StdinRequired';
}

/** Says before a failure's own words what was being done: `what: why`. Other errors than the controller's pass as they are. */
export async function annotated<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UniterApiError)) throw error;
    throw runError(`${what}: ${error.message}`, { cause: error });
  }
}
