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
