import type { Desired } from './desired';
import { etcdConfigFor, ownPeerUrl } from './etcd-config';
import { memberName } from './ids';
import {
  actionableFounding,
  callMember,
  giveUpData,
  hasPromised,
  hasStarted,
  healthyVoterUrls,
  holdsQuorum,
  isHealthy,
  ownMember,
  unitOfMember,
  voters,
  votersDown,
} from './member';
import type { DataMarker, Founding, Member, Observed } from './observed';
import { mayStartAsFounder, servingPatience } from './plan-bootstrap';
import { hasCurrentData } from './plan-member';
import { tlsReadiness } from './plan-tls';
import { mayRemove } from './quorum';
import { activeRecreation, isPresentCluster } from './recreating';
import { isUp } from './service';
import type { Step } from './step';
import { replacementRefusal } from './space';
import { block, waitForTime } from './waiting';

/** How soon a joiner that could not join now tries again, seconds. */
const retrySeconds = 10;
/** Nobody gets a hook for its own bag. */
const soonSeconds = 2;
/** How long a hook waits for the learner to be in sync, milliseconds. */
const syncPatience = 20_000;

const later = (why: string): readonly Step[] => waitForTime(retrySeconds, why);

/** A unit that cannot start as founder becomes a learner, catches up, and promotes itself. One learner at a time: etcd sees to the order. */
export function planJoin(observed: Observed, desired: Desired): readonly Step[] {
  const founding = actionableFounding(observed);
  const { disk, cluster, peers } = observed;
  if (founding === null || !tlsReadiness(observed).ready || !disk.marker.known || !disk.data.known) return [];
  if (hasPromised(observed, founding)) return awaitFoundingAgain(observed);
  if (mayStartAsFounder(observed)) return [];
  const current = hasCurrentData(observed, founding);
  if (!current && isFoundingEmpty(observed)) return [];
  if (disk.data.value === 'present' && !current) return [];
  if (peers.own.value.peerUrl === null) return [];
  // What this hook wrote is not said yet: a withdrawn promise must be read by the leader before anything is done against it.
  if (peers.own.pending && !current) return waitForTime(soonSeconds, 'for what it wrote to be published');
  if (!cluster.members.known)
    return current && !isLearner(observed)
      ? []
      : later(`for a member of the cluster to answer (${cluster.members.reason})`);
  if (!isPresentCluster(observed, founding))
    return later(`for a member of generation ${founding.generation} to answer: one of an older cluster does`);
  const own = ownMember(observed);
  if (own === null) return current ? wasRemoved(observed, desired) : addSelf(observed, desired);
  if (current) return own.learner ? promote(observed, own) : [];
  return withoutData(observed, desired, founding, own);
}

/** The masters of a recovery begin together, and are looked at, before anybody joins them; the next phase wakes the others. */
function isFoundingEmpty(observed: Observed): boolean {
  const active = activeRecreation(observed);
  return active?.recovery?.chosen === 'files' && (active.phase === 'create' || active.phase === 'verify');
}

/** A promise wakes the others. Nobody is woken when a unit is gone that left the relation before, or when goal-state answers again. */
function awaitFoundingAgain({ unit, peers }: Observed): readonly Step[] {
  const why = 'for the cluster to be founded again';
  if (!peers.planned.known) return later(`${why} (${peers.planned.reason})`);
  const silent = peers.planned.value.find((one) => one.unit !== unit.name && !peers.present.includes(one.unit));
  return silent === undefined
    ? [{ kind: 'wait', why, wokenBy: { by: 'relation', endpoint: 'cluster' } }]
    : later(`${why}, once ${silent.unit} has joined or is gone`);
}

/** Whether the own member says that it is a learner. */
const isLearner = ({ cluster }: Observed): boolean => cluster.local.known && cluster.local.value.learner;

/** The cluster's own, fresh list lacks this disk's member: it was removed while its unit stayed (a stuck learner, or by hand). It joins anew. */
function wasRemoved(observed: Observed, desired: Desired): readonly Step[] {
  const { local, members } = observed.cluster;
  if (local.known || !members.known || members.value.length === 0) return [];
  if (!holdsQuorum(observed)) return later('for quorum, to know whether its member was removed');
  const refusal = replacementRefusal(observed, desired);
  if (refusal !== null) return block(refusal);
  const why = 'its member was removed from the cluster';
  return [{ kind: 'stop-etcd', why }, ...giveUpData(observed, why)];
}

/** No data here, yet a member at this address. */
function withoutData(observed: Observed, desired: Desired, founding: Founding, own: Member): readonly Step[] {
  const recorded = observed.peers.application.value.members.get(own.id);
  if (recorded !== undefined && recorded !== observed.unit.name) {
    return later(`for the member that ${recorded} left at this address to be removed`);
  }
  if (own.learner && !hasStarted(own)) {
    const { marker } = observed.disk;
    const started = marker.known && marker.value?.generation === founding.generation && isUp(observed.service);
    return started ? later('for etcd to serve on this unit') : startLearner(observed, desired, founding, own);
  }
  return replaceSelf(observed, own);
}

/** Its own disk shows that the member's data are gone: started empty it would forget its votes, so it is removed and joins anew (rule 5). */
function replaceSelf(observed: Observed, own: Member): readonly Step[] {
  if (!observed.cluster.members.known || !holdsQuorum(observed))
    return later('for quorum, to replace its member that lost its data');
  const all = voters(observed.cluster.members.value);
  const staying = all.filter(({ id }) => id !== own.id && isHealthy(observed, id));
  if (!own.learner && !mayRemove(all.length, staying.length))
    return later('for the other members, to replace its own that lost its data');
  const via = healthyVoterUrls(observed, own.id);
  const why = 'the data of this member are gone; the unit joins again';
  return [{ kind: 'remove-member', memberId: own.id, unit: observed.unit.name, via, why, onlyIfLearner: own.learner }];
}

function addSelf(observed: Observed, desired: Desired): readonly Step[] {
  const { members } = observed.cluster;
  const peerUrl = ownPeerUrl(observed, desired);
  if (!members.known || peerUrl === null || peerUrl !== observed.peers.own.value.peerUrl)
    return later('for its address to be published');
  // Written down by the leader before it is in the cluster's list, or nobody could ever tell whose member that is (rule 5).
  const { application } = observed.peers;
  if (application.value.addresses.get(peerUrl) !== observed.unit.name || application.pending)
    return later('for the leader to write its address down');
  if (!holdsQuorum(observed)) return later('for the cluster to have quorum');
  const learner = members.value.find((member) => member.learner);
  if (learner !== undefined)
    return later(`for ${unitOfMember(observed, learner) ?? learner.id} to become a voter first`);
  const down = votersDown(observed);
  if (down.length > 0) {
    return later(
      `for all voters to be healthy (${down.map((member) => callMember(observed, member)).join(', ')} is not)`,
    );
  }
  return [{ kind: 'add-learner', peerUrl, via: healthyVoterUrls(observed) }];
}

function startLearner(observed: Observed, desired: Desired, founding: Founding, own: Member): readonly Step[] {
  if (!observed.cluster.members.known) return [];
  const initial = observed.cluster.members.value.flatMap((member) =>
    member.peerUrls.map((peerUrl) => ({
      name:
        member.id === own.id
          ? memberName(observed.unit.name)
          : member.name === ''
            ? `member-${member.id}`
            : member.name,
      peerUrl,
    })),
  );
  const [peerUrl] = own.peerUrls;
  const beginning = { state: 'existing', token: founding.token, initial, ...(peerUrl ? { peerUrl } : {}) } as const;
  const config = etcdConfigFor(observed, desired, beginning);
  if (config === null) return [];
  const marker: DataMarker = { generation: founding.generation, startedAs: 'existing', token: founding.token, initial };
  return [
    { kind: 'write-etcd-config', config },
    { kind: 'mark-data', marker },
    { kind: 'start-etcd', why: 'joining as a learner' },
    { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true, joining: true },
  ];
}

function promote(observed: Observed, own: Member): readonly Step[] {
  if (!observed.cluster.local.known) return later('for its learner to serve');
  const via = healthyVoterUrls(observed, own.id);
  if (via.length === 0) return later('for a healthy voter, to be promoted');
  // The learner may be in sync long before or after this hook; the timer is for the second case.
  return [
    { kind: 'wake-later', afterSeconds: retrySeconds, why: 'for its learner to be in sync' },
    { kind: 'promote-learner', memberId: own.id, via, timeoutMs: syncPatience },
  ];
}
