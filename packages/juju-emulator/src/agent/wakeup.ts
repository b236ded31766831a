/** A latch: signals are not counted, and one that comes while nobody waits is not lost. */
export class Wakeup {
  #pending = false;
  #resolve: (() => void) | undefined;

  get pending(): boolean {
    return this.#pending;
  }

  signal(): void {
    this.#pending = true;
    this.#resolve?.();
    this.#resolve = undefined;
  }

  clear(): void {
    this.#pending = false;
  }

  /** Resolves at the next signal, at once if one is pending. */
  next(): Promise<void> {
    if (this.#pending) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
