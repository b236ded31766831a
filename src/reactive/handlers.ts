import { waitFor, type Handler } from '@juju/charm-helpers-ts';
import { desiredFrom, type Desired } from '../domain/desired';
import type { Flag } from '../domain/flags';
import type { Observed } from '../domain/observed';
import { planners, type Planner } from '../domain/plan';
import { failingStop } from '../domain/plan-leave';
import type { Step } from '../domain/step';

type Outcome =
  { readonly outcome: 'done' } | { readonly outcome: 'waiting'; readonly reason: string; readonly wokenBy: string };

/** When (flags) -> planner -> steps, in the order of domain/plan.ts. One set for each hook: it remembers the soonest timer it armed. */
export function handlers(
  execute: (step: Step) => Promise<Outcome>,
  list: readonly Planner[] = planners,
): readonly Handler<Observed, Flag>[] {
  let soonest = Infinity;
  // There is one timer; a later wish must not put off an earlier one.
  const wake = async (step: Extract<Step, { kind: 'wake-later' }>): Promise<void> => {
    if (step.afterSeconds >= soonest) return;
    soonest = step.afterSeconds;
    await execute(step);
  };
  return list.map(({ name, all, none, plan }) => ({
    name,
    when: { all, none },
    run: async (observed) => {
      // Only leaving is planned without options that make sense, and it needs none.
      const { desired } = desiredFrom(observed.config);
      let did = false;
      for (const step of plan(observed, desired as Desired)) {
        if (step.kind === 'wake-later') {
          await wake(step);
          continue;
        }
        if (step.kind === 'wait') return did ? 'did-something' : waitFor(step.why, step.wokenBy.by);
        if (step.kind === 'block') return did ? 'did-something' : waitFor(step.why, 'operator');
        const outcome = await execute(step);
        if (outcome.outcome === 'waiting') {
          if (did) return 'did-something';
          const failing = failingStop(observed, outcome.reason);
          if (failing !== null) await execute(failing);
          return waitFor(outcome.reason, outcome.wokenBy);
        }
        did = true;
      }
      return did ? 'did-something' : 'nothing';
    },
  }));
}
