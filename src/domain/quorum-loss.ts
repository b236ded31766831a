import { holdsQuorum, voters } from './member';
import type { Observed } from './observed';
import { quorumOf } from './quorum';
import type { Step } from './step';

/** How long quorum must be gone before it is called lost, milliseconds: a restart, an election, one slow answer are over by then. */
export const lossPatience = 30_000;

/**
 * Whether so many voters are silent that those who answer cannot agree; where nobody answers this unit, it cannot tell, and says so, too.
 * Only what etcd says counts: who is cut off from Juju is not silent.
 */
export function seemsLost(observed: Observed): boolean {
  const { members, statuses, quorum } = observed.cluster;
  if (holdsQuorum(observed)) return false;
  if (!members.known) return !quorum.known;
  const all = voters(members.value);
  const answering = all.filter(({ id }) => statuses.get(id)?.known === true);
  return answering.length < quorumOf(all.length);
}

/** Notes since when, and forgets it when quorum is back; on a cluster that is well it does nothing (rule 12). */
export function planQuorumWatch(observed: Observed): readonly Step[] {
  const { memory, now } = observed;
  const since = memory.quorumLostSince ?? null;
  if (!seemsLost(observed)) {
    return since === null ? [] : [{ kind: 'remember', memory: { ...memory, quorumLostSince: null } }];
  }
  if (since !== null) return [];
  return [
    { kind: 'remember', memory: { ...memory, quorumLostSince: now } },
    { kind: 'wake-later', afterSeconds: lossPatience / 1000 + 1, why: 'to see whether quorum is back' },
  ];
}

/**
 * For the status: the exact command, once quorum has been gone for a while; null before. It names no failed units: a member without quorum
 * that was started again answers nobody either, and its unit is needed. Who does not answer Juju is told by the survey.
 */
export function lossAdvice(observed: Observed): string | null {
  const { memory, now, unit } = observed;
  const since = memory.quorumLostSince ?? null;
  if (since === null || now - since < lossPatience || !seemsLost(observed)) return null;
  return `if half of the voters or more are gone for good: juju run ${unit.application}/leader recover-quorum confirm=true (else start them)`;
}
