import type { Observed } from './observed';
import type { Step } from './step';
import { waitForTime } from './waiting';

/** How soon an answer that did not come is asked for again, seconds. */
const retrySeconds = 30;

/**
 * Unknown is not absent (rule 4), so nothing is planned on it, and nobody gets a hook when the answer would come: who asks the
 * question asks it again. What etcd and goal-state do not answer is asked again by the planners that need it.
 */
export function planLookAgain({ unit, disk, service }: Observed): readonly Step[] {
  if (!unit.isLeader.known) return waitForTime(retrySeconds, `to know whether it leads (${unit.isLeader.reason})`);
  if (!disk.data.known) return waitForTime(retrySeconds, `to know what is on its disk (${disk.data.reason})`);
  if (!disk.marker.known) return waitForTime(retrySeconds, `to know what is on its disk (${disk.marker.reason})`);
  if (service.state === 'unknown')
    return waitForTime(retrySeconds, 'to know whether etcd runs (systemd gave no answer)');
  return [];
}
