import type { Desired } from './desired';
import { etcdConfigFor, ownPeerUrl } from './etcd-config';
import { memberName } from './ids';
import { actionableFounding, healthyVoterUrls, isHealthy, ownMember, unitOfMember, voters } from './member';
import type { DataMarker, Founding, Member, Observed } from './observed';
import { servingPatience } from './plan-bootstrap';
import { tlsReadiness } from './plan-tls';
import type { Step } from './step';

/** How soon a joiner that could not join now tries again, seconds. */
const retrySeconds = 10;
/** How long a hook waits for the learner to be in sync, milliseconds. */
const syncPatience = 20_000;

const later = (why: string): readonly Step[] => [
  { kind: 'wake-later', afterSeconds: retrySeconds, why },
  { kind: 'wait', why, wokenBy: { by: 'timer', afterSeconds: retrySeconds } },
];

/** Whether this unit belongs to the cluster by founding it, with its data still there. */
function isFounder({ unit, peers, disk }: Observed, founding: Founding): boolean {
  if (!founding.initial.some((member) => member.unit === unit.name)) return false;
  const marker = disk.marker.known ? disk.marker.value : null;
  const neverHadData =
    peers.own.value.generation === null && ![...peers.application.value.members.values()].includes(unit.name);
  return neverHadData || (marker !== null && marker.generation === founding.generation);
}

/** A unit that the founding does not name becomes a learner, catches up, and promotes itself. One learner at a time: etcd sees to the order. */
export function planJoin(observed: Observed, desired: Desired): readonly Step[] {
  const founding = actionableFounding(observed);
  const { disk, cluster, peers } = observed;
  if (founding === null || !tlsReadiness(observed).ready || !disk.marker.known || !disk.data.known) return [];
  if (isFounder(observed, founding) && !wasRemoved(observed, desired)) return [];
  const peerUrl = ownPeerUrl(observed, desired);
  if (peerUrl === null || peers.own.value.peerUrl === null) return [];
  if (!cluster.members.known) return later(`for a member of the cluster to answer (${cluster.members.reason})`);

  const marker = disk.marker.value;
  const foreign = disk.data.value === 'present' && (marker === null || marker.generation < founding.generation);
  if (foreign)
    return [
      { kind: 'stop-etcd', why: 'its data are of an older cluster' },
      { kind: 'move-data-aside', why: 'they are of an older cluster' },
    ];
  const own = ownMember(observed, desired);
  if (own === null) return wasRemoved(observed, desired) ? setAside() : addSelf(observed, peerUrl);
  if (own.name === '' && (disk.data.value !== 'present' || observed.service.state !== 'running')) {
    return startLearner(observed, desired, founding, own);
  }
  return own.learner ? promote(observed, own) : [];
}

/** Proof from a member's own list that the member of this disk is not in the cluster any more. */
function wasRemoved(observed: Observed, desired: Desired): boolean {
  const { cluster, peers, disk } = observed;
  const hadMember = peers.own.value.memberId !== null && disk.data.known && disk.data.value === 'present';
  return (
    hadMember &&
    !cluster.local.known &&
    cluster.members.known &&
    cluster.members.value.length > 0 &&
    ownMember(observed, desired) === null
  );
}

const setAside = (): readonly Step[] => [
  { kind: 'stop-etcd', why: 'its member was removed from the cluster' },
  { kind: 'move-data-aside', why: 'its member was removed from the cluster' },
];

function addSelf(observed: Observed, peerUrl: Member['peerUrls'][number]): readonly Step[] {
  if (!observed.cluster.members.known) return [];
  const members = observed.cluster.members.value;
  const learner = members.find((member) => member.learner);
  if (learner !== undefined)
    return later(`for ${unitOfMember(observed, learner) ?? learner.id} to become a voter first`);
  const down = voters(members).filter((member) => !isHealthy(observed, member.id));
  if (down.length > 0) {
    const names = down.map((member) => unitOfMember(observed, member) ?? member.name);
    return later(`for all voters to be healthy before it joins (${names.join(', ')} is not)`);
  }
  return [{ kind: 'add-learner', peerUrl, via: healthyVoterUrls(observed) }];
}

function startLearner(observed: Observed, desired: Desired, founding: Founding, own: Member): readonly Step[] {
  if (!observed.cluster.members.known) return [];
  const initial = observed.cluster.members.value.flatMap((member) =>
    member.peerUrls.map((peerUrl) => ({
      name: member.id === own.id ? memberName(observed.unit.name) : member.name,
      peerUrl,
    })),
  );
  const marker: DataMarker = { generation: founding.generation, startedAs: 'existing', token: founding.token, initial };
  const config = etcdConfigFor(observed, desired, { state: 'existing', token: founding.token, initial });
  if (config === null) return [];
  return [
    { kind: 'write-etcd-config', config },
    { kind: 'mark-data', marker },
    { kind: 'start-etcd', why: 'joining as a learner' },
    { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true },
  ];
}

function promote(observed: Observed, own: Member): readonly Step[] {
  if (!observed.cluster.local.known) return later('for its learner to serve');
  return [
    { kind: 'promote-learner', memberId: own.id, via: healthyVoterUrls(observed, own.id), timeoutMs: syncPatience },
  ];
}
