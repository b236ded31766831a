import { memberName, type Generation, type MemberId, type UnitName, type Url } from './ids';
import type { DataMarker, Founding, Member, Observed, PeerUnitBag } from './observed';
import { valueOr } from './probe';
import type { Step } from './step';

/** The founding decision that this unit may act on: read back, not written in this very hook. */
export function actionableFounding({ peers }: Observed): Founding | null {
  return peers.application.pending ? null : peers.application.value.founding;
}

/**
 * This unit's member in the list: by the id that it answered or reported, else by the peer URL that it published, or (in `stop`, where
 * no bag can be read) started with; never by name.
 */
export function ownMember({ cluster, peers, disk, unit }: Observed): Member | null {
  const { members, local } = cluster;
  if (!members.known) return null;
  const { memberId, peerUrl } = peers.own.value;
  const byId = (id: MemberId | null): Member | undefined => members.value.find((member) => member.id === id);
  const byUrl = (listed: Url | null): Member | undefined =>
    members.value.find((member) => listed !== null && member.peerUrls.includes(listed));
  const marker = disk.marker.known ? disk.marker.value : null;
  const startedWith = marker?.initial.find(({ name }) => name === memberName(unit.name))?.peerUrl ?? null;
  return byId(local.known ? local.value.memberId : null) ?? byId(memberId) ?? byUrl(peerUrl ?? startedWith) ?? null;
}

export const voters = (members: readonly Member[]): readonly Member[] => members.filter(({ learner }) => !learner);

/** Whether a member has ever served: it publishes its client URLs through the cluster before it does. */
export const hasStarted = ({ clientUrls }: Member): boolean => clientUrls.length > 0;

/** Whether etcd's list has this unit's member as one that has started, while its data were not seen. */
export function startedWithoutData(observed: Observed): boolean {
  const { data } = observed.disk;
  const own = ownMember(observed);
  return own !== null && hasStarted(own) && data.known && data.value !== 'present';
}

/** Whether a member answered in this hook and saw a leader. */
export function isHealthy({ cluster }: Observed, id: MemberId): boolean {
  const status = cluster.statuses.get(id);
  return status?.known === true && status.value.leaderId !== null;
}

/** The leader, by what the first member that knows one says. */
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

/** Bags of the units that the relation lists, the own one first. */
export const bagsOf = ({ unit, peers }: Observed): readonly (readonly [UnitName, PeerUnitBag])[] => [
  [unit.name, peers.own.value],
  ...peers.others,
];

/** Every bag that can be read, also of units that the relation lists no more. */
export const readableBags = (observed: Observed): readonly (readonly [UnitName, PeerUnitBag])[] => [
  ...bagsOf(observed),
  ...observed.peers.unlisted,
];

/** The unit of a member: as a unit reports it, else as recorded, else by the peer URL that a unit published or the founding names. */
export function unitOfMember(observed: Observed, member: Member): UnitName | null {
  const bags = bagsOf(observed);
  const { members, addresses, founding } = observed.peers.application.value;
  return (
    bags.find(([, bag]) => bag.memberId === member.id)?.[0] ??
    members.get(member.id) ??
    bags.find(([, bag]) => bag.peerUrl !== null && member.peerUrls.includes(bag.peerUrl))?.[0] ??
    member.peerUrls.map((peerUrl) => addresses.get(peerUrl)).find((unit) => unit !== undefined) ??
    founding?.initial.find(({ peerUrl }) => member.peerUrls.includes(peerUrl))?.unit ??
    null
  );
}

/** What to call a member in a message: its unit, else its name or id. */
export const callMember = (observed: Observed, member: Member): string =>
  unitOfMember(observed, member) ?? (member.name === '' ? member.id : `member ${member.name}`);

/** Voters other than `except` that did not answer or have no leader. */
export function votersDown(observed: Observed, except: MemberId | null = null): readonly Member[] {
  if (!observed.cluster.members.known) return [];
  return voters(observed.cluster.members.value).filter(({ id }) => id !== except && !isHealthy(observed, id));
}

/** Whether a linearizable read answered in this hook. Unknown counts as no. */
export const holdsQuorum = ({ cluster }: Observed): boolean => valueOr(cluster.quorum, false);

/** Whether this unit is the Juju leader. Unknown counts as no. */
export const isJujuLeader = ({ unit }: Observed): boolean => valueOr(unit.isLeader, false);

/** Whether goal-state shows this unit being removed, or this hook is part of its removal. Unknown goal-state alone says nothing. */
export function isLeaving({ unit, peers, event, memory }: Observed): boolean {
  if (memory.left) return true;
  if (event.kind === 'stop' || event.kind === 'remove') return true;
  if (event.departingUnit === unit.name) return true;
  return peers.planned.known && peers.planned.value.some((planned) => planned.unit === unit.name && planned.dying);
}

/** Whether every unit of the application is being removed. */
export const applicationIsLeaving = ({ peers }: Observed): boolean =>
  peers.planned.known && peers.planned.value.length > 0 && peers.planned.value.every(({ dying }) => dying);

/** Every unit that Juju still has, dying or not; null while goal-state gives no answer (rule 4). */
export function unitsInApplication({ unit, peers }: Observed): ReadonlySet<UnitName> | null {
  if (!peers.planned.known) return null;
  return new Set([unit.name, ...peers.present, ...peers.planned.value.map((planned) => planned.unit)]);
}

/** Whether this disk has data of the generation, or an answer that did not come leaves that open. */
export function mayHaveData({ disk }: Observed, generation: Generation): boolean {
  if (!disk.data.known || !disk.marker.known) return true;
  return disk.data.value === 'present' && disk.marker.value?.generation === generation;
}

/** Whether this unit promised that it has no member of this generation and will not make one; see plan-refound.ts. */
export const hasPromised = ({ peers, memory }: Observed, { generation }: Founding | DataMarker): boolean =>
  peers.own.value.neverElected === generation || memory.promised === generation;

/**
 * Moves the data of this unit's member aside, for good: the marker says from then on that this unit, founder or not, had its part in
 * the generation and may only join (rule 1). In this order: a crash in between leaves data that still run.
 */
export function giveUpData({ disk }: Observed, why: string): readonly Step[] {
  if (!disk.data.known || disk.data.value !== 'present' || !disk.marker.known || disk.marker.value === null) return [];
  return [
    { kind: 'mark-data', marker: { ...disk.marker.value, startedAs: 'existing' } },
    { kind: 'move-data-aside', why },
  ];
}
