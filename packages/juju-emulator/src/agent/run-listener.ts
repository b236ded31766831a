import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { ExecutionResult } from './execution';
import type { ExecCommand } from './executor';

const frame = (kind: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(kind, 0, 'latin1');
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
};

/** The agent's run.socket: takes commands of juju-exec (native/juju-exec.c has the protocol). */
export class RunListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(
    private readonly path: string,
    private readonly run: (command: ExecCommand) => Promise<ExecutionResult>,
  ) {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<void> {
    await rm(this.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
    });
    // As Juju has it: root's alone.
    await chmod(this.path, 0o700);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.path, { force: true });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let received = '';
    let asked = false;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
      const end = received.indexOf('\n');
      if (asked || end < 0) return;
      asked = true;
      void this.#answer(socket, received.slice(0, end));
    });
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    try {
      const request = JSON.parse(line) as { command: string; relation?: string; remoteUnit?: string };
      const relationId = request.relation === undefined ? undefined : Number(request.relation.split(':').at(-1));
      const { exec, error } = await this.run({
        command: request.command,
        ...(relationId === undefined ? {} : { relationId }),
        ...(request.remoteUnit === undefined ? {} : { remoteUnit: request.remoteUnit }),
      });
      const stderr = exec?.stderr ?? Buffer.from(`ERROR ${error}\n`);
      socket.end(
        Buffer.concat([
          frame('o', exec?.stdout ?? Buffer.alloc(0)),
          frame('e', stderr),
          frame('x', Buffer.from(String(exec?.code ?? 1))),
        ]),
      );
    } catch (error) {
      socket.end(
        Buffer.concat([frame('e', Buffer.from(`ERROR ${(error as Error).message}\n`)), frame('x', Buffer.from('1'))]),
      );
    }
  }
}
