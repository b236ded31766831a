import type { Desired } from './desired';
import { actionableFounding, holdsQuorum, isHealthy, ownMember } from './member';
import type { Observed } from './observed';
import { planFoundingStart } from './plan-bootstrap';
import { hasNewData, later, problem, stagedFor, work, done, type Part } from './recreation-part';
import { isPresentCluster, reportedMembers } from './recreating';
import type { Recreation } from './recreation';

/** How long a unit goes on asking for a majority before it says that there is none: three elections, and never less than 3 s. */
const seekPatience = ({ electionTimeout }: Desired): number => 3 * Math.max(electionTimeout, 1000);

/**
 * Whether a linearizable read answered this unit, of the cluster that the application has. What an attempt before this one has made
 * and nobody decided on is not it.
 */
export function reachesQuorum(observed: Observed, recreation: Recreation): boolean {
  const { founding } = observed.peers.application.value;
  if (recreation.purpose !== 'recovery' || founding === null || !holdsQuorum(observed)) return false;
  if (!recreation.touched) return isPresentCluster(observed, founding);
  const { marker } = observed.disk;
  return marker.known && marker.value?.token === founding.token;
}

/**
 * Whether a leader of the application's cluster is heard by the own member after three elections: it has a majority, or it would have
 * given up, and only reads take too long.
 */
function isLed({ cluster, disk, peers }: Observed): boolean {
  if (!cluster.local.known || cluster.local.value.leaderId === null || cluster.local.value.learner) return false;
  const token = peers.application.value.founding?.token;
  return token !== undefined && disk.marker.known && disk.marker.value?.token === token;
}

/** One failed read tells little: it is tried again for a while. Whoever is started has been, for nothing is held back yet. */
export function seekQuorum(observed: Observed, desired: Desired, recreation: Recreation): Part {
  const { memory, peers } = observed;
  if (reachesQuorum(observed, recreation)) return done;
  if (memory.surveyed === recreation.token)
    return isLed(observed)
      ? problem('its member has a leader, so a majority works, and only reads take too long: look at disks and network')
      : done;
  const others = reportedMembers([...peers.others.values()], [...peers.unlisted.values()], peers.application.value);
  return work(
    { kind: 'seek-quorum', others: others.present, led: isLed(observed), timeoutMs: seekPatience(desired) },
    { kind: 'remember', memory: { ...memory, surveyed: recreation.token } },
  );
}

/** The survivor makes a database of its data; without one, every unit looks for its newest backup. */
export function makeOffer(observed: Observed, _: Desired, recreation: Recreation): Part {
  const { disk, memory, unit } = observed;
  const chosen = recreation.recovery?.chosen ?? null;
  if (chosen === 'files') return done;
  if (chosen === 'survivor' && unit.name !== recreation.creator) return done;
  if (!disk.staged.known || !disk.data.known || !disk.marker.known) return later('to read its disk');
  if (hasNewData(observed, recreation)) return done;
  const staged = stagedFor(observed, recreation);
  if (chosen === 'survivor') {
    if (staged !== null && staged.problem !== null) return problem(staged.problem);
    return staged?.complete === true ? done : work({ kind: 'save-survivor', recreation });
  }
  // What a survivor could not be made of is no backup.
  if (staged?.complete === true && staged.problem === null && staged.takenAt !== null) return done;
  if (memory.searched === recreation.token) return done;
  return work(
    { kind: 'stage-newest', recreation },
    { kind: 'remember', memory: { ...memory, searched: recreation.token } },
  );
}

const isMaster = ({ peers, unit }: Observed): boolean =>
  peers.application.value.founding?.initial.some((one) => one.unit === unit.name) === true;

/** All masters start together, empty: their data were moved aside before any of them began. */
export function createEmpty(observed: Observed, desired: Desired, { generation }: Recreation): Part {
  if (!isMaster(observed)) return done;
  const { own } = observed.peers;
  if (own.value.generation === generation && own.value.voter) return done;
  if (actionableFounding(observed)?.generation !== generation) return work();
  const steps = planFoundingStart(observed, desired);
  return steps.length > 0 ? work(...steps) : later('for its member to serve');
}

/** Each master sees a cluster of the masters that agrees. */
export function verifyEmpty(observed: Observed, _: Desired, recreation: Recreation): Part {
  if (!isMaster(observed)) return done;
  const own = ownMember(observed);
  if (!hasNewData(observed, recreation)) return problem('the data of its new member are not on its disk any more');
  if (own === null || !isHealthy(observed, own.id) || !holdsQuorum(observed))
    return later('for the new cluster to be healthy');
  return done;
}
