import type { HookSession } from './hook-session';
import type { ToolArguments } from './tool-arguments';

export interface KitCall {
  readonly session: HookSession;
  readonly args: ToolArguments;
  readonly stdin: string | undefined;
  readonly privateFile: string | undefined;
}

/** Output of a tool in the kit: text as is, undefined for nothing, anything else as JSON. */
export class PlainText {
  constructor(readonly text: string) {}
}

/** Hook tools on a session: each gives what the real one prints with `--format=json`. */
export type KitTools = Readonly<Record<string, (call: KitCall) => unknown>>;
