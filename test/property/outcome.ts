import type { SimulatedUnit, World } from '../../src/domain/simulate/world';
import { hasQuorum } from '../../src/domain/simulate/cluster';
import { underWay } from './under-way';
import { quorumOf } from '../../src/domain/quorum';

/** So many voters' disks are gone that no quorum can ever come back: the operator's recovery, and nothing to converge to. */
export function isLost(world: World): boolean {
  // While it is being recreated, the old one is meant to be gone.
  if (underWay(world) !== null) return false;
  if ([...world.units.values()].some((unit) => leavesUnheard(world, unit))) return true;
  return [...world.clusters.values()].some((cluster) => {
    const latest = Math.max(
      ...[...world.clusters.values()].filter(({ everElected }) => everElected).map(({ generation }) => generation),
    );
    if (!cluster.everElected || cluster.generation !== latest) return false;
    const voting = cluster.members.filter(({ learner }) => !learner);
    const alive = voting.filter(({ id }) => [...world.units.values()].some(({ disk }) => disk.data?.id === id));
    const someData = [...world.units.values()].some(({ disk }) => disk.data?.cluster === cluster.token);
    return someData && alive.length < quorumOf(voting.length);
  });
}

/**
 * The only unit restored, that action's commit was refused because another became the leader in that very moment, and before any hook
 * of it could say so its removal had come to `stop`, which can say nothing: its line names the ways out, and each is the operator's.
 */
const leavesUnheard = ({ application }: World, { dying, disk, bag }: SimulatedUnit): boolean =>
  dying &&
  disk.staged?.alone === true &&
  bag.begun === null &&
  disk.staged.recreation.generation > (application.founding?.generation ?? 0);

/** A restore that says to the operator: run it again. */
export function stuckRestore(world: World): boolean {
  const { units } = world;
  const recreation = underWay(world);
  if (recreation === null) return false;
  const problems = [...units.values()].some(
    ({ bag }) => bag.recreation?.token === recreation.token && bag.recreation.problem !== null,
  );
  return problems || (recreation.creator !== null && !units.has(recreation.creator));
}

/** What is not as it should be in the end; null where all live units vote in one cluster that has nobody else. */
export function problem(world: World): string | null {
  const units = [...world.units.values()];
  if (units.length === 0) return null;
  const leaving = units.find(({ dying }) => dying);
  if (leaving) return `${leaving.name} has not left (${summary(world)})`;
  const serving = [...world.clusters.values()].filter((cluster) => hasQuorum(world, cluster));
  const [cluster] = serving;
  if (cluster === undefined) return `no cluster serves (${summary(world)})`;
  for (const unit of units) {
    const member = cluster.members.find(({ id }) => id === unit.disk.data?.id);
    if (member === undefined || member.learner || unit.process?.ready !== true)
      return `${unit.name} does not vote (${summary(world)})`;
    if (unit.bag.memberId !== member.id || !unit.bag.voter) return `${unit.name} has not published its vote`;
    if (!unit.disk.configText?.includes(`heartbeat-interval: ${String(world.config['heartbeat_interval'] ?? 100)}`)) {
      return `${unit.name} runs with old options`;
    }
    if (unit.process.configText !== unit.disk.configText) return `${unit.name} was not restarted`;
  }
  if (cluster.members.length !== units.length)
    return `${cluster.members.length} members for ${units.length} units (${summary(world)})`;
  const expected = cluster.members
    .flatMap(({ clientUrls }) => clientUrls)
    .sort()
    .join(',');
  const stale = units.find(({ published }) => published !== expected);
  if (stale) return `${stale.name} tells clients ${stale.published}, and it is ${expected}`;
  return null;
}

/**
 * A leaver whose member was removed in a hook that died right then, and whose every known endpoint has left since: nobody can tell it
 * that it is out. Its hook's line tells the operator the way, and nothing is lost by taking it.
 */
export function isStranded(world: World, unit: SimulatedUnit): boolean {
  const id = unit.disk.data?.id;
  if ([...world.clusters.values()].some(({ members }) => members.some((member) => member.id === id))) return false;
  const known = new Set<string>([...unit.memory.endpoints, ...(unit.disk.marker?.endpoints ?? [])]);
  return ![...world.units.values()].some(
    (other) => other !== unit && other.process?.ready === true && known.has(other.bag.clientUrl ?? ''),
  );
}

/**
 * A leaver that nobody was told has a member, and whose data may be the last: it is to hand the data over that a recreation begins with,
 * or most voters of its cluster have lost their disks. Its hook's line names the way out, and that is the operator's.
 */
export function mayHaveLastCopy(world: World, unit: SimulatedUnit): boolean {
  const { clusters, units } = world;
  const { data } = unit.disk;
  if (!unit.dying || data?.hadLeader !== true || unit.bag.memberId !== null) return false;
  if (underWay(world)?.creator === unit.name) return true;
  const voting = clusters.get(data.cluster)?.members.filter(({ learner }) => !learner) ?? [];
  const left = voting.filter(({ id }) => [...units.values()].some(({ disk }) => disk.data?.id === id));
  return left.length < quorumOf(voting.length);
}

/** A unit with data of an attempt that was abandoned before its cluster was decided, while the cluster before it serves: a known limit. */
export function withUndecidedData(world: World): SimulatedUnit | undefined {
  const { founding, recreation } = world.application;
  const cluster = world.clusters.get(founding?.token ?? '');
  if (founding === null || recreation?.phase !== 'abandoned' || cluster === undefined || !hasQuorum(world, cluster))
    return undefined;
  return [...world.units.values()].find(
    ({ disk, machineUp }) => machineUp && (disk.data?.generation ?? 0) > founding.generation,
  );
}

/** What is on a disk, in a word or two. */
const onDisk = ({ marker, data }: SimulatedUnit['disk']): string =>
  data === null ? 'no data' : `data ${data.generation} ${marker?.startedAs}${data.hadLeader ? '' : ' never led'}`;

/** Each unit in a word or two, for a message. */
export function summary(world: World): string {
  return [...world.units.values()]
    .map(
      (unit) =>
        `${unit.name}${unit.dying ? ' dying' : ''}${unit.machineUp ? '' : ' away'} ${unit.process ? 'runs' : 'down'} gen ${unit.bag.generation} ${unit.bag.memberId} never ${unit.bag.neverElected}, ${onDisk(unit.disk)}`,
    )
    .join('; ');
}
