import type { RemoteCommand } from '../uniter';
import type { ExecutionResult } from './execution';
import type { ExecCommand } from './executor';

/** A juju-exec that waits for its turn in an agent process. */
export interface WaitingCommand {
  readonly command: ExecCommand;
  readonly done: (result: ExecutionResult) => void;
}

/** Commands given to an agent process; they are lost with it. */
export class CommandQueue {
  readonly #waiting = new Map<string, WaitingCommand>();
  #next = 0;

  /** Resolves when the command has run. */
  add(command: ExecCommand): Promise<ExecutionResult> {
    return new Promise((resolve) => {
      this.#waiting.set(String(this.#next), { command, done: resolve });
      this.#next += 1;
    });
  }

  /** What the uniter is shown of them. */
  pending(): RemoteCommand[] {
    return [...this.#waiting].map(([id, { command }]) => ({ id, command: command.command }));
  }

  get(id: string): WaitingCommand | undefined {
    return this.#waiting.get(id);
  }

  delete(id: string): void {
    this.#waiting.delete(id);
  }

  /** The agent ends: whoever waits is told. */
  abandon(): void {
    for (const { done } of this.#waiting.values())
      done({ outcome: 'terminated', error: 'the agent has ended', statusSet: false });
    this.#waiting.clear();
  }
}
