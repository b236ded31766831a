import { callMember, hasStarted } from '../domain/member';
import type { Observed } from '../domain/observed';
import { judge, judgeNewest, type HashAnswer, type Verdict } from './consistency';
import type { ActionCall } from './action';
import { membersOf } from './refusals';

const tries = 10;
const betweenMs = 200;

/** What all voters hold at one revision. */
export interface Hashes {
  readonly revision: bigint;
  readonly answers: readonly HashAnswer[];
  readonly verdict: Verdict;
}

/** The revision that every voter that answers has seen. */
function commonRevision(observed: Observed): bigint {
  const seen = membersOf(observed).flatMap(({ id, learner }) => {
    const status = observed.cluster.statuses.get(id);
    return !learner && status?.known === true ? [status.value.revision] : [];
  });
  return seen.reduce((least, one) => (one < least ? one : least), seen[0] ?? 0n);
}

/** A learner tells nothing but its status. */
function ask(call: ActionCall, observed: Observed, revision: bigint): Promise<readonly HashAnswer[]> {
  const voters = membersOf(observed).filter(({ learner }) => !learner);
  return Promise.all(
    voters.map(async (member): Promise<HashAnswer> => {
      const called = callMember(observed, member);
      const [endpoint] = member.clientUrls;
      const status = observed.cluster.statuses.get(member.id);
      // One that does not tell its status would be waited for as long as a scan of all keys may take.
      if (status?.known === false) return { member: called, answer: { problem: status.reason } };
      if (!hasStarted(member) || endpoint === undefined)
        return { member: called, answer: { problem: 'has not started' } };
      try {
        return { member: called, answer: await (await call.execution.maintenance()).hashKv(endpoint, revision) };
      } catch (error) {
        return { member: called, answer: { problem: error instanceof Error ? error.message : String(error) } };
      }
    }),
  );
}

/**
 * Asks all voters for the hash of their keys at one revision that all have seen, again while compaction moves. A store whose newest
 * revision is the one that it was compacted to has nothing to ask for by number (3.4 refuses it; later ones answer by what they
 * hashed then): it is asked for the newest, which counts where nobody wrote meanwhile.
 */
export async function askHashes(call: ActionCall): Promise<Hashes> {
  let observed = await call.observe();
  for (let left = tries; ; left--) {
    const revision = commonRevision(observed);
    const answers = await ask(call, observed, revision);
    const verdict = judge(answers);
    const compacted = answers.some(
      ({ answer }) => 'problem' in answer && /compacted|future revision/.test(answer.problem),
    );
    if (verdict.kind !== 'incomparable' && !compacted) return { revision, answers, verdict };
    const newest = await ask(call, observed, 0n);
    const other = judgeNewest(newest, revision);
    if (other.kind !== 'incomparable' || left <= 1) return { revision, answers: newest, verdict: other };
    await call.execution.clock.sleep(betweenMs);
    observed = await call.lookAgain();
  }
}
