import type { UnitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';

import type { RecoveryRequest } from '../../src/domain/plan-recover';

export type Hook = Observed['event'] & {
  /** Whom the relation still has for a unit that goes; it loses one by one, with a hook for each. */
  readonly listed?: readonly UnitName[];
  /** Of an action: recover-quorum with this, else restore. */
  readonly recovery?: RecoveryRequest;
};

export const plain = (kind: string): Hook => ({ kind, endpoint: null, departingUnit: null });

export const departed = (leaver: UnitName): Hook => ({
  kind: 'relation-departed',
  endpoint: 'cluster',
  departingUnit: leaver,
});

/** The hooks of a unit that is removed: one for each that it loses, then `stop`. */
export const departures = (leaver: UnitName, others: readonly UnitName[]): readonly Hook[] => [
  ...[...others].sort().map((_lost, index, sorted) => ({
    ...departed(leaver),
    listed: sorted.slice(index + 1),
  })),
  plain('stop'),
];
