import { callMember, hasStarted } from '../domain/member';
import type { Alarm, Observed } from '../domain/observed';
import { inconsistency, type Verdict } from './consistency';
import { membersOf, named } from './refusals';
import { formatBytes } from './table';

/** etcd's default for quota-backend-bytes. */
const defaultQuota = 2 * 1024 ** 3;

/** Bytes that a member's database may have: what it says (3.6 on), else what is configured, else etcd's default. */
export function quotaOf(told: number | undefined, configText: string | null): number {
  if (told !== undefined && told > 0) return told;
  const configured = Number(/^quota-backend-bytes:\s*(\d+)/m.exec(configText ?? '')?.[1] ?? 0);
  return configured > 0 ? configured : defaultQuota;
}

/** Why NOSPACE would come back with the next write, with what to do first; null where it would not. */
export function spaceCause(observed: Observed, alarms: readonly Alarm[]): string | null {
  const members = membersOf(observed);
  const over = members.flatMap((member) => {
    const status = observed.cluster.statuses.get(member.id);
    if (status?.known !== true) return [];
    const { dbSize, dbSizeInUse, dbSizeQuota } = status.value;
    const quota = quotaOf(dbSizeQuota, observed.service.configText);
    return dbSize < quota ? [] : [{ unit: callMember(observed, member), dbSize, quota, full: dbSizeInUse >= quota }];
  });
  const [first] = over;
  if (first !== undefined) {
    const who = named(over.map(({ unit }) => unit));
    const sizes = `${formatBytes(first.dbSize)} of ${formatBytes(first.quota)}`;
    const what = over.some(({ full }) => full)
      ? 'delete keys, run compact, then defrag cluster=true'
      : 'run compact, then defrag cluster=true';
    return `The database of ${who} is still over its quota (${sizes}): ${what}, then disarm; nothing was changed.`;
  }
  // One that is down may still be over its quota; one that is gone cannot.
  const silent = members.filter(
    (member) =>
      hasStarted(member) &&
      alarms.some(({ memberId }) => memberId === member.id) &&
      observed.cluster.statuses.get(member.id)?.known !== true,
  );
  return silent.length === 0
    ? null
    : `${named(silent.map((member) => callMember(observed, member)))} raised the alarm and does not answer, so its database may still be over its quota: start it first; nothing was changed.`;
}

/** Why CORRUPT is still true; null where all members are equal. */
export function corruptionCause(verdict: Verdict): string | null {
  const problem = inconsistency(verdict);
  return problem === null ? null : `The cause of CORRUPT lasts. ${problem}`;
}
