/** Time and waiting, so that nothing else calls Date or setTimeout. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never run backwards. */
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
}
