export interface HookToolOptions {
  /** What the tool reads from its standard input; without it the input is the null device. */
  readonly stdin?: string;
  /**
   * A private file for tools that read secrets only from a path: the runner writes the text to a file of mode 0600, appends
   * `--file PATH` to the arguments, and removes the file afterwards.
   */
  readonly privateFile?: string;
}

/** The one way to Juju's hook tools. Calls may run at the same time; Juju itself serves one after another. */
export interface HookToolRunner {
  /**
   * Runs a hook tool and gives back its standard output, unchanged.
   * @throws HookToolError where it cannot be started or exits with another status than 0.
   */
  run(tool: string, args: readonly string[], options?: HookToolOptions): Promise<string>;
}
