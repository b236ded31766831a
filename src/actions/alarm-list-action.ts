import { callMember } from '../domain/member';
import type { Alarm, Observed } from '../domain/observed';
import { decimalId } from '../ports/etcd-messages';
import { done, failed, type Action } from './action';
import { memberRefusal, membersOf } from './refusals';
import { resultKey } from './table';

/** One line an alarm, as etcdctl prints them and the predecessor gave them; empty without alarms. */
export const formatAlarms = (alarms: readonly Alarm[]): string =>
  alarms.map(({ memberId, alarm }) => `memberID:${decimalId(memberId)} alarm:${alarm}`).join('\n');

/** Whose alarm it is, for people. A member that is gone leaves its alarms behind. */
export function alarmOwner(observed: Observed, { memberId }: Alarm): string {
  const member = membersOf(observed).find(({ id }) => id === memberId);
  return member === undefined ? `member ${memberId}, which is gone` : callMember(observed, member);
}

/** `alarm-list`: read from the own member's state, so that looking writes nothing. */
export const action: Action = async ({ observe }) => {
  const observed = await observe();
  const refusal = memberRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { alarms } = observed.cluster;
  if (!alarms.known) return failed(`The alarms are unknown (${alarms.reason}): run the action on another unit.`);
  const entries = alarms.value.map((alarm) => [
    `${resultKey(alarm.memberId)}-${alarm.alarm.toLowerCase()}`,
    { member: alarm.memberId, of: alarmOwner(observed, alarm), alarm: alarm.alarm },
  ]);
  return done({
    output: formatAlarms(alarms.value),
    count: alarms.value.length,
    ...(entries.length === 0 ? {} : { alarms: Object.fromEntries(entries) as Record<string, Record<string, string>> }),
  });
};
