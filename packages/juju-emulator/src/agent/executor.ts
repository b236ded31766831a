import type { ContextSubject } from '../tools';
import type { ExecutionResult } from './execution';

/** Effects on the machine that an agent needs. */
export interface Executor {
  deployCharm(charmUrl: string): Promise<void>;
  run(subject: ContextSubject, command?: string): Promise<ExecutionResult>;
  /** Kills what runs. */
  kill(): void;
  listen(onCommand: (command: ExecCommand) => Promise<ExecutionResult>): Promise<void>;
  close(): Promise<void>;
}

/** A juju-exec on the machine. */
export interface ExecCommand {
  readonly command: string;
  readonly relationId?: number;
  readonly remoteUnit?: string;
}
