import type { Desired } from './desired';
import { ownClientUrl, ownPeerUrl } from './etcd-config';
import { actionableFounding, holdsQuorum, isHealthy, ownMember, unitOfMember, voters } from './member';
import type { UnitName } from './ids';
import type { Observed, PeerUnitBag } from './observed';
import { mayStartAsFounder } from './plan-bootstrap';
import { settingsToPublish } from './plan-member';
import { tlsReadiness } from './plan-tls';
import { roleOf } from './role';
import type { Step } from './step';

/** Publishes what others need to know of this unit: where it is, what it runs, and of its member what it last knew for certain. */
export function planPeerData(observed: Observed, desired: Desired): readonly Step[] {
  const { relationId, own } = observed.peers;
  if (relationId === null) return [];
  const bag = wantedBag(observed, desired);
  const keys = Object.keys(bag) as (keyof PeerUnitBag)[];
  if (keys.every((key) => (own.value[key] ?? null) === bag[key])) return [];
  const { current } = observed.workload;
  return [
    // In the same transaction as the version in the bag: it is lost and done again together with it.
    ...(current !== null && own.value.version !== current
      ? [{ kind: 'set-application-version', version: current } as const]
      : []),
    { kind: 'publish-peer', relationId, bag },
  ];
}

function wantedBag(observed: Observed, desired: Desired): PeerUnitBag {
  const { peers, workload, cluster, disk } = observed;
  const before = { ...peers.own.value, standby: false, settings: peers.own.value.settings ?? null };
  const located = { ...before, version: workload.current ?? before.version, ...whereItIs(observed, desired) };
  const member = ownMember(observed);
  const marker = disk.marker.known ? disk.marker.value : null;
  const { local } = cluster;
  if (!local.known || local.value.leaderId === null || marker === null || member === null) {
    return member === null && removedForCertain(observed) ? { ...located, memberId: null, voter: false } : located;
  }
  const voter = !member.learner && !local.value.learner;
  return {
    ...located,
    memberId: member.id,
    generation: marker.generation,
    voter: voter || (before.voter && before.memberId === member.id),
    settings: settingsToPublish(observed, desired),
    clientAddress:
      voter && observed.unit.clientAddress.known ? observed.unit.clientAddress.value : before.clientAddress,
  };
}

/** The addresses, once this unit could start; an unstarted founder keeps to the peer URL of the decision. */
function whereItIs(observed: Observed, desired: Desired): Pick<PeerUnitBag, 'peerUrl' | 'clientUrl'> {
  const { peers, unit, workload, cluster } = observed;
  const before = peers.own.value;
  const ready = workload.current !== null && tlsReadiness(observed).ready;
  if (!ready && before.peerUrl === null) return { peerUrl: null, clientUrl: null };
  const member = ownMember(observed);
  const clientUrl =
    (cluster.local.known ? member?.clientUrls[0] : undefined) ?? ownClientUrl(observed, desired) ?? before.clientUrl;
  const [listed] = member?.peerUrls ?? [];
  if (listed !== undefined) return { peerUrl: listed, clientUrl };
  const named = peers.application.value.founding?.initial.find((one) => one.unit === unit.name);
  const keepsTo =
    named !== undefined && (peers.application.pending || mayStartAsFounder(observed)) ? named.peerUrl : null;
  return { peerUrl: keepsTo ?? ownPeerUrl(observed, desired) ?? before.peerUrl, clientUrl };
}

/** The cluster's own fresh list lacks the member that this unit reported. */
function removedForCertain(observed: Observed): boolean {
  const { members, local } = observed.cluster;
  return (
    observed.peers.own.value.memberId !== null &&
    !local.known &&
    members.known &&
    members.value.length > 0 &&
    holdsQuorum(observed)
  );
}

/** Whether a unit is in the relation, or will be. One that is being removed leaves it in time for a hook; its end gives none. */
function isHere({ unit: own, peers, event }: Observed, unit: UnitName): boolean {
  if (unit === event.departingUnit) return false;
  const awaited = peers.planned.known && peers.planned.value.some((one) => one.unit === unit && !one.dying);
  return unit === own.name || peers.present.includes(unit) || awaited;
}

/** Where clients reach the cluster: client URLs of the voters whose units are here, string-sorted as the Python charm had them; null while unknown. */
export function connectionString(observed: Observed): string | null {
  const { members } = observed.cluster;
  if (!members.known || !holdsQuorum(observed) || actionableFounding(observed) === null) return null;
  const urls = voters(members.value).flatMap((member) => {
    const unit = unitOfMember(observed, member);
    return unit !== null && isHere(observed, unit) ? member.clientUrls.slice(0, 1) : [];
  });
  return urls.length === 0 ? null : [...urls].sort().join(',');
}

/** The `db` relation: the full, identical set from every unit whose member votes (layer-etcd.md section 5). Never cleared while units remain. */
export function planClients(observed: Observed): readonly Step[] {
  const { cluster } = observed;
  const own = ownMember(observed);
  const text = connectionString(observed);
  if (own === null || own.learner || !cluster.local.known || !isHealthy(observed, own.id) || text === null) return [];
  return planPublication(observed, text);
}

/** What clients are told, on each of the relations that does not say so yet; nothing while certificates or version are missing. */
export function planPublication({ tls, workload, clients }: Observed, connectionString: string): readonly Step[] {
  if (tls.ca === null || tls.client === null || workload.current === null) return [];
  const version = workload.current;
  const wanted = {
    connectionString,
    version,
    caFingerprint: tls.ca.fingerprint,
    clientFingerprint: tls.client.fingerprint,
  };
  const keys = Object.keys(wanted) as (keyof typeof wanted)[];
  return clients
    .filter(({ published }) => published === null || keys.some((key) => published[key] !== wanted[key]))
    .map(({ relationId }) => ({ kind: 'publish-client', relationId, connectionString, version }));
}

/**
 * Keeps where the other voters are, for the hooks that have no bag to read it from. Those of units that are gone do not count, though
 * still listed: nobody gets a hook when the Juju leader removes them.
 */
export function planEndpoints(observed: Observed): readonly Step[] {
  const { cluster, memory } = observed;
  if (!cluster.members.known) return [];
  const own = ownMember(observed);
  const endpoints = voters(cluster.members.value)
    .filter((member) => {
      const unit = unitOfMember(observed, member);
      return member.id !== own?.id && (unit === null || isHere(observed, unit));
    })
    .flatMap(({ clientUrls }) => clientUrls.slice(0, 1))
    .sort();
  if ((memory.endpoints ?? []).join() === endpoints.join()) return [];
  return [{ kind: 'remember', memory: { ...memory, endpoints } }];
}

/** Opens the client and, for a member, the peer port, as the predecessor's README shows, and closes those of other settings. */
export function planPorts(observed: Observed, desired: Desired): readonly Step[] {
  if (observed.workload.current === null) return [];
  const peers = roleOf(observed).role === 'standby' ? [] : [`${desired.peerPort}/tcp`];
  const wanted = [`${desired.clientPort}/tcp`, ...peers];
  const open = wanted.filter((port) => !observed.openedPorts.includes(port));
  const close = observed.openedPorts.filter((port) => !wanted.includes(port));
  return open.length + close.length === 0 ? [] : [{ kind: 'set-ports', open, close }];
}
