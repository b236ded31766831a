import { healthyVoterUrls } from '../domain/member';
import { done, failed, type Action } from './action';
import { corruptionCause, spaceCause } from './alarm-cause';
import { alarmOwner, formatAlarms } from './alarm-list-action';
import { askHashes } from './ask-hashes';
import { memberRefusal, quorumRefusal } from './refusals';

/** `alarm-disarm`: all alarms, unless what raised one is still so: the next write would raise it again. */
export const action: Action = async (call) => {
  const observed = await call.observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { alarms } = observed.cluster;
  if (!alarms.known) return failed(`The alarms are unknown (${alarms.reason}): run the action on another unit.`);
  const space = alarms.value.filter(({ alarm }) => alarm === 'NOSPACE');
  const corrupt = alarms.value.filter(({ alarm }) => alarm === 'CORRUPT');
  const cause =
    (space.length > 0 ? spaceCause(observed, space) : null) ??
    (corrupt.length > 0 ? corruptionCause((await askHashes(call)).verdict) : null);
  if (cause !== null) return failed(cause, { alarms: formatAlarms(alarms.value) });
  const via = healthyVoterUrls(observed);
  for (const alarm of alarms.value) {
    await call.perform({ kind: 'disarm-alarm', alarm, via });
    await call.progress(`disarmed ${alarm.alarm} of ${alarmOwner(observed, alarm)}`);
  }
  return done({ output: formatAlarms(alarms.value), disarmed: alarms.value.length });
};
