import * as fc from 'fast-check';
import { planners as allPlanners, type Planner } from '../../src/domain/plan';
import { drawFrom, ModelJuju } from './model-juju';

export const runs = process.env['EXHAUSTIVE'] === '1' ? 20_000 : 300;

export interface Scenario {
  readonly seed: number;
  readonly units: number;
  readonly events: number;
}

const scenario = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  units: fc.integer({ min: 1, max: 3 }),
  events: fc.integer({ min: 0, max: 400 }),
});

/** One history; throws with its trace where a rule is broken or it does not end well. */
export function live({ seed, units, events }: Scenario, planners: readonly Planner[] = allPlanners): 'well' | 'lost' {
  const juju = new ModelJuju(drawFrom(seed), planners);
  try {
    for (let count = 0; count < units; count++) juju.addUnit();
    juju.chaos(events);
    juju.settle();
    if (juju.isLost()) return 'lost';
    const problem = juju.problem();
    if (problem !== null) throw new Error(`waits on nothing: ${problem}`);
    juju.checkQuiet();
    return 'well';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${juju.trace.slice(-Number(process.env['TRACE'] ?? 120)).join('\n')}`, { cause: error });
  }
}

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
