/** One line of cli.jsonl: a client command on a model whose controller answered `input`. Format: TRACES.md of the recordings, "CLI records". */
export interface ClientRecording {
  readonly id: string;
  /** As an operator typed it: `juju status --format json`. */
  readonly command: string;
  /** The controller's answer in Go's JSON; `server error: TEXT` or `task error: TEXT` where it refused; null where the client asked nothing. */
  readonly input: unknown;
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/** The words of a command line, quotes taken off. */
export const commandWords = (command: string): string[] =>
  (command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
