import { callMember, healthyVoterUrls, isHealthy, unitOfMember, voters, votersDown } from './member';
import type { Member, Observed } from './observed';
import { mayRemove } from './quorum';
import type { StepOf } from './step';

/** The member that the operator means, or the line that says why it is not removed. */
export type FailedMember = { readonly member: Member } | { readonly refusal: string };

/**
 * Whether the member of `unit` may be removed as a dead one. The operator names it, so its unit may still be there (rule 5); those who
 * stay must hold quorum without it (rule 2), and one that answers is not dead.
 */
export function failedMember(observed: Observed, unit: string): FailedMember {
  const { members } = observed.cluster;
  if (!members.known) return { refusal: `The member list cannot be read (${members.reason}): try again.` };
  const all = members.value.map((member) => callMember(observed, member)).join(', ');
  const member = members.value.find((one) => unitOfMember(observed, one) === unit);
  if (member === undefined)
    return { refusal: `${unit} has no member in this cluster (${all} have): nothing to remove.` };
  const status = observed.cluster.statuses.get(member.id);
  if (status?.known === true)
    return {
      refusal: `The member of ${unit} answers, it is not dead: juju remove-unit ${unit} lets it leave in order.`,
    };
  return { member };
}

/** Why the rest could not do without this member, with what to do; null where it can. */
export function refusalOfTheRest(observed: Observed, member: Member): string | null {
  if (member.learner || !observed.cluster.members.known) return null;
  const all = voters(observed.cluster.members.value);
  const staying = all.filter(({ id }) => id !== member.id && isHealthy(observed, id));
  if (mayRemove(all.length, staying.length)) return null;
  const down = votersDown(observed, member.id).map((one) => callMember(observed, one));
  return `Without it ${staying.length} of ${all.length - 1} voters would be healthy, which is no quorum: start ${down.join(', ')} first.`;
}

/** What the removal is; carried out through another member. */
export const removalOf = (observed: Observed, member: Member): StepOf<'remove-member'> => ({
  kind: 'remove-member',
  memberId: member.id,
  unit: unitOfMember(observed, member),
  via: healthyVoterUrls(observed, member.id),
  why: 'the operator said that it has failed',
  onlyIfLearner: false,
});
