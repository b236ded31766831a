import { CharmError } from '../domain/errors';
import { healthyVoterUrls } from '../domain/member';
import { refusal as saidBy } from '../ports/etcd-gateway';
import { done, failed, type Action } from './action';
import { memberRefusal, quorumRefusal } from './refusals';

/** etcd's revisions are int64. */
const largest = 2n ** 63n - 1n;

/** A revision as an operator types it; null for the newest. Throws what to type where it is none. */
export function parseRevision(text: string): bigint | null {
  if (text.trim() === '') return null;
  if (!/^\d{1,19}$/.test(text) || BigInt(text) < 1n || BigInt(text) > largest) {
    throw new CharmError({
      code: 'CONFIG_INVALID',
      operation: 'compact',
      message: `revision is "${text}", and must be a whole number above 0, or empty for the newest; nothing was changed.`,
      retryable: false,
    });
  }
  return BigInt(text);
}

/** etcd's refusals of a revision, with what to do; null for anything else. */
export function compactRefusal(error: unknown, revision: bigint, newest: bigint): string | null {
  const text = saidBy(error)?.text ?? '';
  if (/future revision/.test(text)) {
    return `Revision ${revision} is to come: the newest is ${newest}. Give one up to that, or none for the newest; nothing was changed.`;
  }
  if (/has been compacted/.test(text)) {
    return `The store is already compacted to revision ${revision} or a later one: nothing was to be done, and nothing was changed.`;
  }
  if (/corrupt cluster/.test(text)) {
    return 'The cluster has the alarm CORRUPT and compacts nothing: run check-consistency, and follow what it says.';
  }
  return null;
}

/** `compact`: gives up history before a revision. */
export const action: Action = async ({ parameters, observe, perform, execution }) => {
  const wanted = parseRevision(parameters.textOrNumber('revision'));
  const physical = parameters.flag('physical');
  const observed = await observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const via = healthyVoterUrls(observed);
  const [endpoint] = via;
  if (endpoint === undefined) return failed('No voter answers this unit: look at juju status, then try again.');
  // Read linearizably: the own member may lag, and what it has not seen yet would be kept.
  const newest = await (await execution.maintenance()).revision(endpoint);
  const revision = wanted ?? newest;
  try {
    await perform({ kind: 'compact', revision, physical, via });
  } catch (error) {
    const why = compactRefusal(error, revision, newest);
    if (why === null) throw error;
    // The newest is what this run found: nothing older is left, whoever gave it up (a run that was killed).
    if (wanted === null && /already compacted/.test(why))
      return done({ output: `already compacted to revision ${revision}`, revision: revision.toString(), physical });
    return failed(why, { revision: revision.toString() });
  }
  return done({ output: `compacted revision ${revision}`, revision: revision.toString(), physical });
};
