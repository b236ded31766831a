import { clusterId, etcdVersion, url, type MemberId } from '../ids';
import type { MemberStatus, Observed } from '../observed';
import { known, unknown, type Probe } from '../probe';
import { reportedMembers } from '../recreating';
import { leaderOf, memberOfProcess, reaches, seesQuorum, unitRunning } from './cluster';
import type { Doubt } from './doubt';
import type { Transaction } from './transaction';
import type { SimulatedUnit, World } from './world';

export const simulatedVersion = etcdVersion('3.5.16');

export function observeCluster(
  world: World,
  unit: SimulatedUnit,
  transaction: Transaction,
  doubt: Doubt,
): Observed['cluster'] {
  const nothing = unknown('no member answers');
  const local = doubt.has('local') || !unit.disk.tls ? nothing : statusOfUnit(world, unit);
  const asked = local.known ? unit : unit.disk.tls ? anotherAnswering(world, unit, transaction, doubt) : null;
  const cluster = world.clusters.get(asked?.disk.data?.cluster ?? '');
  if (cluster === undefined || doubt.has('members')) {
    return { local, members: nothing, statuses: new Map(), quorum: nothing, alarms: nothing, turn: nothing };
  }
  const quorum = seesQuorum(world, cluster, unit);
  const statuses = new Map(
    cluster.members
      .filter(({ clientUrls }) => clientUrls.length > 0)
      .map(({ id }): [MemberId, Probe<MemberStatus>] => {
        const running = unitRunning(world, cluster.token, id);
        const silent = running === null || !reaches(unit, running) || (doubt.has('statuses') && running !== asked);
        return [id, silent ? nothing : statusOfUnit(world, running)];
      }),
  );
  return {
    local,
    members: known(cluster.members),
    statuses,
    quorum: doubt.has('quorum') ? nothing : known(quorum),
    alarms: known([]),
    turn: doubt.has('turn') || !quorum ? nothing : known(cluster.turn),
  };
}

function anotherAnswering(
  world: World,
  asking: SimulatedUnit,
  { others, unlisted, memory, application, written }: Transaction,
  doubt: Doubt,
): SimulatedUnit | null {
  const leavers = doubt.has('planned') ? [] : [...unlisted.values()];
  const { present, former } = reportedMembers([...others.values()], leavers, { ...application, ...written });
  const urls = [...present, ...(memory ?? asking.memory).endpoints, ...(asking.disk.marker?.endpoints ?? [])].filter(
    (endpoint) => !former.includes(endpoint),
  );
  const candidates = [...world.units.values()]
    .filter((unit) => unit !== asking && urls.includes(url(`https://${unit.address}:2379`)))
    .filter((unit) => reaches(asking, unit) && statusOfUnit(world, unit).known);
  const leading = candidates.find((unit) => {
    const status = statusOfUnit(world, unit);
    return status.known && status.value.leaderId !== null;
  });
  return leading ?? candidates[0] ?? null;
}

function statusOfUnit(world: World, unit: SimulatedUnit): Probe<MemberStatus> {
  const member = memberOfProcess(world, unit);
  const cluster = unit.disk.data === null ? undefined : world.clusters.get(unit.disk.data.cluster);
  if (member === null || cluster === undefined || unit.process?.ready !== true) return unknown('no answer');
  return known({
    memberId: member.id,
    clusterId: clusterId(String([...world.clusters.keys()].indexOf(cluster.token) + 1)),
    leaderId: seesQuorum(world, cluster, unit) ? leaderOf(world, cluster) : null,
    version: simulatedVersion,
    dbSize: 1,
    dbSizeInUse: 1,
    raftTerm: 1n,
    raftIndex: BigInt(cluster.revision),
    raftAppliedIndex: BigInt(cluster.revision),
    revision: BigInt(cluster.revision),
    learner: member.learner,
    errors: [],
    latency: 1,
  });
}

// what a unit sees
