import { callMember, clusterLeader, holdsQuorum, isHealthy, isLeaving, ownMember } from '../domain/member';
import type { Member, Observed } from '../domain/observed';
import { describeHeldBack } from '../domain/start-gate';
import type { Files } from '../ports/files';

/** `etcd/1 and etcd/2` */
export const named = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

/** Members that do not answer or know no leader, as the operator calls them. */
const down = (observed: Observed): readonly string[] =>
  observed.cluster.members.known
    ? observed.cluster.members.value
        .filter(({ id }) => !isHealthy(observed, id))
        .map((member) => callMember(observed, member))
    : [];

/**
 * Why this unit's own member cannot be asked for anything, with what to do; null where it can. In this order: the first reason is the
 * one whose cure the others wait for.
 */
export function memberRefusal(observed: Observed): string | null {
  const { unit, tls, peers, cluster, gate } = observed;
  if (isLeaving(observed)) return `${unit.name} is being removed: run the action on another unit.`;
  if (tls.ca === null || tls.client === null) {
    return `${unit.name} has no certificates yet: relate etcd:certificates to a certificate authority, or wait until its status says more.`;
  }
  if (gate.heldBack !== null) return `${unit.name}: ${describeHeldBack(gate.heldBack, unit.name)}.`;
  if (!cluster.local.known) {
    if (peers.application.value.founding === null) {
      return 'The cluster is not founded yet: wait until juju status says that it is healthy, then try again.';
    }
    return `etcd on ${unit.name} does not answer (${cluster.local.reason}): run the action on a unit whose member answers, and look at "journalctl -u etcd" on this one.`;
  }
  if (ownMember(observed) === null) {
    return `The member of ${unit.name} is not in its cluster's list: wait until its status says more, or run the action on another unit.`;
  }
  return null;
}

/** Why the cluster can agree on nothing now, with what to do; null where it can. */
export function quorumRefusal(observed: Observed): string | null {
  if (holdsQuorum(observed) && clusterLeader(observed) !== null) return null;
  const { quorum } = observed.cluster;
  const silent = down(observed);
  const who = silent.length === 0 ? 'look at juju status' : `start ${named(silent)} first`;
  return quorum.known
    ? `The cluster has no quorum: ${who}, then try again.`
    : `It is unknown whether the cluster has quorum (${quorum.reason}): ${who}, then try again.`;
}

/** Why files cannot be looked for in what is no directory; null also where nothing is there. */
export async function directoryRefusal(files: Files, path: string): Promise<string | null> {
  const listed = await files.list(path).then(
    () => true,
    () => false,
  );
  return !listed ? `${path} is not a directory that can be read: give the directory that the backups are in.` : null;
}

/** The list, where {@link memberRefusal} found that there is one. */
export const membersOf = ({ cluster }: Observed): readonly Member[] =>
  cluster.members.known ? cluster.members.value : [];
