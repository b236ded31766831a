import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { quote } from '../format/go-quote';
import { JujucRequestDecoder, type JujucRequest, JujucResponseEncoder } from '../wire/jujuc-protocol';
import { type ToolRequest, type ToolResult, UnknownTool } from './run-tool';

/** `refuse`: the tool does not run and the client gets no answer; `drop answer`: it runs, and the client gets none. */
export type CallVerdict = 'proceed' | 'refuse' | 'drop answer';

export interface ToolServerOptions {
  readonly socketPath: string;
  /** Calls that name another context are refused. */
  readonly contextId: string;
  /** Runs one tool; see runTool. */
  readonly run: (request: ToolRequest) => Promise<ToolResult | 'stdin required'>;
  /** Fault injection: called before the n-th call (from 1; a repeat with stdin is the same call) of this context. */
  readonly onCall?: (n: number, tool: string, args: readonly string[]) => CallVerdict | Promise<CallVerdict>;
  /** After each call, for traces. */
  readonly onResult?: (n: number, request: ToolRequest, result: ToolResult) => void;
}

const stdinRequired = 'hook tool requires stdin, none supplied';

/** Serves the hook tools of one execution on a unix socket, one tool at a time. */
export class ToolServer {
  private readonly connections = new Set<Socket>();
  private turn: Promise<void> = Promise.resolve();
  private calls = 0;

  private constructor(
    private readonly server: Server,
    private readonly options: ToolServerOptions,
  ) {}

  static async listen(options: ToolServerOptions): Promise<ToolServer> {
    await rm(options.socketPath, { force: true });
    const server = createServer();
    const toolServer = new ToolServer(server, options);
    server.on('connection', (socket) => toolServer.serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.socketPath, resolve);
    });
    // As Juju has its sockets: root's alone.
    await chmod(options.socketPath, 0o700);
    return toolServer;
  }

  /** How many tools were called so far. */
  get callCount(): number {
    return this.calls;
  }

  /** Ends all connections and removes the socket; waits for a tool that runs. */
  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await this.turn;
  }

  private serve(socket: Socket): void {
    this.connections.add(socket);
    const decoder = new JujucRequestDecoder();
    const encoder = new JujucResponseEncoder();
    socket.on('close', () => this.connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const request of decoder.push(chunk)) {
          this.turn = this.turn.then(() => this.answer(socket, encoder, request));
        }
      } catch {
        socket.destroy(); // no hook-tool client
      }
    });
  }

  private async answer(socket: Socket, encoder: JujucResponseEncoder, request: JujucRequest): Promise<void> {
    if (socket.destroyed) return; // killed before its turn came
    const { contextId, command, args, dir, stdin, sequence } = request;
    if (contextId !== this.options.contextId) {
      socket.write(encoder.encodeError(sequence, `bad request: wrong context ID; got ${quote(contextId)}`));
      return;
    }
    if (sequence === 0) this.calls++;
    const n = this.calls;
    const verdict = sequence === 0 ? ((await this.options.onCall?.(n, command, args)) ?? 'proceed') : 'proceed';
    if (verdict === 'refuse') {
      socket.destroy();
      return;
    }
    const toolRequest: ToolRequest = { tool: command, args, dir, stdin };
    let answer: Buffer;
    try {
      const result = await this.options.run(toolRequest);
      if (result === 'stdin required') answer = encoder.encodeError(sequence, stdinRequired);
      else {
        answer = encoder.encode(sequence, result);
        this.options.onResult?.(n, toolRequest, result);
      }
    } catch (error) {
      const text =
        error instanceof UnknownTool
          ? `bad request: unknown command: ${command}`
          : error instanceof Error
            ? error.message
            : String(error);
      answer = encoder.encodeError(sequence, text);
    }
    if (verdict === 'drop answer') socket.destroy();
    else socket.write(answer);
  }
}
