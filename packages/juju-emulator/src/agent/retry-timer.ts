import type { Clock } from '../store/clock';
import type { Random } from '../store/random';

/** Back-off of failed hooks: Juju's is 5 s, doubling, at most 5 min, with jitter. */
export interface RetryPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

export const jujuRetryPolicy: RetryPolicy = { firstMs: 5_000, maxMs: 300_000 };

/** Fires once after each failure, later each time, until it is stopped. */
export class RetryTimer {
  #attempt = 0;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly random: Random,
    private readonly fire: () => void,
  ) {}

  get running(): boolean {
    return this.#cancel !== undefined;
  }

  start(): void {
    this.#cancel?.();
    const delay = Math.min(this.policy.firstMs * 2 ** this.#attempt, this.policy.maxMs);
    this.#attempt += 1;
    this.#cancel = this.clock.after(delay * (0.9 + 0.2 * this.random.fraction()), () => {
      this.#cancel = undefined;
      this.fire();
    });
  }

  /** Also takes the delay back to the first one. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#attempt = 0;
  }
}
