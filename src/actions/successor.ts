import { callMember, clusterLeader, isHealthy, unitOfMember } from '../domain/member';
import type { Member, Observed } from '../domain/observed';
import { membersOf, named } from './refusals';

/** Entries that a follower may lack to lead next: fewer than a healthy one catches up with in an election timeout. */
const nearEnough = 5000n;

const applied = ({ cluster }: Observed, { id }: Member): bigint => {
  const status = cluster.statuses.get(id);
  return status?.known === true ? status.value.raftAppliedIndex : -1n;
};

/** Entries that this member lacks, as far as the members that answered tell. */
function lag(observed: Observed, member: Member): bigint {
  const furthest = membersOf(observed).reduce((most, one) => {
    const index = applied(observed, one);
    return index > most ? index : most;
  }, 0n);
  return furthest - applied(observed, member);
}

/** Who leads next, or why nobody can. */
export type Successor = { readonly member: Member } | { readonly refusal: string };

/** Followers that may lead next. */
function eligible(observed: Observed): readonly Member[] {
  const leader = clusterLeader(observed);
  return membersOf(observed)
    .filter((member) => !member.learner && member.id !== leader && isHealthy(observed, member.id))
    .filter((member) => lag(observed, member) <= nearEnough);
}

/** The follower that is furthest among those that may lead; null where there is none. */
export function bestFollower(observed: Observed): Member | null {
  const candidates = eligible(observed).map((member) => ({ member, index: applied(observed, member) }));
  const best = candidates.reduce<(typeof candidates)[number] | null>(
    (most, one) => (most === null || one.index > most.index ? one : most),
    null,
  );
  return best?.member ?? null;
}

/** The member of the unit `to`, or the best follower where it is empty. */
export function chooseSuccessor(observed: Observed, to: string): Successor {
  const members = membersOf(observed);
  if (to === '') {
    if (members.filter(({ learner }) => !learner).length < 2)
      return { refusal: 'The cluster has one voter, which leads: there is nobody to move leadership to.' };
    const member = bestFollower(observed);
    return member === null
      ? { refusal: 'No follower answers and is up to date: look at health, then try again.' }
      : { member };
  }
  const others = eligible(observed).map((one) => callMember(observed, one));
  const choices = others.length === 0 ? '' : ` (${named(others)} may)`;
  const member = members.find((one) => unitOfMember(observed, one) === to);
  if (member === undefined) return { refusal: `${to} has no member in this cluster${choices}; nothing was changed.` };
  if (member.learner) return { refusal: `${to} is a learner and cannot lead yet${choices}; nothing was changed.` };
  if (!isHealthy(observed, member.id))
    return { refusal: `${to} does not answer and cannot lead${choices}; nothing was changed.` };
  const behind = lag(observed, member);
  return behind > nearEnough
    ? { refusal: `${to} lacks ${behind} entries: wait until it has caught up${choices}; nothing was changed.` }
    : { member };
}
