import { memberId, url } from '../ids';
import type { DataMarker } from '../observed';
import { heldBackBy, newestOf, type HeldBack } from '../start-gate';
import { hasQuorum, memberOfProcess, reaches, seesQuorum } from './cluster';
import type { SimulatedCluster, SimulatedUnit, World } from './world';

/** Lets etcd do what it does by itself: elect, become ready, publish its client URLs, expire a turn whose unit is gone. */
export function settleEtcd(world: World): void {
  // systemd tries a start that was held back again and again.
  for (const unit of world.units.values()) if (unit.heldBack !== null) startProcess(world, unit);
  for (const cluster of world.clusters.values()) {
    if (!hasQuorum(world, cluster)) continue;
    cluster.everElected = true;
    for (const unit of world.units.values()) {
      const member = memberOfProcess(world, unit);
      const { data } = unit.disk;
      if (member === null || data?.cluster !== cluster.token || unit.process === null) continue;
      if (!seesQuorum(world, cluster, unit)) continue;
      unit.disk.data = { ...data, hadLeader: true };
      unit.process.ready = true;
      if (member.clientUrls.length > 0 && member.name !== '') continue;
      const started = {
        ...member,
        name: unit.name.replace('/', ''),
        clientUrls: [url(`https://${unit.address}:2379`)],
      };
      cluster.members = cluster.members.map((one) => (one.id === member.id ? started : one));
    }
  }
}

/** The start gate of a unit, asking the peers that it has settings for and whose machines are up. */
function heldBack(world: World, unit: SimulatedUnit): HeldBack | null {
  const { disk } = unit;
  const settings = disk.gateSettings;
  if (settings === null) return null;
  const answers = settings.peers.flatMap(({ unit: name }) => {
    const peer = world.units.get(name);
    if (peer === undefined || !reaches(unit, peer)) return [];
    if (peer.responder === null || peer.disk.gateSettings === null) return [];
    const { cluster, unit: said, decided } = peer.disk.gateSettings;
    return [{ cluster, unit: said, newest: newestOf(peer.disk.marker, decided) }];
  });
  return heldBackBy(settings, disk.marker, answers);
}

/** What etcd does at start: with data it goes on, without it founds or joins as its configuration says, or exits. */
export function startProcess(world: World, unit: SimulatedUnit): void {
  const { disk } = unit;
  if (unit.process === null) unit.frozen = false;
  if (unit.process !== null || disk.configText === null || !unit.machineUp) return;
  unit.heldBack = heldBack(world, unit);
  if (unit.heldBack !== null) return;
  if (disk.data === null) {
    if (disk.marker === null) return;
    const cluster =
      disk.marker.startedAs === 'new' ? foundedCluster(world, disk.marker) : joinedCluster(world, unit, disk.marker);
    const peerUrl = url(`https://${unit.address}:2380`);
    const own = cluster?.members.find(({ peerUrls }) => peerUrls.includes(peerUrl));
    if (cluster === undefined || own === undefined) return;
    disk.data = { cluster: cluster.token, generation: disk.marker.generation, id: own.id, hadLeader: false };
  }
  const cluster = world.clusters.get(disk.data.cluster);
  // A removed member exits at once, and systemd starts it again and again: a process that never gets ready.
  if (cluster === undefined) return;
  unit.process = { ready: false, configText: disk.configText, unaware: false };
}

/** A joiner's token says nothing: it joins what the peers in its configuration are members of, whatever that was made by. */
function joinedCluster(world: World, unit: SimulatedUnit, marker: DataMarker): SimulatedCluster | undefined {
  const serving = [...world.units.values()].find(
    (other) =>
      other.process?.ready === true &&
      other.disk.data !== null &&
      reaches(unit, other) &&
      marker.initial.some(({ peerUrl }) => peerUrl === url(`https://${other.address}:2380`)),
  );
  // While nobody answers, etcd exits and systemd starts it again: the cluster that it was told of answers then.
  return world.clusters.get(serving?.disk.data?.cluster ?? marker.token);
}

function foundedCluster(world: World, marker: DataMarker): SimulatedCluster {
  const existing = world.clusters.get(marker.token);
  if (existing !== undefined) return existing;
  const cluster: SimulatedCluster = {
    token: marker.token,
    generation: marker.generation,
    members: marker.initial.map(({ name, peerUrl }) => ({
      id: memberId(String(world.nextId++)),
      name,
      peerUrls: [peerUrl],
      clientUrls: [],
      learner: false,
    })),
    everElected: false,
    turn: null,
    revision: 1,
  };
  world.clusters.set(marker.token, cluster);
  return cluster;
}
