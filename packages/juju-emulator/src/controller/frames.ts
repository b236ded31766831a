import type { Socket } from 'node:net';

/** What a client asks: one JSON line. */
export interface Request {
  readonly method: string;
  readonly params: unknown;
}

/** What passes after the request, one JSON line each, both ways. */
export type Frame =
  | { readonly kind: 'stdout' | 'stderr' | 'stdin'; readonly data: string }
  | { readonly kind: 'stdin-end' }
  | { readonly kind: 'event'; readonly event: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly code: string; readonly operation: string; readonly message: string };

/** Sends one line. A peer that has gone is no error: its 'close' is heard elsewhere. */
export function sendLine(socket: Socket, line: Request | Frame): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(line)}\n`);
}

/** Calls back for every JSON line that arrives. */
export function readLines(socket: Socket, onLine: (line: unknown) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(JSON.parse(line));
  });
}
