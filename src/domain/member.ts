import type { Desired } from './desired';
import { ownPeerUrl } from './etcd-config';
import type { MemberId, UnitName, Url } from './ids';
import type { Founding, Member, Observed } from './observed';

/** The founding decision that this unit may act on: read back, not written in this very hook. */
export function actionableFounding({ peers }: Observed): Founding | null {
  return peers.application.pending ? null : peers.application.value.founding;
}

/** This unit's member in the list: by the id that it answered or reported, else by its peer URL; never by name. */
export function ownMember(observed: Observed, desired: Desired): Member | null {
  const { members, local } = observed.cluster;
  if (!members.known) return null;
  const id = local.known ? local.value.memberId : observed.peers.own.value.memberId;
  const peerUrl = ownPeerUrl(observed, desired);
  return (
    members.value.find((member) => member.id === id) ??
    members.value.find((member) => peerUrl !== null && member.peerUrls.includes(peerUrl)) ??
    null
  );
}

export const voters = (members: readonly Member[]): readonly Member[] => members.filter(({ learner }) => !learner);

/** Whether a member answered in this hook and saw a leader. */
export function isHealthy({ cluster }: Observed, id: MemberId): boolean {
  const status = cluster.statuses.get(id);
  return status?.known === true && status.value.leaderId !== null;
}

/** The leader that the members agree on, by what the first that knows says. */
export function clusterLeader({ cluster }: Observed): MemberId | null {
  for (const status of cluster.statuses.values()) {
    if (status.known && status.value.leaderId !== null) return status.value.leaderId;
  }
  return null;
}

/** Client URLs of healthy voters, the leader's first: whom to ask for a change. */
export function healthyVoterUrls(observed: Observed, except: MemberId | null = null): readonly Url[] {
  if (!observed.cluster.members.known) return [];
  const leader = clusterLeader(observed);
  return voters(observed.cluster.members.value)
    .filter((member) => member.id !== except && isHealthy(observed, member.id))
    .sort((one, other) => Number(other.id === leader) - Number(one.id === leader))
    .flatMap((member) => member.clientUrls.slice(0, 1));
}

/** The unit of a member: as recorded, else as a unit reports it, else by the peer URL that a unit published. */
export function unitOfMember(observed: Observed, member: Member): UnitName | null {
  const recorded = observed.peers.application.value.members.get(member.id);
  if (recorded !== undefined) return recorded;
  const bags = [[observed.unit.name, observed.peers.own.value] as const, ...observed.peers.others];
  const found = bags.find(
    ([, bag]) => bag.memberId === member.id || (bag.peerUrl !== null && member.peerUrls.includes(bag.peerUrl)),
  );
  return found?.[0] ?? null;
}

/** Whether goal-state shows this unit being removed, or this hook is part of its removal. Unknown goal-state alone says nothing. */
export function isLeaving({ unit, peers, event }: Observed): boolean {
  if (event.kind === 'stop' || event.kind === 'remove') return true;
  if (event.endpoint === 'cluster' && event.departingUnit === unit.name) return true;
  return peers.planned.known && peers.planned.value.some((planned) => planned.unit === unit.name && planned.dying);
}

/** Whether every unit of the application is being removed. */
export const applicationIsLeaving = ({ peers }: Observed): boolean =>
  peers.planned.known && peers.planned.value.length > 0 && peers.planned.value.every(({ dying }) => dying);
