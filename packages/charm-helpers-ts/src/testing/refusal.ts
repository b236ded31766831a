/** A tool's refusal inside the kit, before it becomes a HookToolError. */
export class ToolRefusal extends Error {
  constructor(
    readonly exitCode: 1 | 2,
    message: string,
  ) {
    super(message);
    this.name = 'ToolRefusal';
  }
}

/** Ends the tool as Juju does: `ERROR text` on stderr and that exit status. */
export function refuse(exitCode: 1 | 2, message: string): never {
  throw new ToolRefusal(exitCode, message);
}
