import { planOf } from '../unit/a-situation';
import { existing, rare, recovering, recreating } from './mutants';
import { live, type Scenario } from './histories';
import type { Life } from './odds';
import { planners } from '../../src/domain/plan';
import { drawFrom } from './draw';

/** How many histories a broken rule may take to be noticed. */
const patience = 1500;
/** The histories are the same every time: the question is whether the property can notice a rule, not whether it is lucky. SEED=n tries others. */
const usualSeed = 1;

function* scenarios(seed: number, life: Life): Iterable<Scenario> {
  const draw = drawFrom(seed);
  for (let count = 0; count < patience; count++) {
    yield { seed: draw(0x7fffffff), units: 1 + draw(3), events: 50 + draw(350), life };
  }
}

/** Why a history fails, in a line; null where it ends well. */
function failureOf(scenario: Scenario, list: typeof planners): string | null {
  try {
    live(scenario, list);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

/** Plays histories until one fails that does not without what is broken; null where none did. */
function firstFailure(list: typeof planners, seed: number, life: Life): string | null {
  for (const scenario of scenarios(seed, life)) {
    const failure = failureOf(scenario, list);
    if (failure !== null && failureOf(scenario, planners) === null) return failure;
  }
  return null;
}

// The property test is worth what it notices: each rule broken on purpose, one by one, must make it fail.
describe('a broken rule is noticed', () => {
  const seed = Number(process.env['SEED'] ?? usualSeed);
  beforeAll(() => console.log(`mutants.test.ts: SEED=${seed}`));
  const all = [
    ...existing.map((one) => ({ ...one, life: 'usual' as const })),
    ...recreating.map((one) => ({ ...one, life: 'restoring' as const })),
    ...recovering.map((one) => ({ ...one, life: 'recovering' as const })),
  ];
  for (const { what, mutate, life } of all) {
    test(what, () => {
      const failure = firstFailure(mutate(planners), seed, life);
      console.log(`${what}: ${failure ?? 'NOT NOTICED'}`);
      expect(failure).not.toBeNull();
    });
  }
  for (const { what, mutate, planner, situation } of rare) {
    test(`${what}, in its situation`, () => {
      expect(planOf(planner, situation(), mutate(planners))).not.toEqual(planOf(planner, situation()));
    });
  }
});
