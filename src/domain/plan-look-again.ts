import type { Observed } from './observed';
import { seemsLost } from './quorum-loss';
import type { Step } from './step';
import { waitForTime } from './waiting';

/** How soon an answer that did not come is asked for again, seconds. */
const retrySeconds = 30;

/**
 * Unknown is not absent (rule 4), so nothing is planned on it, and nobody gets a hook when the answer would come: who asks the
 * question asks it again. What etcd and goal-state do not answer is asked again by the planners that need it.
 */
export function planLookAgain(observed: Observed): readonly Step[] {
  const { unit, disk, service } = observed;
  if (!unit.isLeader.known) return waitForTime(retrySeconds, `to know whether it leads (${unit.isLeader.reason})`);
  if (!disk.data.known) return waitForTime(retrySeconds, `to know what is on its disk (${disk.data.reason})`);
  if (!disk.marker.known) return waitForTime(retrySeconds, `to know what is on its disk (${disk.marker.reason})`);
  if (service.state === 'unknown')
    return waitForTime(retrySeconds, 'to know whether etcd runs (systemd gave no answer)');
  return isWithoutLeader(observed)
    ? [{ kind: 'wake-later', afterSeconds: retrySeconds, why: 'to see whether all members have a leader again' }]
    : [];
}

/**
 * Whether a member answers and has no leader, while enough answer to elect one: an election is under way, or a network just came together
 * again. The status says so, and no hook would tell when it is over. Where too few answer, quorum-loss.ts looks after it.
 */
function isWithoutLeader(observed: Observed): boolean {
  const { members, statuses } = observed.cluster;
  if (!members.known || seemsLost(observed)) return false;
  return members.value.some(({ id }) => {
    const status = statuses.get(id);
    return status?.known === true && status.value.leaderId === null;
  });
}
