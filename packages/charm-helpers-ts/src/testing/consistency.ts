import type { CharmUnderTest } from './charm-files';
import { checkEvent } from './event-checks';
import type { TestEvent } from './events';
import type { State } from './state';
import { checkState } from './state-checks';

/** One reason why Juju never makes this state or runs this event in it. */
export interface Inconsistency {
  /** The check's name, stable. */
  readonly check: string;
  readonly message: string;
}

/** A test asked for something that Juju never does; passing it would prove nothing. */
export class InconsistentStateError extends Error {
  readonly code = 'inconsistent-state';
  readonly operation = 'check consistency';
  readonly retryable = false;

  constructor(readonly problems: readonly Inconsistency[]) {
    super(`Juju never does this:\n${problems.map(({ check, message }) => `- ${check}: ${message}`).join('\n')}`);
    this.name = 'InconsistentStateError';
  }
}

/** All inconsistencies; none where Juju could run the event in that state. */
export const checkConsistency = (charm: CharmUnderTest, event: TestEvent, state: State): readonly Inconsistency[] => [
  ...checkState(charm, state),
  ...checkEvent(charm, event, state),
];

/** @throws InconsistentStateError */
export function refuseInconsistent(charm: CharmUnderTest, event: TestEvent, state: State): void {
  const problems = checkConsistency(charm, event, state);
  if (problems.length > 0) throw new InconsistentStateError(problems);
}
