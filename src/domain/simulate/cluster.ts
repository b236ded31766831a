import type { MemberId, Url } from '../ids';
import type { Member } from '../observed';
import { quorumOf } from '../quorum';
import type { SimulatedCluster, SimulatedUnit, World } from './world';

/** The member of the list that a running process is, if it is still in it. */
export function memberOfProcess(world: World, unit: SimulatedUnit): Member | null {
  const { data } = unit.disk;
  if (unit.process === null || unit.frozen || !unit.machineUp || data === null) return null;
  return world.clusters.get(data.cluster)?.members.find(({ id }) => id === data.id) ?? null;
}

/** The unit whose process runs a member now. */
export function unitRunning(world: World, token: string, id: MemberId): SimulatedUnit | null {
  for (const unit of world.units.values()) {
    if (unit.disk.data?.cluster === token && unit.disk.data.id === id && memberOfProcess(world, unit) !== null)
      return unit;
  }
  return null;
}

/** Whether two machines reach each other. */
export const reaches = (one: SimulatedUnit, other: SimulatedUnit): boolean =>
  one === other || (!one.cutOff && !other.cutOff && one.machineUp && other.machineUp);

const votersOf = ({ members }: SimulatedCluster): readonly Member[] => members.filter(({ learner }) => !learner);

/** Whether enough voters run that reach each other. */
export function hasQuorum(world: World, cluster: SimulatedCluster): boolean {
  const all = votersOf(cluster);
  const running = all.flatMap(({ id }) => unitRunning(world, cluster.token, id) ?? []);
  const together = running.filter(({ cutOff }) => !cutOff).length;
  return all.length > 0 && Math.max(together, Math.min(running.length, 1)) >= quorumOf(all.length);
}

/** Whether this unit reaches that majority. */
export const seesQuorum = (world: World, cluster: SimulatedCluster, unit: SimulatedUnit): boolean =>
  hasQuorum(world, cluster) &&
  votersOf(cluster).some(({ id }) => {
    const running = unitRunning(world, cluster.token, id);
    return running !== null && reaches(unit, running);
  });

export const leaderOf = (world: World, cluster: SimulatedCluster): MemberId | null =>
  hasQuorum(world, cluster)
    ? (votersOf(cluster).find(({ id }) => {
        const running = unitRunning(world, cluster.token, id);
        return running !== null && (!running.cutOff || votersOf(cluster).length === 1);
      })?.id ?? null)
    : null;

/** The cluster that a unit reaches by these addresses, if it takes changes. */
export function clusterVia(world: World, unit: SimulatedUnit, via: readonly Url[]): SimulatedCluster | null {
  for (const cluster of world.clusters.values()) {
    const reached = cluster.members.some(({ id, clientUrls }) => {
      const running = unitRunning(world, cluster.token, id);
      return running !== null && reaches(unit, running) && clientUrls.some((one) => via.includes(one));
    });
    if (reached && hasQuorum(world, cluster)) return cluster;
  }
  return null;
}
