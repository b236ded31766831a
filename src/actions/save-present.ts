import { readBackupState } from '../backup/state-file';
import type { BackupRecord } from '../domain/backup';
import type { Url } from '../domain/ids';
import { clusterLeader, healthyVoterUrls, holdsQuorum } from '../domain/member';
import type { Observed } from '../domain/observed';
import type { ActionCall } from './action';

/** Where the present data can be read whole: a healthy voter, the own one first; null without quorum. */
export function presentEndpoint(observed: Observed, local: Url | null): Url | null {
  if (!holdsQuorum(observed) || clusterLeader(observed) === null) return null;
  const own = observed.cluster.local;
  if (local !== null && own.known && own.value.leaderId !== null && !own.value.learner) return local;
  return healthyVoterUrls(observed)[0] ?? null;
}

/** Saves what the cluster has now, verified (rule 7). */
export async function savePresent(call: ActionCall, endpoint: Url, target: string): Promise<BackupRecord> {
  const { files, paths } = call.execution;
  const leastRevision = await (await call.execution.maintenance()).revision(endpoint);
  await call.perform({ kind: 'save-backup', target, leastRevision, from: endpoint });
  const { lastGood } = await readBackupState(files, paths);
  if (lastGood === null) throw new Error('the snapshot was saved and not noted');
  return lastGood;
}
