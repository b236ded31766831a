import * as fc from 'fast-check';
import { live } from './histories';

const exhaustive = process.env['EXHAUSTIVE'] === '1';
const runs = Number(process.env['RUNS'] ?? (exhaustive ? 20_000 : 200));
/** CI plays the same histories every time, so that it judges the change and not the draw; `script/test --all` draws new ones. */
const usualSeed = 61;

const scenario = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  units: fc.integer({ min: 1, max: 5 }),
  events: fc.integer({ min: 100, max: 500 }),
  life: fc.constant('recovering' as const),
});

test('whatever is lost, comes back, dies or is commanded twice: one cluster in the end, nothing deleted, nothing old serves by what could know better', () => {
  const drawn = exhaustive ? Math.floor(Math.random() * 0x7fffffff) : usualSeed;
  const seed = Number(process.env['SEED'] ?? drawn);
  console.log(`recovery.test.ts: SEED=${seed}, ${runs} histories`);
  fc.assert(
    fc.property(scenario, (one) => void live(one)),
    { numRuns: runs, seed },
  );
});
