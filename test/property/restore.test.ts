import * as fc from 'fast-check';
import { planners, type Planner } from '../../src/domain/plan';
import { live } from './histories';

const exhaustive = process.env['EXHAUSTIVE'] === '1';
const runs = exhaustive ? 20_000 : 250;
/** CI plays the same histories every time, so that it judges the change and not the draw; `script/test --all` draws new ones. */
const usualSeed = 57;

const scenario = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  units: fc.integer({ min: 1, max: 3 }),
  events: fc.integer({ min: 100, max: 500 }),
  life: fc.constant('restoring' as const),
});

test('restores at any moment, with whatever happens besides: one cluster, nothing old serves, and in the end all units vote', () => {
  const drawn = exhaustive ? Math.floor(Math.random() * 0x7fffffff) : usualSeed;
  const seed = Number(process.env['SEED'] ?? drawn);
  console.log(`restore.test.ts: SEED=${seed}, ${runs} histories`);
  const ends = { well: 0, lost: 0 };
  fc.assert(
    fc.property(scenario, (one) => void ends[live(one)]++),
    { numRuns: runs, seed },
  );
  console.log(`histories that ended well: ${ends.well}; with most of the voters' disks destroyed: ${ends.lost}`);
  expect(ends.well).toBeGreaterThan(ends.lost);
});

/** What was planned, or refused, later would make another history of a seed. */
const without = (...later: readonly string[]): readonly Planner[] =>
  planners.filter(({ name }) => !later.includes(name));

test('the only unit restored, left before it could say so, and what it wrote beside its data is read of its bag', () => {
  // Another became the leader in the moment in which the action ended, so that nothing of it was committed.
  const then = without('quorum-watch', 'former-clusters', 'remains');
  expect(live({ seed: 1660125313, units: 2, events: 100, life: 'restoring' }, then, false)).toBe('well');
});

test('a unit that left with the whole application in the middle of a restore starts nothing any more, though one was added since', () => {
  const then = without('former-clusters', 'remains');
  expect(live({ seed: 816458035, units: 3, events: 223, life: 'restoring' }, then, false)).toBe('well');
});
