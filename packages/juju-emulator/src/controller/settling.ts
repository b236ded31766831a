import type { Clock } from '../store/clock';
import { SettleError } from './settle-error';

/** What `settle` does about units whose hook failed: wait for their retries, come back, or reject. */
export type OnError = 'wait' | 'return' | 'reject';

export interface SettleOptions {
  readonly timeoutMs: number;
  readonly onError: OnError;
  readonly signal?: AbortSignal;
}

/** The model as waiting looks at it. */
export interface SettlingModel {
  /** The first breakdown of the emulator itself. */
  readonly failure: Error | undefined;
  /** Changes that nobody has acted on yet. */
  readonly reconciling: boolean;
  /** What keeps the model from being settled, for the operator. */
  busyWith(): readonly string[];
  unitsInError(): readonly { readonly unit: string; readonly message: string }[];
  /** A failed hook is going to be tried again by itself. */
  retryPending(): boolean;
}

/** Those who wait for the model to come to rest; looked after whenever something has changed, never polled. */
export class Settling {
  readonly #waiters = new Set<() => void>();
  #forRetries = 0;

  constructor(
    private readonly model: SettlingModel,
    private readonly clock: Clock,
  ) {}

  /** Somebody waits until failed hooks went well. */
  get waitsForRetries(): boolean {
    return this.#forRetries > 0;
  }

  /** Something may have come to rest. */
  check(): void {
    for (const check of [...this.#waiters]) check();
  }

  /** Resolves when nothing is left to do; with `onError` says what to do about units in a hook error. */
  settle(options: SettleOptions): Promise<void> {
    const { model } = this;
    return new Promise((resolve, reject) => {
      const forRetries = options.onError === 'wait' ? 1 : 0;
      this.#forRetries += forRetries;
      const done = (finish: () => void): void => {
        if (!this.#waiters.has(check)) return;
        this.#forRetries -= forRetries;
        cancel();
        this.#waiters.delete(check);
        finish();
      };
      const cancel = this.clock.after(options.timeoutMs, () =>
        done(() =>
          reject(
            new SettleError(
              'timeout',
              `after ${Math.round(options.timeoutMs / 1000)} s still at work: ${model.busyWith().join('; ')}`,
            ),
          ),
        ),
      );
      const check = (): void => {
        const { failure } = model;
        if (failure !== undefined) {
          done(() => reject(failure));
          return;
        }
        if (model.reconciling || model.busyWith().length > 0) return;
        const failed = model.unitsInError();
        if (failed.length > 0 && options.onError === 'wait' && model.retryPending()) return;
        if (failed.length > 0 && options.onError === 'reject')
          done(() =>
            reject(new SettleError('hook-error', failed.map(({ unit, message }) => `${unit}: ${message}`).join('; '))),
          );
        else done(resolve);
      };
      options.signal?.addEventListener('abort', () =>
        done(() => reject(new SettleError('aborted', 'no longer waited for'))),
      );
      this.#waiters.add(check);
      setImmediate(check);
    });
  }
}
