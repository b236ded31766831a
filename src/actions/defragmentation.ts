import type { MemberId } from '../domain/ids';
import {
  callMember,
  clusterLeader,
  hasStarted,
  holdsQuorum,
  isHealthy,
  ownMember,
  voters,
  votersDown,
} from '../domain/member';
import type { Member, Observed } from '../domain/observed';
import { mayPause } from '../domain/quorum';
import { membersOf, named } from './refusals';
import { bestFollower } from './successor';

/** What comes next. */
export type NextDefragmentation =
  | { readonly kind: 'nothing' }
  /** Not now; `why` is for the operator. */
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'move-leadership'; readonly from: Member; readonly to: Member }
  | { readonly kind: 'defragment'; readonly member: Member };

const byUnit = (observed: Observed) => (one: Member, other: Member) =>
  callMember(observed, one).localeCompare(callMember(observed, other), 'en', { numeric: true });

/** The members to do: this unit's, or all that have started. */
export function toDefragment(observed: Observed, all: boolean): ReadonlySet<MemberId> {
  const own = ownMember(observed);
  const members = all ? membersOf(observed).filter(hasStarted) : own === null ? [] : [own];
  return new Set(members.map(({ id }) => id));
}

/** Why a member may not be taken away for a while, seen right before (rule 2); null where it may. One that has no vote always may. */
function refusalFor(observed: Observed, member: Member): string | null {
  if (member.learner) return null;
  if (!holdsQuorum(observed)) return 'the cluster has no quorum';
  const down = votersDown(observed, member.id).map((one) => callMember(observed, one));
  if (down.length > 0) return `${named(down)} ${down.length === 1 ? 'does' : 'do'} not answer`;
  const all = voters(membersOf(observed));
  const others = all.filter(({ id }) => id !== member.id && isHealthy(observed, id)).length;
  // One or two voters can lose none: the operator asked for it, and is told of the gap.
  return all.length <= 2 || mayPause(all.length, others) ? null : 'the rest would have no quorum';
}

/** One at a time: followers by their units' numbers, the leader last and only once it leads no more, where another can lead. */
export function nextDefragmentation(observed: Observed, pending: ReadonlySet<MemberId>): NextDefragmentation {
  const leader = clusterLeader(observed);
  const left = membersOf(observed)
    .filter(({ id }) => pending.has(id))
    .sort(byUnit(observed));
  const member = left.find(({ id }) => id !== leader) ?? left[0];
  if (member === undefined) return { kind: 'nothing' };
  if (!isHealthy(observed, member.id)) return { kind: 'wait', why: `${callMember(observed, member)} does not answer` };
  const why = refusalFor(observed, member);
  if (why !== null) return { kind: 'wait', why };
  if (member.id !== leader || voters(membersOf(observed)).length === 1) return { kind: 'defragment', member };
  const to = bestFollower(observed);
  return to === null
    ? { kind: 'wait', why: 'no follower is up to date to lead meanwhile' }
    : { kind: 'move-leadership', from: member, to };
}

/** What clients notice although nothing is wrong; null where they notice nothing. */
export function gapOf(observed: Observed): string | null {
  const count = voters(membersOf(observed)).length;
  if (count === 1) return 'the only member answers nobody while it is defragmented';
  return count === 2
    ? 'with two voters none can be spared: if the other one fails while one is defragmented, the cluster stands still until it is done'
    : null;
}
