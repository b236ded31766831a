import { connect } from 'node:net';
import type { Frame } from './frames';
import { readLines, sendLine } from './frames';

/** An error that the controller answered; `message` is for the operator. */
export class ControllerError extends Error {
  readonly retryable: boolean;
  constructor(
    readonly code: string,
    readonly operation: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ControllerError';
    this.retryable = code === 'unreachable';
  }
}

export interface CallHandlers {
  readonly onStdout?: (data: Buffer) => void;
  readonly onStderr?: (data: Buffer) => void;
  readonly onEvent?: (event: unknown) => void;
  /** Sent on to a process that the call starts. */
  readonly stdin?: NodeJS.ReadableStream;
}

/** One call over the controller's unix socket; resolves with its result. */
export function callController<T>(
  socketPath: string,
  method: string,
  params: unknown,
  handlers: CallHandlers = {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const socket = connect(socketPath);
    const fail = (cause: unknown): void =>
      reject(
        new ControllerError(
          'unreachable',
          method,
          `no controller answers at ${socketPath}: it has ended. \`juju-emulator clean\` removes what it left, \`juju add-model NAME\` starts a new one`,
          { cause },
        ),
      );
    socket.on('error', fail);
    socket.on('close', () => fail(undefined));
    socket.on('connect', () => {
      sendLine(socket, { method, params });
      const { stdin } = handlers;
      if (stdin !== undefined) {
        stdin.on('data', (data: Buffer) =>
          sendLine(socket, { kind: 'stdin', data: Buffer.from(data).toString('base64') }),
        );
        stdin.on('end', () => sendLine(socket, { kind: 'stdin-end' }));
      }
    });
    readLines(socket, (line) => {
      const frame = line as Frame;
      switch (frame.kind) {
        case 'stdout':
          handlers.onStdout?.(Buffer.from(frame.data, 'base64'));
          return;
        case 'stderr':
          handlers.onStderr?.(Buffer.from(frame.data, 'base64'));
          return;
        case 'event':
          handlers.onEvent?.(frame.event);
          return;
        case 'result':
          resolve(frame.result as T);
          socket.destroy();
          return;
        case 'error':
          reject(new ControllerError(frame.code, frame.operation, frame.message));
          socket.destroy();
          return;
        case 'stdin':
        case 'stdin-end':
      }
    });
  });
}
