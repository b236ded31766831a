import type { ActionResults } from '@juju/charm-helpers-ts';
import type { Observed } from '../domain/observed';
import type { Step } from '../domain/step';
import type { Execution, StepOutcome } from '../execute/execution';
import type { ActionParameters } from './parameters';

/** What an action gets. It changes the world only through {@link perform}, and only after its last refusal. */
export interface ActionCall {
  readonly name: string;
  readonly parameters: ActionParameters;
  /** Ports, for what an action reads and no hook needs (an archive, a directory of backups). */
  readonly execution: Execution;
  /** The world as this unit sees it; looked at anew after each step. */
  readonly observe: () => Promise<Observed>;
  /** The same with etcd asked anew although no step was carried out, for one that waits until something is so. */
  readonly lookAgain: () => Promise<Observed>;
  /** Carries out one step and journals it. What goes wrong is thrown, also what a hook would try again later. */
  readonly perform: (step: Step) => Promise<StepOutcome>;
  /** A line of progress, shown to the operator at once (`action-log`). */
  readonly progress: (line: string) => Promise<void>;
}

/** How an action ended: with results, or with the one line that says why not and what to do. */
export interface ActionOutcome {
  readonly results: ActionResults;
  /** null where it did what it said. */
  readonly failure: string | null;
}

/** One action of the charm (design.md rule 14): it does what it said, or fails with one line and is safe to run again. */
export type Action = (call: ActionCall) => Promise<ActionOutcome>;

/** It did what it said. `output` is what people read; the other keys are for machines. */
export const done = (results: ActionResults): ActionOutcome => ({ results, failure: null });

/** It did not; `line` says why and what to do. Results are kept by Juju all the same. */
export const failed = (line: string, results: ActionResults = {}): ActionOutcome => ({ results, failure: line });
