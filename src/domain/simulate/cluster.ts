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

export function hasQuorum(world: World, cluster: SimulatedCluster): boolean {
  const voting = cluster.members.filter(({ learner }) => !learner);
  return (
    voting.length > 0 &&
    voting.filter(({ id }) => unitRunning(world, cluster.token, id)).length >= quorumOf(voting.length)
  );
}

export const leaderOf = (world: World, cluster: SimulatedCluster): MemberId | null =>
  hasQuorum(world, cluster)
    ? (cluster.members.find(({ id, learner }) => !learner && unitRunning(world, cluster.token, id))?.id ?? null)
    : null;

export function clusterVia(world: World, via: readonly Url[]): SimulatedCluster | null {
  for (const cluster of world.clusters.values()) {
    const reached = cluster.members.some(
      ({ id, clientUrls }) =>
        clientUrls.some((one) => via.includes(one)) && unitRunning(world, cluster.token, id) !== null,
    );
    if (reached && hasQuorum(world, cluster)) return cluster;
  }
  return null;
}
