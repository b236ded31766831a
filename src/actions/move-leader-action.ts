import { callMember, clusterLeader, healthyVoterUrls } from '../domain/member';
import { done, failed, type Action, type ActionCall } from './action';
import { memberRefusal, membersOf, quorumRefusal } from './refusals';
import { chooseSuccessor } from './successor';

const patienceMs = 10_000;
const lookEveryMs = 100;

/** `move-leader`: to a unit, or to the follower that is furthest. */
export const action: Action = async (call) => {
  const to = call.parameters.text('to');
  const observed = await call.observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const leaderId = clusterLeader(observed);
  const leader = membersOf(observed).find(({ id }) => id === leaderId);
  if (leader === undefined) return failed('The etcd leader is not in the member list: try again in a moment.');
  const before = callMember(observed, leader);
  const chosen = chooseSuccessor(observed, to);
  if ('refusal' in chosen) return failed(chosen.refusal);
  const { member } = chosen;
  if (member.id === leader.id) {
    return done({ output: `${before} already leads; nothing was changed`, leader: before, from: before });
  }
  await call.perform({ kind: 'move-leadership', from: leader.id, to: member.id, via: healthyVoterUrls(observed) });
  const after = await leaderSeen(call, member.id);
  if (after !== member.id) {
    return failed(
      `Leadership was moved to ${callMember(observed, member)}, and another member leads now: look at health.`,
    );
  }
  const now = callMember(observed, member);
  return done({ output: `leadership moved from ${before} to ${now}`, leader: now, from: before });
};

/** Who leads as this unit sees it, once that is `wanted` or time is over. */
async function leaderSeen({ lookAgain, execution: { clock } }: ActionCall, wanted: string): Promise<string | null> {
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    const leader = clusterLeader(await lookAgain());
    if (leader === wanted || clock.monotonic() >= deadline) return leader;
    await clock.sleep(lookEveryMs);
  }
}
