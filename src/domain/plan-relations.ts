import type { Desired } from './desired';
import { httpsUrl } from './etcd-config';
import type { MemberId, UnitName } from './ids';
import { actionableFounding, ownMember, voters } from './member';
import type { Observed, PeerUnitBag } from './observed';
import { valueOr } from './probe';
import type { Step } from './step';

/** Publishes in the peer bag what others need of this unit's member once it serves: id, generation, whether it votes. */
export function planMemberReport(observed: Observed, desired: Desired): readonly Step[] {
  const { peers, cluster, disk } = observed;
  const marker = valueOr(disk.marker, null);
  const own = ownMember(observed, desired);
  const serves =
    cluster.local.known &&
    own !== null &&
    cluster.local.value.memberId === own.id &&
    cluster.local.value.leaderId !== null;
  if (peers.relationId === null || !serves || own === null || marker === null || actionableFounding(observed) === null)
    return [];
  const before = peers.own.value;
  const bag: PeerUnitBag = {
    ...before,
    memberId: own.id,
    generation: marker.generation,
    voter: !own.learner,
    neverElected: null,
  };
  const same = before.memberId === bag.memberId && before.generation === bag.generation && before.voter === bag.voter;
  return same && before.neverElected === null ? [] : [{ kind: 'publish-peer', relationId: peers.relationId, bag }];
}

/** The Juju leader writes down which unit every member id was reported by: only those may be housekept later (rule 5). */
export function planMemberRecord(observed: Observed): readonly Step[] {
  const { unit, peers } = observed;
  if (
    peers.relationId === null ||
    !unit.isLeader.known ||
    !unit.isLeader.value ||
    actionableFounding(observed) === null
  )
    return [];
  const generation = peers.application.value.founding?.generation;
  const reported = new Map<MemberId, UnitName>();
  for (const [name, bag] of [[unit.name, peers.own.value] as const, ...peers.others]) {
    if (bag.memberId !== null && bag.generation === generation) reported.set(bag.memberId, name);
  }
  const recorded = peers.application.value.members;
  const fresh = [...reported].filter(([id, name]) => recorded.get(id) !== name);
  if (fresh.length === 0) return [];
  return [{ kind: 'record-members', relationId: peers.relationId, members: new Map([...recorded, ...fresh]) }];
}

/** Where clients reach the cluster: the voters' client URLs, string-sorted as the Python charm had them; empty while unknown. */
export function connectionString(observed: Observed, desired: Desired): string {
  const { members } = observed.cluster;
  if (!members.known) return '';
  const addresses = voters(members.value).flatMap((member) => member.clientUrls.slice(0, 1));
  const own = observed.unit.clientAddress.known
    ? [httpsUrl(observed.unit.clientAddress.value, desired.clientPort)]
    : [];
  const serving = ownMember(observed, desired)?.learner === false ? own : [];
  return [...new Set([...addresses, ...serving])].sort().join(',');
}

/** The `db` relation: the full, identical set from every unit whose member votes (layer-etcd.md section 5). Never cleared while units remain. */
export function planClients(observed: Observed, desired: Desired): readonly Step[] {
  const { tls, workload, clients, cluster } = observed;
  const own = ownMember(observed, desired);
  const text = connectionString(observed, desired);
  const healthy = cluster.quorum.known && cluster.quorum.value;
  if (
    own === null ||
    own.learner ||
    !healthy ||
    text === '' ||
    tls.ca === null ||
    tls.client === null ||
    workload.current === null
  )
    return [];
  const wanted = {
    connectionString: text,
    version: workload.current,
    caFingerprint: tls.ca.fingerprint,
    clientFingerprint: tls.client.fingerprint,
  };
  return clients
    .filter(
      ({ published }) =>
        JSON.stringify(published, Object.keys(wanted).sort()) !== JSON.stringify(wanted, Object.keys(wanted).sort()),
    )
    .map(({ relationId }) => ({ kind: 'publish-client', relationId, connectionString: text, version: wanted.version }));
}

/** Opens the client and the peer port, as the predecessor's README shows, and closes those of other settings. */
export function planPorts(observed: Observed, desired: Desired): readonly Step[] {
  if (observed.workload.current === null || observed.peers.own.value.peerUrl === null) return [];
  const wanted = [`${desired.clientPort}/tcp`, `${desired.peerPort}/tcp`];
  const open = wanted.filter((port) => !observed.openedPorts.includes(port));
  const close = observed.openedPorts.filter((port) => !wanted.includes(port));
  return open.length + close.length === 0 ? [] : [{ kind: 'set-ports', open, close }];
}
