import type { Desired } from './desired';
import { etcdConfigFor, ownPeerUrl, type EtcdConfig } from './etcd-config';
import type { UnitName } from './ids';
import {
  actionableFounding,
  callMember,
  clusterLeader,
  hasPromised,
  healthyVoterUrls,
  isHealthy,
  holdsQuorum,
  ownMember,
  unitOfMember,
  voters,
  votersDown,
} from './member';
import type { Founding, Member, Observed } from './observed';
import { beginningOf, servingPatience } from './plan-bootstrap';
import { tlsReadiness } from './plan-tls';
import { mayPause } from './quorum';
import { replacesByOperator } from './recreating';
import { renderEtcdConfig } from './render-etcd-config';
import { isDown, isUp } from './service';
import { commonSettings } from './settings';
import type { Step } from './step';
import { waitForTime } from './waiting';

/** How soon a member that does not serve yet, or may not be restarted now, is looked at again, seconds. */
const retrySeconds = 10;
/** How soon a member that serves without quorum looks again, seconds. */
const quorumSeconds = 30;
/** Long enough for a restart and the wait for the member; the lease ends by itself when this unit dies. */
const turnSeconds = 60;
const purpose = 'restart';

/** Whether this disk has data of the present generation that may be run. */
export function hasCurrentData(observed: Observed, founding: Founding): boolean {
  const { data, marker } = observed.disk;
  return data.known && data.value === 'present' && marker.known && marker.value?.generation === founding.generation;
}

/** The configuration that the member of this disk should run with; null while something of it is not known. */
function wantedConfig(observed: Observed, desired: Desired): EtcdConfig | null {
  const beginning = beginningOf(observed.disk.marker.known ? observed.disk.marker.value : null);
  return beginning === null ? null : etcdConfigFor(observed, desired, beginning);
}

const awaitServing: Step = { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true };

/** Keeps the member of this disk running with the configuration that the operator wants. */
export function planMember(observed: Observed, desired: Desired): readonly Step[] {
  const founding = actionableFounding(observed);
  if (founding === null || !hasCurrentData(observed, founding) || hasPromised(observed, founding)) return [];
  if (!tlsReadiness(observed).ready && observed.tls.server === null) return [];
  const config = wantedConfig(observed, desired);
  if (config === null) return [];
  const { service } = observed;
  const differs = service.configText !== renderEtcdConfig(config);
  const write: readonly Step[] = differs ? [{ kind: 'write-etcd-config', config }] : [];
  if (isDown(service)) return [...write, { kind: 'start-etcd', why: 'it was not running' }, awaitServing];
  if (!isUp(service)) return [];
  const outdated =
    differs ||
    (service.runningConfigHash !== null &&
      service.configHash !== null &&
      service.runningConfigHash !== service.configHash);
  if (!outdated) return observed.cluster.local.known ? whileServing(observed) : serveLater(observed);
  const own = ownMember(observed);
  // One that gives no answer may well serve others (rule 4); one that systemd is starting again and again takes the new file by itself.
  if (!observed.cluster.local.known || own === null) {
    if (service.state === 'starting' && differs) return [{ kind: 'write-etcd-config', config }];
    return waitForTime(retrySeconds, 'for its member to answer before it is restarted with the new configuration');
  }
  return restartInTurn(observed, desired, own, write);
}

const serveLater = ({ cluster }: Observed): readonly Step[] =>
  waitForTime(retrySeconds, `for etcd to serve on this unit${cluster.local.known ? '' : ` (${cluster.local.reason})`}`);

/**
 * A turn that a killed hook or action left behind, after what it was for: those of one unit never run at once. Much waits for quorum and
 * the list, and nobody gets a hook when they come.
 */
function whileServing(observed: Observed): readonly Step[] {
  const { turn, members } = observed.cluster;
  if (turn.known && turn.value?.unit === observed.unit.name) return release(observed);
  return members.known && holdsQuorum(observed)
    ? []
    : [{ kind: 'wake-later', afterSeconds: quorumSeconds, why: 'for its cluster to have quorum' }];
}

/** Gives the turn back, and says so in the bag, for a released key wakes nobody. */
function release({ peers }: Observed): readonly Step[] {
  const bag = { ...peers.own.value, finished: peers.own.value.finished + 1 };
  return [
    { kind: 'release-turn' },
    ...(peers.relationId === null ? [] : [{ kind: 'publish-peer', relationId: peers.relationId, bag } as const]),
  ];
}

/** One at a time, the etcd leader last and after moving leadership; with one or two voters the gap is named, for the operator asked for it (rule 2). */
function restartInTurn(observed: Observed, desired: Desired, own: Member, write: readonly Step[]): readonly Step[] {
  const { cluster, unit } = observed;
  const restart: Step = { kind: 'restart-etcd', why: 'the operator changed its configuration' };
  if (own.learner) return [...write, restart, awaitServing];
  const refusal = restartRefusal(observed, own);
  if (refusal !== null) return waitForTime(retrySeconds, refusal);
  if (!cluster.turn.known)
    return waitForTime(retrySeconds, `to know whose turn it is to restart (${cluster.turn.reason})`);
  const holder = cluster.turn.value?.unit ?? null;
  if (holder !== null && holder !== unit.name)
    return waitForTime(retrySeconds, `for ${holder} to finish its ${cluster.turn.value?.purpose ?? 'turn'}`);
  // What an action left behind when it was killed is no turn to restart.
  if (holder === unit.name && cluster.turn.value?.purpose !== purpose) return release(observed);
  const followers = followersToGoFirst(observed, desired, own);
  if (followers.length > 0) {
    // It took its turn as a follower and has become the leader since, or the options changed again: they wait for the turn.
    const turnBack = holder === unit.name ? release(observed) : [];
    return [...turnBack, ...waitForTime(retrySeconds, `for ${followers.join(', ')} to restart before the leader`)];
  }
  if (holder === null) {
    return [
      { kind: 'wake-later', afterSeconds: retrySeconds, why: 'for its turn to restart' },
      { kind: 'take-turn', purpose, ttlSeconds: turnSeconds },
    ];
  }
  const successor = healthyOthers(observed, own)[0];
  if (clusterLeader(observed) === own.id && successor !== undefined) {
    return [{ kind: 'move-leadership', from: own.id, to: successor.id, via: healthyVoterUrls(observed) }];
  }
  return [...movePeerUrl(observed, desired, own), ...write, restart, awaitServing];
}

const healthyOthers = (observed: Observed, own: Member): readonly Member[] =>
  observed.cluster.members.known
    ? voters(observed.cluster.members.value).filter(({ id }) => id !== own.id && isHealthy(observed, id))
    : [];

/** Why the member may not be restarted now, seen right before; null where it may. */
function restartRefusal(observed: Observed, own: Member): string | null {
  if (!observed.cluster.members.known || !holdsQuorum(observed)) return 'for quorum before it restarts';
  const down = votersDown(observed, own.id);
  if (down.length > 0) {
    return `for ${down.map((member) => callMember(observed, member)).join(', ')} to answer before it restarts with the new configuration`;
  }
  const all = voters(observed.cluster.members.value).length;
  // One or two voters can lose none: there the operator's change makes a gap, one member at a time.
  return all <= 2 || mayPause(all, healthyOthers(observed, own).length)
    ? null
    : 'for the other members before it restarts';
}

/** For the etcd leader: units of other voters that do not run with the options of now yet. */
function followersToGoFirst(observed: Observed, desired: Desired, own: Member): readonly UnitName[] {
  if (clusterLeader(observed) !== own.id) return [];
  const wanted = commonSettings(desired);
  return healthyOthers(observed, own).flatMap((member) => {
    const unit = unitOfMember(observed, member);
    const bag = unit === null ? undefined : observed.peers.others.get(unit);
    return unit === null || bag === undefined || (bag.settings ?? null) === wanted ? [] : [unit];
  });
}

function movePeerUrl(observed: Observed, desired: Desired, own: Member): readonly Step[] {
  const peerUrl = ownPeerUrl(observed, desired);
  if (peerUrl === null || own.peerUrls.includes(peerUrl)) return [];
  return [{ kind: 'update-peer-url', memberId: own.id, peerUrl, via: healthyVoterUrls(observed) }];
}

/** What the member of this unit runs with, once that is what the operator wants; else what it published before. */
export function settingsToPublish(observed: Observed, desired: Desired): string | null {
  const { service, peers } = observed;
  const config = wantedConfig(observed, desired);
  const current = config !== null && service.configText === renderEtcdConfig(config);
  const running = service.runningConfigHash !== null && service.runningConfigHash === service.configHash;
  return current && running ? commonSettings(desired) : (peers.own.value.settings ?? null);
}

/** Data of an older generation are moved aside before this unit takes part in the present one; unknown or newer data are the operator's. */
export function planOldData(observed: Observed): readonly Step[] {
  const founding = actionableFounding(observed);
  const { data, marker } = observed.disk;
  if (!data.known || data.value !== 'present' || !marker.known) return [];
  if (marker.value === null) {
    return [{ kind: 'block', why: 'Data of unknown origin are in /var/lib/etcd/data: move them away' }];
  }
  if (founding === null || marker.value.generation === founding.generation) return [];
  if (marker.value.generation > founding.generation) {
    return [
      {
        kind: 'block',
        why: `The data are of generation ${marker.value.generation}, newer than the application's ${founding.generation}`,
      },
    ];
  }
  const { local } = observed.cluster;
  if (local.known && local.value.leaderId !== null && !replacesByOperator(observed, founding))
    return [{ kind: 'block', why: `A cluster of the older generation ${marker.value.generation} serves on this unit` }];
  const why = `its data are of the older generation ${marker.value.generation}`;
  return [
    { kind: 'stop-etcd', why },
    { kind: 'move-data-aside', why },
  ];
}
