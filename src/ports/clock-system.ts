import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './clock';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (milliseconds) => {
    await delay(milliseconds);
  },
};
