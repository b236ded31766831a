/** Time as the controller and its agents see it: a port, so that tests can speed it up. */
export interface Clock {
  now(): Date;
  /** Calls back once after so many milliseconds; the result cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The machine's own time. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that can be put forward: timers that fall due by that fire at once, in the order of their times. */
export class AdvanceableClock implements Clock {
  #offset = 0;
  readonly #pending = new Map<object, { readonly due: number; readonly fire: () => void }>();

  constructor(private readonly base: Clock = systemClock) {}

  now(): Date {
    return new Date(this.base.now().getTime() + this.#offset);
  }

  after(milliseconds: number, callback: () => void): () => void {
    const key = {};
    const cancelBase = this.base.after(milliseconds, () => fire());
    const cancel = (): void => {
      this.#pending.delete(key);
      cancelBase();
    };
    const fire = (): void => {
      cancel();
      callback();
    };
    this.#pending.set(key, { due: this.now().getTime() + milliseconds, fire });
    return cancel;
  }

  /** Puts the clock forward by so many milliseconds. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
    const now = this.now().getTime();
    const due = [...this.#pending.values()].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
    for (const { fire } of due) fire();
  }
}
