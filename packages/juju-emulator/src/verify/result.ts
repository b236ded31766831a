/** Where one recorded line and the emulator differ. */
export interface Difference {
  /** Id of the recording (or its line number). */
  readonly id: string;
  /** What differs, e.g. `step 2 hooks`. */
  readonly where: string;
  readonly expected: string;
  readonly actual: string;
}

/** Result of replaying one file of recordings. A line with any difference is not matched. */
export interface VerifyResult {
  readonly matched: number;
  readonly total: number;
  readonly differences: readonly Difference[];
}
