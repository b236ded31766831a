import type { Option } from '../format/option-parser';
import type { HookContext } from './hook-context';

/** What a tool has of its call, once its arguments are accepted. */
export interface ToolIo {
  /** The caller's directory, inside the machine. */
  readonly dir: string;
  /** @throws StdinRequired when the client has not sent it. */
  readonly readStdin: () => Uint8Array;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** One call of a tool: declares options, takes the arguments left over, then runs. */
export interface ToolCall {
  readonly options: readonly Option[];
  /** Checks the positional arguments. @throws ToolError with exit code 2. */
  init(args: readonly string[]): void | Promise<void>;
  /** @throws ToolError (exit 1 as a rule), UniterApiError, StdinRequired. */
  run(io: ToolIo): Promise<void>;
}

export interface Tool {
  readonly name: string;
  /** A line for --help. */
  readonly purpose: string;
  /** `<key>=<value> [...]` */
  readonly usage: string;
  start(context: HookContext): ToolCall;
}
