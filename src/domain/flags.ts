import { desiredFrom } from './desired';
import { actionableFounding, holdsQuorum, isJujuLeader, isLeaving, ownMember } from './member';
import type { Observed } from './observed';
import { tlsReadiness } from './plan-tls';
import { valueOr } from './probe';
import { isHoldingMembers, isRecreating } from './recreating';
import { roleOf } from './role';

/** What holds in the observed world; derived every time, never stored. */
export type Flag =
  | 'config.valid'
  | 'predecessor.present'
  | 'unit.leader'
  | 'unit.leaving'
  | 'unit.left'
  | 'role.member'
  | 'role.standby'
  | 'workload.installed'
  | 'tls.ready'
  | 'cluster.founded'
  | 'member.serving'
  | 'member.voter'
  | 'quorum.held'
  | 'quorum.lost'
  | 'recreation.active'
  | 'recreation.holds';

/** The flags of a world. */
export function flagsOf(observed: Observed): ReadonlySet<Flag> {
  const { cluster, workload } = observed;
  const member = ownMember(observed);
  const { role } = roleOf(observed);
  const serving = cluster.local.known && cluster.local.value.leaderId !== null;
  const holds: Readonly<Record<Flag, boolean>> = {
    'config.valid': desiredFrom(observed.config).desired !== null,
    'predecessor.present': workload.predecessorData,
    'unit.leader': isJujuLeader(observed),
    'unit.leaving': isLeaving(observed),
    'unit.left': observed.memory.left,
    'role.member': role === 'member',
    'role.standby': role === 'standby',
    'workload.installed': workload.current !== null && !workload.predecessorData,
    'tls.ready': tlsReadiness(observed).ready,
    'cluster.founded': actionableFounding(observed) !== null,
    'member.serving': serving,
    'member.voter': serving && member !== null && !member.learner,
    'quorum.held': holdsQuorum(observed),
    'quorum.lost': !valueOr(cluster.quorum, true),
    'recreation.active': isRecreating(observed),
    'recreation.holds': isHoldingMembers(observed),
  };
  return new Set((Object.keys(holds) as Flag[]).filter((flag) => holds[flag]));
}
