import type { Clock } from '../store/clock';
import type { Random } from '../store/random';

/** Juju's update-status timer of an agent process: the model's interval give or take 20 %, again and again. */
export class UpdateStatusTimer {
  #cancel: (() => void) | undefined;
  /** The interval that the timer was started with, seconds. */
  #armed: number | undefined;

  constructor(
    /** Seconds between ticks as the model says now; 0 = never. */
    private readonly interval: () => number,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly fire: () => void,
  ) {}

  /** Starts anew when the model's interval has changed. */
  review(): void {
    if (this.interval() !== this.#armed) this.start();
  }

  start(): void {
    this.stop();
    const seconds = this.interval();
    this.#armed = seconds;
    if (seconds <= 0) return;
    this.#cancel = this.clock.after(seconds * 1000 * (0.8 + 0.4 * this.random.fraction()), () => {
      this.fire();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
