import { failedMember, refusalOfTheRest, removalOf, type FailedMember } from '../domain/failed-member';
import { callMember } from '../domain/member';
import type { Observed } from '../domain/observed';
import { done, failed, type Action, type ActionCall } from './action';
import { memberRefusal, membersOf, quorumRefusal } from './refusals';

/** How often a member must give no answer before it counts as dead: one slow answer is none. */
const looks = 3;
const lookEveryMs = 1000;

/** `remove-failed-member`: removes the member of a machine that will not come back, where the rest holds quorum without it. */
export const action: Action = async (call) => {
  const unit = call.parameters.text('unit');
  const observed = await call.observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const found = await stillFailed(call, observed, unit);
  if ('refusal' in found) return failed(found.refusal);
  const { member, seen } = found;
  const without = refusalOfTheRest(seen, member);
  if (without !== null) return failed(without);
  const vote = member.learner ? 'a learner' : 'a voter';
  if (!call.parameters.flag('confirm')) {
    return done({
      output: `${unit} has ${vote}, member ${member.id}, that does not answer; nothing was changed, confirm=true removes it for good`,
      member: member.id,
    });
  }
  await call.perform(removalOf(seen, member));
  const after = membersOf(await call.lookAgain());
  if (after.some(({ id }) => id === member.id))
    return failed(`The member of ${unit} is still in the list: run the action again.`);
  const names = after.map((one) => callMember(seen, one));
  const members = names.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).join(', ');
  return done({
    output: `removed ${vote} of ${unit}, member ${member.id}; members now: ${members}. juju remove-unit ${unit} --force removes the unit; a machine that comes back with it joins again, empty`,
    member: member.id,
    members,
  });
};

/** The member, where it gave no answer in several looks in a row. */
async function stillFailed(
  { lookAgain, execution: { clock } }: ActionCall,
  observed: Observed,
  unit: string,
): Promise<
  | Extract<FailedMember, { refusal: string }>
  | (Extract<FailedMember, { member: unknown }> & { readonly seen: Observed })
> {
  let seen = observed;
  for (let look = 1; ; look++) {
    const found = failedMember(seen, unit);
    if ('refusal' in found) return found;
    if (look === looks) return { ...found, seen };
    await clock.sleep(lookEveryMs);
    seen = await lookAgain();
  }
}
