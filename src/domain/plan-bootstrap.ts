import type { Desired } from './desired';
import { etcdConfigFor, ownClientUrl, ownPeerUrl, type Beginning } from './etcd-config';
import { generation, memberName, type UnitName } from './ids';
import { actionableFounding } from './member';
import type { DataMarker, Founding, FoundingMember, Observed, PeerUnitBag } from './observed';
import type { Step } from './step';
import { tlsReadiness } from './plan-tls';

/** How long the founding waits for planned units after the first one was ready, milliseconds. */
export const foundingPatience = 180_000;
/** Without goal-state: how long the relation's members must not change before they count as all, milliseconds. */
export const membersSettle = 30_000;
/** How long a hook waits for the own member, milliseconds. */
export const servingPatience = 10_000;

/** Says in the peer bag that this unit could start: it has etcd, certificates and an address. */
export function planReadiness(observed: Observed, desired: Desired): readonly Step[] {
  const { peers, workload } = observed;
  const peerUrl = ownPeerUrl(observed, desired);
  const clientUrl = ownClientUrl(observed, desired);
  if (peers.relationId === null || workload.current === null || peerUrl === null || clientUrl === null) return [];
  if (!tlsReadiness(observed).ready && peers.own.value.peerUrl === null) return [];
  const clientAddress = observed.unit.clientAddress.known ? observed.unit.clientAddress.value : null;
  const own = peers.own.value;
  const bag: PeerUnitBag = { ...own, peerUrl, clientUrl, version: workload.current, clientAddress };
  const same =
    own.peerUrl === peerUrl &&
    own.clientUrl === clientUrl &&
    own.version === workload.current &&
    own.clientAddress === clientAddress;
  return same ? [] : [{ kind: 'publish-peer', relationId: peers.relationId, bag }];
}

/** Units that are ready to be founders, own unit included; what this hook wrote itself counts, for others will read it too. */
function readyUnits({ unit, peers }: Observed): readonly FoundingMember[] {
  const bags = [[unit.name, peers.own.value] as const, ...peers.others];
  return bags
    .flatMap(([name, { peerUrl }]) => (peerUrl === null ? [] : [{ unit: name, peerUrl }]))
    .sort((one, other) => (one.unit < other.unit ? -1 : 1));
}

/** Whether a new generation may be founded, and which; null while the present one stands or too little is known (rule 4). */
function nextGeneration({ unit, peers }: Observed): Founding['generation'] | null {
  const { founding, members } = peers.application.value;
  if (founding === null) return generation(1);
  if (!peers.planned.known) return null;
  const alive = new Set(peers.planned.value.filter(({ dying }) => !dying).map(({ unit }) => unit));
  const present = new Set<UnitName>([...alive, ...peers.present]);
  const named = founding.initial.map(({ unit }) => unit);
  const next = generation(founding.generation + 1);
  if (![...named, ...members.values()].some((unit) => present.has(unit))) return next;
  // A founder that was destroyed before it started: those who are left never elected a leader, and say so.
  if (members.size > 0 || named.every((unit) => present.has(unit))) return null;
  const bags = new Map([...peers.others, [unit.name, peers.own.value] as const]);
  const left = named.filter((unit) => present.has(unit));
  return left.every((unit) => bags.get(unit)?.neverElected === founding.generation) ? next : null;
}

/** The Juju leader decides who founds the cluster; nobody acts on it before a later hook reads it back. */
export function planFounding(observed: Observed): readonly Step[] {
  const { unit, peers, now, memory } = observed;
  const { relationId } = peers;
  if (relationId === null || !unit.isLeader.known || !unit.isLeader.value || peers.application.pending) return [];
  const next = nextGeneration(observed);
  if (next === null || peers.own.value.peerUrl === null) return [];
  const ready = readyUnits(observed);
  const named = new Set(ready.map((member) => member.unit));
  const found = (initial: readonly FoundingMember[]): readonly Step[] => {
    const token = `${unit.application}-${next}-${observed.entropy}`;
    return [
      { kind: 'write-founding', relationId, founding: { generation: next, token, initial } },
      { kind: 'wait', why: 'for the founding decision to be committed', wokenBy: { by: 'own-application-bag' } },
    ];
  };

  if (!peers.planned.known) {
    const seen = [...peers.present].sort();
    const unchanged = memory.membersStableSince !== null && JSON.stringify(memory.membersSeen) === JSON.stringify(seen);
    if (!unchanged) return [{ kind: 'remember', memory: { ...memory, membersStableSince: now, membersSeen: seen } }];
    const left = (memory.membersStableSince ?? now) + membersSettle - now;
    if (left > 0) return waitFor(left, 'for the units of the application to settle');
    const missing = peers.present.filter((one) => !named.has(one));
    return missing.length === 0 ? found(ready) : patience(observed, missing, () => found(ready));
  }
  const planned = peers.planned.value.filter(({ dying }) => !dying).map((one) => one.unit);
  const founders = ready.filter((member) => planned.includes(member.unit));
  const missing = planned.filter((one) => !named.has(one));
  return missing.length === 0 ? found(founders) : patience(observed, missing, () => found(founders));
}

function patience(
  { now, memory }: Observed,
  missing: readonly UnitName[],
  found: () => readonly Step[],
): readonly Step[] {
  if (memory.foundingWaitSince === null) return [{ kind: 'remember', memory: { ...memory, foundingWaitSince: now } }];
  const left = memory.foundingWaitSince + foundingPatience - now;
  return left <= 0 ? found() : waitFor(left, `for ${missing.join(', ')} to be ready to found the cluster`);
}

function waitFor(milliseconds: number, why: string): readonly Step[] {
  const afterSeconds = Math.ceil(milliseconds / 1000);
  return [
    { kind: 'wake-later', afterSeconds, why },
    { kind: 'wait', why, wokenBy: { by: 'timer', afterSeconds } },
  ];
}

/** How the member of this disk began; null without a marker. */
export const beginningOf = (marker: DataMarker | null): Beginning | null =>
  marker === null ? null : { state: marker.startedAs, token: marker.token, initial: marker.initial };

/** A founder's first start: only if the decision names it, was read back, and this disk never had data of that generation (rule 1). */
export function planFoundingStart(observed: Observed, desired: Desired): readonly Step[] {
  const founding = actionableFounding(observed);
  const { disk, unit, peers } = observed;
  if (founding === null || !founding.initial.some((member) => member.unit === unit.name)) return [];
  if (!disk.marker.known || !disk.data.known || !tlsReadiness(observed).ready) return [];
  const own = peers.own.value;
  const hadData = own.generation !== null && own.generation >= founding.generation;
  if (hadData || disk.data.value === 'present' || [...peers.application.value.members.values()].includes(unit.name))
    return [];
  const marker = disk.marker.value;
  if (marker !== null && marker.generation > founding.generation) return [];
  const initial = founding.initial.map((member) => ({ name: memberName(member.unit), peerUrl: member.peerUrl }));
  const wanted: DataMarker = { generation: founding.generation, startedAs: 'new', token: founding.token, initial };
  const config = etcdConfigFor(observed, desired, { state: 'new', token: founding.token, initial });
  if (config === null) return [];
  return [
    { kind: 'write-etcd-config', config },
    { kind: 'mark-data', marker: wanted },
    { kind: 'start-etcd', why: `founding generation ${founding.generation} with ${founding.initial.length} member(s)` },
    { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true },
  ];
}
