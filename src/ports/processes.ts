/** Result of a finished process. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs programs without a shell. Secrets never go into argv. */
export interface Processes {
  /** Throws `PROCESS_FAILED` on a non-zero exit unless `allowFailure`. */
  run(
    program: string,
    args: readonly string[],
    options?: {
      readonly cwd?: string;
      readonly input?: string;
      readonly timeoutMs?: number;
      readonly allowFailure?: boolean;
      readonly env?: Readonly<Record<string, string>>;
    },
  ): Promise<ProcessResult>;
}
