import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Frame, Request } from './frames';
import { readLines, sendLine } from './frames';

/** What a method gets beside its parameters: the line back to the client. */
export interface Call {
  send(frame: Frame): void;
  /** Aborts when the client has gone. */
  readonly closed: AbortSignal;
  onStdin(data: (chunk: Buffer) => void, end: () => void): void;
}

export type Method = (params: never, call: Call) => unknown;

/** Serves methods on a unix socket, one call a connection. Only the owner of the socket may connect. */
export class ApiServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(
    private readonly path: string,
    private readonly methods: Readonly<Record<string, Method>>,
  ) {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<void> {
    rmSync(this.path, { force: true });
    const before = process.umask(0o077);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(this.path, resolve);
      });
    } finally {
      process.umask(before);
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.path, { force: true });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const gone = new AbortController();
    let started = false;
    let onData: (chunk: Buffer) => void = () => undefined;
    let onEnd: () => void = () => undefined;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    const call: Call = {
      send: (frame) => sendLine(socket, frame),
      closed: gone.signal,
      onStdin: (data, end) => {
        onData = data;
        onEnd = end;
      },
    };
    readLines(socket, (line) => {
      if (!started) {
        started = true;
        void this.#answer(line as Request, call, socket);
        return;
      }
      const frame = line as Frame;
      if (frame.kind === 'stdin') onData(Buffer.from(frame.data, 'base64'));
      if (frame.kind === 'stdin-end') onEnd();
    });
  }

  async #answer(request: Request, call: Call, socket: Socket): Promise<void> {
    try {
      const method = this.methods[request.method];
      if (method === undefined)
        throw new Error(`the controller has no method ${request.method}: it may be of another version`);
      const result = await method(request.params as never, call);
      sendLine(socket, { kind: 'result', result: result ?? null });
    } catch (error) {
      const { code, operation, message } = error as { code?: string; operation?: string; message: string };
      sendLine(socket, { kind: 'error', code: code ?? 'internal', operation: operation ?? request.method, message });
    }
  }
}
