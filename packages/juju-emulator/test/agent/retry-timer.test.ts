import { jujuRetryPolicy, RetryTimer } from '../../src/agent/retry-timer';
import type { Clock } from '../../src/store/clock';
import { seededRandom } from '../../src/store/random';
import { seed } from '../support/light';

/** A clock that only notes what it was asked for; `fire` ends the wait under way. */
class NotedClock implements Clock {
  readonly delays: number[] = [];
  fire: () => void = () => undefined;

  now(): Date {
    return new Date(0);
  }

  after(milliseconds: number, callback: () => void): () => void {
    this.delays.push(milliseconds);
    this.fire = callback;
    return () => {
      this.fire = () => undefined;
    };
  }
}

const delaysOf = (factor: number, failures: number): number[] => {
  const clock = new NotedClock();
  const { firstMs, maxMs } = jujuRetryPolicy;
  const policy = { firstMs: firstMs * factor, maxMs: maxMs * factor };
  const timer = new RetryTimer(policy, clock, seededRandom(seed), () => undefined);
  for (let failure = 0; failure < failures; failure += 1) {
    timer.start();
    clock.fire();
  }
  return clock.delays;
};

it.each([1, 0.01])('a failed hook waits 5 s, then twice as long each time, at most 5 min, times %d', (factor) => {
  const seconds = [5, 10, 20, 40, 80, 160, 300, 300];
  delaysOf(factor, seconds.length).forEach((delay, index) => {
    const expected = (seconds[index] ?? 0) * 1000 * factor;
    expect(Math.abs(delay / expected - 1)).toBeLessThanOrEqual(0.1);
  });
});

it('a hook that worked takes the wait back to the first one; what was stopped does not fire', () => {
  const clock = new NotedClock();
  let fired = 0;
  const timer = new RetryTimer(jujuRetryPolicy, clock, seededRandom(seed), () => (fired += 1));
  timer.start();
  expect(timer.running).toBe(true);
  clock.fire();
  timer.start();
  timer.stop();
  clock.fire();
  timer.start();
  expect(fired).toBe(1);
  expect(clock.delays.map((delay) => Math.round(delay / 5000))).toEqual([1, 2, 1]);
});
