import { beginRecovery } from '../../src/domain/plan-recover';
import type { Observed } from '../../src/domain/observed';
import type { Recreation, RecreationPhase } from '../../src/domain/recreation';
import type { Recovery } from '../../src/domain/recovery';
import { renderGateSettings, type GateSettings } from '../../src/domain/start-gate';
import {
  given,
  inCluster,
  noData,
  noQuorum,
  second,
  silent,
  withApplication,
  withOwnBag,
  type Change,
} from './a-situation';

// Situations of units whose cluster is recovered, or was.

export const request = { wanted: 'auto', failed: [], masters: [], bump: false } as const;
export const lost: readonly Change[] = [silent(1), silent(2), noQuorum];

export const recovering = (phase: RecreationPhase, recovery: Partial<Recovery> = {}): Recreation => {
  const made = beginRecovery(given(inCluster(3), ...lost), request);
  if (made.recovery === null) throw new Error('no recovery');
  return { ...made, phase, recovery: { ...made.recovery, ...recovery } };
};

/** The recovery is over, and the application's cluster is its. */
export const recovered: Change = (observed) => {
  const recreation = recovering('done');
  const { founding } = observed.peers.application.value;
  if (founding === null) return observed;
  const next = { ...founding, generation: second, token: recreation.token, recreated: true } as const;
  return withApplication({ recreation, founding: next, members: new Map() })(observed);
};

/** Its start gate was told of the attempt. */
export const told =
  ({ generation: number, token }: Recreation): Change =>
  (observed) => {
    const settings = JSON.parse(observed.gate.settings ?? '{}') as GateSettings;
    const decided = { generation: number, token };
    return { ...observed, gate: { ...observed.gate, settings: renderGateSettings({ ...settings, decided }) } };
  };

/** A unit that nobody waited for comes back in the middle of it, with its old member running. */
export function backAgain(phase: RecreationPhase, ...changes: readonly Change[]): Observed {
  const recreation = recovering(phase, { chosen: 'snapshot' });
  return given(inCluster(3, 1), withApplication({ recreation }), told(recreation), ...changes);
}

/** An old majority answers at addresses that are remembered. */
export const former = (): Observed =>
  given(inCluster(3, 1), recovered, noData, withOwnBag({ memberId: null, generation: null }));
