import { desiredFrom, type Desired } from '../../src/domain/desired';
import { flagsOf } from '../../src/domain/flags';
import type { Observed } from '../../src/domain/observed';
import type { Planner } from '../../src/domain/plan';
import { failingStop } from '../../src/domain/plan-leave';
import { apply } from '../../src/domain/simulate/apply-step';
import type { Doubt } from '../../src/domain/simulate/doubt';
import { observe } from '../../src/domain/simulate/observe';
import type { Transaction } from '../../src/domain/simulate/transaction';
import type { SimulatedUnit, World } from '../../src/domain/simulate/world';
import type { Step } from '../../src/domain/step';
import { RuleBroken } from './rule-broken';
import { showStep } from './show-step';

/** What a hook runs in. */
export interface Surroundings {
  readonly world: World;
  readonly planners: readonly Planner[];
  /** Which questions get no answer at one look. */
  readonly doubt: () => Doubt;
  /** Whether etcd refuses a change that it takes a few seconds later, as it does for a while after a member has started. */
  readonly refuses: (step: Step) => boolean;
  readonly log: (line: string) => void;
  /** Judges a step before it is done; `undisturbed` where nothing from outside happened since the look. */
  readonly check: (unit: SimulatedUnit, observed: Observed, step: Step, undisturbed: boolean) => void;
}

/** The dispatcher's rounds, one step at a time. */
export function* rounds(
  { world, planners, doubt, refuses, log, check }: Surroundings,
  unit: SimulatedUnit,
  transaction: Transaction,
): Iterator<'step'> {
  unit.timer = null;
  let soonest = Infinity;
  const look = (): Observed => observe(world, transaction, doubt());
  let observed = look();
  // Once a look, not for each planner: most of the time of a run went there.
  let flags = flagsOf(observed);
  let faults = world.faults;
  for (let round = 1; round <= 32; round++) {
    let didInRound = false;
    for (const planner of planners) {
      if (!planner.all.every((flag) => flags.has(flag)) || planner.none.some((flag) => flags.has(flag))) continue;
      let did = false;
      for (const step of planner.plan(observed, desiredFrom(observed.config).desired as Desired)) {
        if (step.kind === 'wake-later') {
          if (step.afterSeconds < soonest) apply(world, transaction, step);
          soonest = Math.min(soonest, step.afterSeconds);
          continue;
        }
        if (step.kind === 'wait' || step.kind === 'block') break;
        log(`  ${unit.name} ${planner.name}: ${showStep(step)}`);
        check(unit, observed, step, faults === world.faults);
        if (step.kind === 'fail-hook') throw new RuleBroken('fail-hook');
        const refusal = refuses(step) ? { notNow: 'etcd does not take it just now' } : apply(world, transaction, step);
        yield 'step';
        if (refusal !== null) {
          log(`    not now: ${refusal.notNow}`);
          if (!did && failingStop(observed, refusal.notNow) !== null) throw new RuleBroken('fail-hook');
          // As the executor does for what etcd could not do; awaiting is the planner's to follow up.
          if (step.kind !== 'await-serving' && step.kind !== 'promote-learner' && step.kind !== 'take-turn') {
            apply(world, transaction, { kind: 'wake-later', afterSeconds: 15, why: refusal.notNow });
          }
          break;
        }
        did = true;
      }
      if (did) {
        didInRound = true;
        observed = look();
        flags = flagsOf(observed);
        faults = world.faults;
      }
    }
    if (!didInRound) return;
  }
  throw new RuleBroken(`${unit.name} does not come to rest in one hook`);
}
