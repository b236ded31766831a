import { memberId, type Url } from '../ids';
import type { Step } from '../step';
import { clusterVia, seesQuorum, unitRunning } from './cluster';
import { refused, type NotNow } from './not-now';
import type { SimulatedUnit, World } from './world';

const peerPort = (listed: readonly Url[]): string => listed.join();

/** What a step asks of etcd, and what etcd refuses. */
export function applyToCluster(world: World, unit: SimulatedUnit, step: Step): NotNow | null {
  switch (step.kind) {
    case 'await-serving':
      return unit.process?.ready === true ? null : refused('for etcd to serve');
    case 'add-learner': {
      const cluster = clusterVia(world, unit, step.via);
      if (cluster === null) return refused('etcd has no leader');
      if (cluster.members.some(({ peerUrls }) => peerPort(peerUrls) === step.peerUrl)) return null;
      if (cluster.members.some(({ learner }) => learner)) return refused('too many learner members in cluster');
      const id = memberId(String(world.nextId++));
      cluster.members = [...cluster.members, { id, name: '', peerUrls: [step.peerUrl], clientUrls: [], learner: true }];
      return null;
    }
    case 'promote-learner': {
      const cluster = clusterVia(world, unit, step.via);
      if (cluster === null || unitRunning(world, cluster.token, step.memberId) === null)
        return refused('learner not in sync');
      cluster.members = cluster.members.map((one) => (one.id === step.memberId ? { ...one, learner: false } : one));
      return null;
    }
    case 'remove-member':
      return removeMember(world, unit, step);
    case 'move-leadership': {
      const cluster = clusterVia(world, unit, step.via);
      if (cluster === null) return refused('etcd has no leader');
      // The first running voter leads in this model: the list's order is the succession.
      const to = cluster.members.filter(({ id }) => id === step.to);
      cluster.members = [...to, ...cluster.members.filter(({ id }) => id !== step.to)];
      return null;
    }
    case 'update-peer-url': {
      const cluster = clusterVia(world, unit, step.via);
      if (cluster === null) return refused('etcd has no leader');
      cluster.members = cluster.members.map((one) =>
        one.id === step.memberId ? { ...one, peerUrls: [step.peerUrl] } : one,
      );
      return null;
    }
    case 'take-turn': {
      const cluster = unit.disk.data === null ? undefined : world.clusters.get(unit.disk.data.cluster);
      if (cluster === undefined || !seesQuorum(world, cluster, unit)) return refused('etcd has no leader');
      if (cluster.turn !== null && cluster.turn.unit !== unit.name)
        return refused('for another unit to finish its turn');
      cluster.turn = { unit: unit.name, lease: '1', purpose: step.purpose };
      return null;
    }
    case 'release-turn': {
      const cluster = unit.disk.data === null ? undefined : world.clusters.get(unit.disk.data.cluster);
      if (cluster?.turn?.unit === unit.name) cluster.turn = null;
      return null;
    }
    default:
      return null;
  }
}

function removeMember(world: World, by: SimulatedUnit, step: Extract<Step, { kind: 'remove-member' }>): NotNow | null {
  const cluster = clusterVia(world, by, step.via);
  if (cluster === null) return refused('etcd has no leader');
  const member = cluster.members.find(({ id }) => id === step.memberId);
  if (member === undefined || (step.onlyIfLearner && !member.learner)) return null;
  const unit = unitRunning(world, cluster.token, member.id);
  cluster.members = cluster.members.filter(({ id }) => id !== member.id);
  if (unit?.process) unit.process.ready = false;
  return null;
}
