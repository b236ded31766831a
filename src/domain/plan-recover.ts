import { desiredFrom } from './desired';
import type { UnitName } from './ids';
import { bagsOf, isJujuLeader, isLeaving, unitsInApplication } from './member';
import type { Observed } from './observed';
import { acknowledgements, newest } from './plan-recreation-lead';
import { reachesQuorum } from './plan-recovery';
import { nextGeneration, revisionSeen } from './plan-restore';
import { tlsReadiness } from './plan-tls';
import { activeRecreation, unitsLeaving, unitsToName } from './recreating';
import { hasBegun, type Recreation } from './recreation';
import type { Recovery } from './recovery';
import type { Step } from './step';

/** What an operator's recovery begins with. */
export interface RecoveryRequest extends Pick<Recovery, 'wanted' | 'failed' | 'masters'> {
  readonly bump: boolean;
}

/** Why a recovery may not begin on this unit now, in one line that says what to do; null where it may. Nothing was changed. */
export function recoveryRefusal(observed: Observed, request: Pick<Recovery, 'failed' | 'masters'>): string | null {
  const { unit, peers, workload } = observed;
  if (!isJujuLeader(observed))
    return `${unit.name} is not the leader of ${unit.application}, and recover-quorum runs only there: juju run ${unit.application}/leader recover-quorum.`;
  if (peers.relationId === null || peers.application.pending) return 'The units do not know each other yet: try again.';
  const [first] = desiredFrom(observed.config).problems;
  if (first !== undefined) return `${first.message}: correct it first.`;
  if (observed.mirror.problem !== null) return `${observed.mirror.problem}: correct it first.`;
  if (isLeaving(observed)) return `${unit.name} is being removed: recover on another unit, once one is the leader.`;
  if (peers.application.value.founding === null)
    return 'No cluster was founded yet, so none is lost: wait until the status says more.';
  if (workload.current === null || !tlsReadiness(observed).ready)
    return `${unit.name} has no etcd or no certificates: wait until its status says more, then try again.`;
  const active = activeRecreation(observed);
  if (active?.purpose === 'restore')
    return `The cluster is being restored as generation ${active.generation} (recovery-status shows how far it is): let that end, or run restore again.`;
  return refusalOfUnits(observed, request);
}

function refusalOfUnits(observed: Observed, { failed, masters }: Pick<Recovery, 'failed' | 'masters'>): string | null {
  const { unit } = observed;
  const units = unitsInApplication(observed);
  if (units === null) return 'Juju does not tell which units there are: try again.';
  const strangers = [...failed, ...masters].filter((one) => !units.has(one));
  if (strangers.length > 0)
    return `${strangers.join(', ')} is no unit of ${unit.application}: leave out of failed-units and masters what was removed.`;
  if (failed.includes(unit.name))
    return `${unit.name} runs this action, so it has not failed: leave it out of failed-units.`;
  const members = unitsToName(observed);
  const idle = masters.filter((one) => members?.includes(one) !== true);
  if (idle.length > 0)
    return `${idle.join(', ')} has no part in the cluster yet, so it founds none: leave it out of masters, it joins.`;
  const both = masters.filter((one) => failed.includes(one));
  if (both.length > 0) return `${both.join(', ')} cannot be a master: it is in failed-units.`;
  const leaving = unitsLeaving(observed).filter((one) => !failed.includes(one));
  if (leaving.length > 0)
    return `${leaving.join(', ')} is being removed: wait until it is gone, or name it in failed-units where its machine is off; where its hooks fail again and again (juju debug-log has the reason), juju remove-unit --force.`;
  return null;
}

/** Whether the cluster that the application has still agrees, as far as this unit reaches: then there is nothing to recover. */
export function hasNothingToRecover(observed: Observed): boolean {
  const active = activeRecreation(observed);
  const touched = active !== null && hasBegun(active);
  return reachesQuorum(observed, { purpose: 'recovery', touched } as Recreation);
}

/**
 * Whose data begin the next attempt where one before did not end: those of its new cluster, unless that was founded empty or none of the
 * units that are left has come so far. What it should have replaced lies aside on them.
 */
function newestHeld(observed: Observed, before: Recreation, failed: readonly UnitName[]): Recreation['replaces'] {
  const { founding } = observed.peers.application.value;
  if (founding === null || founding.generation < before.generation) return before.replaces;
  const held = bagsOf(observed).some(
    ([unit, bag]) => !failed.includes(unit) && bag.generation === founding.generation && bag.memberId !== null,
  );
  return held && before.recovery?.chosen !== 'files' ? founding.generation : before.replaces;
}

/**
 * The attempt, this one or one before it, that founded the cluster of now. It waits no more for whom the operator names now. Null where
 * the cluster is older than all of them.
 */
function foundedBy({ peers }: Observed, before: Recreation, failed: readonly UnitName[]): Recreation | null {
  const { founding } = peers.application.value;
  const one = before.token === founding?.token ? before : before.founded;
  if (one === null || one.token !== founding?.token || one.recovery === null) return null;
  const given = [...new Set([...one.recovery.failed, ...failed])].sort();
  return { ...one, founded: null, recovery: { ...one.recovery, failed: given } };
}

/** A new attempt, from the beginning; running recover-quorum again begins another one. Only to be called where nothing refuses it. */
export function beginRecovery(observed: Observed, { wanted, failed, masters, bump }: RecoveryRequest): Recreation {
  const { unit, peers, workload } = observed;
  const { founding } = peers.application.value;
  const units = unitsToName(observed);
  if (founding === null || units === null || workload.current === null) throw new Error('a refused recovery was begun');
  const number = nextGeneration(observed);
  const before = activeRecreation(observed);
  const touched = before !== null && hasBegun(before);
  return {
    generation: number,
    token: `${unit.application}-${number}-${observed.entropy}`,
    purpose: 'recovery',
    phase: 'survey',
    creator: null,
    units: [...new Set([...units, ...(before?.units ?? [])])].sort(),
    version: workload.current,
    snapshot: null,
    recovery: { wanted, failed, masters, chosen: null, why: null, kept: null, seeder: null, unusable: [] },
    bump,
    replaces: touched ? newestHeld(observed, before, failed) : founding.generation,
    lastRevision: touched ? newest(before, acknowledgements(observed)) : revisionSeen(observed),
    touched,
    founded: touched ? foundedBy(observed, before, failed) : null,
    tried: null,
    problem: null,
    finishedAt: null,
  };
}

/** The hooks of all units do the rest. */
export const stepsToRecover = ({ peers }: Observed, recreation: Recreation): readonly Step[] =>
  peers.relationId === null ? [] : [{ kind: 'write-recreation', relationId: peers.relationId, recreation }];

/** Units that will be waited for. */
export const unitsAsked = ({ units, recovery }: Recreation, present: ReadonlySet<UnitName>): readonly UnitName[] =>
  units.filter((unit) => present.has(unit) && recovery?.failed.includes(unit) !== true);
