import { type Random, seededRandom } from '../store/random';

/** Who may look and act when. Without it (`freeTurns`) all agents do at once. */
export interface Turns {
  /** Resolves when it is the agent's turn; at once if it still has it. */
  take(unit: string): Promise<void>;
  /** The agent rests: the next one may act. */
  done(unit: string): void;
  /** The agent is gone: it neither waits nor holds a turn any more. */
  leave(unit: string): void;
}

export const freeTurns: Turns = { take: () => Promise.resolve(), done: () => undefined, leave: () => undefined };

/**
 * One agent at a time, whose turn it is drawn from the seed: with the same seed, commands and charms the same hooks run in the same
 * order. A turn is one look and what it leads to.
 */
export class SeededTurns implements Turns {
  readonly #waiting = new Map<string, () => void>();
  readonly #operators: (() => void)[] = [];
  readonly #timers: { readonly due: number; readonly fire: () => void }[] = [];
  #holder: string | undefined;
  #granted = 0;
  #until = Infinity;
  #virtual = 0;

  readonly #random: Random;
  readonly #started = new Map<string, number>();

  constructor(
    private readonly seed: number,
    private readonly onChange: () => void,
  ) {
    this.#random = seededRandom(seed);
  }

  /** The choices of an agent that starts: they depend on the seed and how often its unit's agent was started, on nothing else. */
  randomFor(unit: string): Random {
    const starts = (this.#started.get(unit) ?? 0) + 1;
    this.#started.set(unit, starts);
    // FNV-1a, so that neighbouring names get choices of their own.
    let hash = this.seed >>> 0;
    for (const letter of `${unit} ${String(starts)}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    return seededRandom(hash);
  }

  /** How many turns have been granted. */
  get granted(): number {
    return this.#granted;
  }

  waits(unit: string): boolean {
    return this.#waiting.has(unit);
  }

  take(unit: string): Promise<void> {
    if (this.#holder === unit) this.#holder = undefined;
    return new Promise((resolve) => {
      this.#waiting.set(unit, resolve);
      this.onChange();
    });
  }

  done(unit: string): void {
    if (this.#holder !== unit) return;
    this.#holder = undefined;
    this.onChange();
  }

  leave(unit: string): void {
    const resolve = this.#waiting.get(unit);
    this.#waiting.delete(unit);
    resolve?.();
    this.done(unit);
  }

  /** A timer of the model's own time: it fires when nobody has anything to do, the earliest first. @returns cancels it */
  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.#virtual + milliseconds, fire: callback };
    this.#timers.push(timer);
    this.onChange();
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** Does an operator's work between two turns; after so many, if `at` is given. */
  async between<T>(work: () => Promise<T> | T, at?: number): Promise<T> {
    if (at !== undefined) this.#until = at;
    await new Promise<void>((resolve) => {
      this.#operators.push(resolve);
      this.onChange();
    });
    try {
      return await work();
    } finally {
      this.#until = Infinity;
      this.#holder = undefined;
      this.onChange();
    }
  }

  /**
   * Grants the next turn if nobody has one and nothing else is under way.
   * @param quiet whether every agent waits or rests and no machine is being prepared
   * @param mayRetry whether somebody waits for what timers bring
   */
  look(quiet: boolean, mayRetry: boolean): void {
    if (this.#holder !== undefined || !quiet) return;
    const operator = this.#granted >= this.#until || this.#until === Infinity || this.#waiting.size === 0;
    if (operator && this.#operators.length > 0) {
      this.#holder = 'operator';
      this.#operators.shift()?.();
      return;
    }
    const units = [...this.#waiting.keys()].sort();
    // Nothing is drawn for a look that grants nothing: how often there is one depends on the host.
    const unit = units.length === 0 ? undefined : units[this.#random.pick(units.length)];
    if (unit === undefined) {
      if (mayRetry) this.#fire();
      return;
    }
    const resolve = this.#waiting.get(unit);
    this.#waiting.delete(unit);
    this.#holder = unit;
    this.#granted += 1;
    resolve?.();
  }

  #fire(): void {
    const next = this.#timers.sort((a, b) => a.due - b.due).shift();
    if (next === undefined) return;
    this.#virtual = next.due;
    next.fire();
    this.onChange();
  }
}
