import * as fc from 'fast-check';
import { live } from './histories';

const runs = process.env['EXHAUSTIVE'] === '1' ? 20_000 : 300;

const scenario = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  units: fc.integer({ min: 1, max: 3 }),
  events: fc.integer({ min: 0, max: 400 }),
});

test('whatever happens, at most one cluster, no rule is broken, and in the end all units vote', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
  console.log(`cluster.test.ts: SEED=${seed}, ${runs} histories`);
  const ends = { well: 0, lost: 0 };
  fc.assert(
    fc.property(scenario, (one) => void ends[live(one)]++),
    { numRuns: runs, seed },
  );
  console.log(`histories that ended well: ${ends.well}; with most of the voters' disks destroyed: ${ends.lost}`);
  // Otherwise the property says nothing.
  expect(ends.well).toBeGreaterThan(ends.lost);
});
