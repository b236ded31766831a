import * as fc from 'fast-check';
import { planners, type Planner } from '../../src/domain/plan';
import { drawFrom } from './draw';
import { ModelJuju } from './model-juju';
import { lives } from './odds';
import { isLost, problem } from './outcome';

const exhaustive = process.env['EXHAUSTIVE'] === '1';
const usualSeed = 41;
const told = Number(process.env['TRACE'] ?? 120);

interface Scenario {
  readonly seed: number;
  readonly units: number;
  readonly events: number;
  /** Deployed as standbys, or as members. */
  readonly standby: boolean;
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  units: fc.integer({ min: 1, max: 3 }),
  events: fc.integer({ min: 0, max: 300 }),
  standby: fc.boolean(),
});

/** What is wrong with an application whose units all stand by. */
function standbyProblem({ world }: ModelJuju): string | null {
  if (world.clusters.size > 0) return 'there is a cluster';
  for (const { name, disk, process, bag } of world.units.values()) {
    if (disk.standby === null || !bag.standby) return `${name} does not stand by`;
    if (disk.data !== null || disk.marker !== null || process !== null) return `${name} has a member`;
  }
  return null;
}

/**
 * Plays one history in which the operator changes the role at any time. In the end he sees in the status what the application became,
 * and sets the option so.
 */
function play({ seed, units, events, standby }: Scenario, list: readonly Planner[] = planners): string {
  const juju = new ModelJuju(drawFrom(seed), list);
  try {
    juju.chooseRole(standby);
    for (let count = 0; count < units; count++) juju.addUnit();
    juju.chaos(events, lives.choosing);
    juju.settle();
    if (isLost(juju.world)) return 'lost';
    const all = [...juju.world.units.values()];
    const stands =
      juju.world.application.founding === null && all.some(({ disk, bag }) => disk.standby !== null || bag.standby);
    juju.chooseRole(stands);
    juju.settle();
    if (isLost(juju.world)) return 'lost';
    const wrong = stands ? standbyProblem(juju) : problem(juju.world);
    if (wrong !== null) throw new Error(`not as the operator wants: ${wrong}`);
    juju.rules.checkQuiet(list);
    return all.length === 0 ? 'empty' : stands ? 'standbys' : 'members';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${juju.trace.slice(-told).join('\n')}`, { cause: error });
  }
}

test('whenever the role is changed, units are all members of one cluster or all standbys, and no standby ever does what members do', () => {
  const runs = exhaustive ? 10_000 : 100;
  const seed = Number(process.env['SEED'] ?? (exhaustive ? Math.floor(Math.random() * 0x7fffffff) : usualSeed));
  console.log(`standby.test.ts: SEED=${seed}, ${runs} histories`);
  const ends: Record<string, number> = {};
  fc.assert(
    fc.property(scenario, (one) => {
      const end = play(one);
      ends[end] = (ends[end] ?? 0) + 1;
    }),
    { numRuns: runs, seed },
  );
  console.log(`how they ended: ${JSON.stringify(ends)}`);
  // Otherwise the property says nothing.
  expect(ends['standbys']).toBeGreaterThan(runs / 10);
  expect(ends['members']).toBeGreaterThan(runs / 10);
});

test('planners that do not look at the role are found out', () => {
  const blind = planners.map((planner) => ({ ...planner, all: planner.all.filter((flag) => flag !== 'role.member') }));
  const check = fc.property(scenario, (one) => void play(one, blind));
  const { errorInstance } = fc.check(check, { numRuns: 50, seed: 7, endOnFailure: true });
  expect(String(errorInstance)).toMatch(
    /a standby does what members do|not as the operator wants|does not come to rest|no rest/,
  );
});
