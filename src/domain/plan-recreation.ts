import type { Desired } from './desired';
import { etcdConfigFor } from './etcd-config';
import { memberName } from './ids';
import { giveUpData, holdsQuorum, isHealthy, isLeaving, ownMember } from './member';
import type { DataMarker, Observed } from './observed';
import { beginningOf, servingPatience } from './plan-bootstrap';
import { holding, load, releaseManager, saidOfConfiguration, silencingMirror } from './plan-configuration';
import { planGateSettings } from './plan-gate';
import { planClients } from './plan-relations';
import { actionableRecreation, begunAlone } from './recreating';
import {
  choiceOf,
  leastRevision,
  isAboutChoice,
  isAtLeastPhase,
  isSourced,
  type Acknowledgement,
  type Recreation,
  type StagedSnapshot,
} from './recreation';
import {
  done,
  hasNewData,
  later,
  logEndOfOldData,
  oldData,
  peerUrlOf,
  problem,
  revisionOfOldData,
  stagedFor,
  work,
  type Part,
  type Phase,
} from './recreation-part';
import { createEmpty, makeOffer, reachesQuorum, seekQuorum, verifyEmpty } from './plan-recovery';
import { renderEtcdConfig } from './render-etcd-config';
import { isDown, isUp } from './service';
import { settingsDecided } from './start-gate';
import type { Step } from './step';
import { minorOf } from './version';

/** What a unit does in each phase; a second time it finds nothing left to do. */
const parts: Readonly<Record<Recreation['phase'], Phase>> = {
  survey,
  stop: holding(silencingMirror(stop)),
  validate: holding(orRecovery(forCreator(withStaged(validate)), makeOffer)),
  create: holding(orEmpty(forCreator(withStaged(create)), createEmpty)),
  verify: holding(orEmpty(forCreator(verify), verifyEmpty)),
  join: holding(join),
  load: holding(load),
  resume,
  done: () => done,
  abandoned: () => done,
};

/** While no new cluster is decided: what is old here is in its way. */
const untilFounded: ReadonlySet<Recreation['phase']> = new Set(['validate', 'create', 'verify']);

/**
 * This unit's part of the phase that the recreation is in. One that nobody waited for, and that comes back while the others are further,
 * stops and moves its old data aside first.
 */
export function partOf(observed: Observed, desired: Desired, recreation: Recreation): Part {
  if (untilFounded.has(recreation.phase) && oldData(observed, recreation) !== 'none') {
    const late = parts.stop(observed, desired, recreation);
    if (late.part !== 'done') return late;
  }
  return parts[recreation.phase](observed, desired, recreation);
}

/** Does this unit's part, and acknowledges it once it is done; the acknowledgement is committed together with what it is about. */
export function planRecreation(observed: Observed, desired: Desired): readonly Step[] {
  const recreation = actionableRecreation(observed);
  const begun = begunAlone(observed);
  // Where the disk is ahead of the bag, the leader takes that up first (plan-recreation-lead.ts).
  if (begun !== null) return sayBegun(observed, begun.recreation);
  if (recreation === null || observed.peers.relationId === null) return [];
  const part = partOf(observed, desired, recreation);
  if (part.part === 'work') return part.steps;
  if (part.part === 'done') return acknowledge(observed, recreation, null);
  const said = acknowledge(observed, recreation, part.why);
  if (part.again === null) return said;
  return [...said, { kind: 'wake-later', afterSeconds: part.again, why: 'whether it can go on' }];
}

/** This unit may not be the leader any more. */
function sayBegun({ peers }: Observed, begun: Recreation): readonly Step[] {
  const { own, relationId } = peers;
  if (relationId === null || own.value.begun?.token === begun.token) return [];
  return [{ kind: 'publish-peer', relationId, bag: { ...own.value, begun } }];
}

function acknowledge(observed: Observed, recreation: Recreation, why: string | null): readonly Step[] {
  const { own, relationId } = observed.peers;
  if (relationId === null) return [];
  const { token, generation, phase, tried } = recreation;
  const before = own.value.recreation?.token === token ? own.value.recreation : null;
  const quorum = phase === 'survey' ? reachesQuorum(observed, recreation) : false;
  const configuration = saidOfConfiguration(observed, recreation, before?.configuration ?? null);
  // A leader that knew less may have gone back a phase; what this unit did is done.
  if (
    before !== null &&
    before.problem === why &&
    isAtLeastPhase(before.phase, phase) &&
    isAboutChoice(before, recreation) &&
    configuration.loads.join() === before.configuration.loads.join() &&
    !(quorum && !before.quorum)
  )
    return [];
  const said: Acknowledgement = {
    token,
    generation,
    phase,
    tried,
    problem: why,
    revision: before?.revision ?? revisionOfOldData(observed, recreation),
    quorum,
    tail: before?.tail ?? (isAtLeastPhase(phase, 'stop') ? logEndOfOldData(observed, recreation) : null),
    offer: offerOf(observed, recreation) ?? before?.offer ?? null,
    damaged: why !== null && stagedFor(observed, recreation)?.damaged === true,
    choice: choiceOf(recreation),
    configuration,
  };
  return [{ kind: 'publish-peer', relationId, bag: { ...own.value, recreation: said, begun: null } }];
}

/** What a recovery may be made of, once this unit has it ready. */
function offerOf(observed: Observed, recreation: Recreation): Acknowledgement['offer'] {
  const staged = recreation.purpose === 'recovery' ? stagedFor(observed, recreation) : null;
  if (staged === null || staged.problem !== null) return null;
  return { snapshot: staged.recreation.snapshot, takenAt: staged.takenAt };
}

/** Nothing is stopped yet: can this unit take part? */
function survey(observed: Observed, desired: Desired, recreation: Recreation): Part {
  const { unit, workload, disk } = observed;
  const old = oldData(observed, recreation);
  if (old === 'unknown') return later('to read its disk');
  if (old === 'foreign') return problem('data of unknown origin are in /var/lib/etcd/data: move them away');
  if (old === 'newer') return problem('its data are of a newer generation');
  if (workload.current === null) return later('for etcd to be installed');
  if (minorOf(workload.current) !== minorOf(recreation.version)) {
    return problem(
      `it has etcd ${workload.current}, and it is recreated with ${recreation.version}: all units must have the same minor version`,
    );
  }
  if (recreation.purpose === 'recovery') return seekQuorum(observed, desired, recreation);
  if (unit.name !== recreation.creator) return done;
  if (!disk.staged.known) return later('to read the verified snapshot');
  const staged = stagedFor(observed, recreation);
  // Where the new data are there already, what they were made of is not needed any more.
  if (hasNewData(observed, recreation)) return done;
  if (staged?.complete !== true) return problem('the verified snapshot is not on its disk any more');
  if (staged.problem !== null) return problem(staged.problem);
  // All that takes long, and may fail, is done while the old cluster still serves.
  return staged.made ? done : makeData(observed, desired, staged);
}

function makeData(observed: Observed, desired: Desired, staged: StagedSnapshot): Part {
  const peerUrl = peerUrlOf(observed, desired);
  if (peerUrl === null) return later('for Juju to tell its address');
  return work({ kind: 'restore-data', staged, name: memberName(observed.unit.name), peerUrl });
}

/** Stops etcd, and moves its data aside, for good. Before that its start gate learns that they are old (rule 10). */
function stop(observed: Observed, desired: Desired, recreation: Recreation): Part {
  const { gate, service, memory } = observed;
  const { token } = recreation;
  const settings = planGateSettings(observed, desired);
  if (settings.length > 0) return work(...settings);
  if (gate.settings === null || settingsDecided(gate.settings)?.token !== token)
    return later('for its start gate to learn of the new generation');
  const old = oldData(observed, recreation);
  if (old === 'unknown' || service.state === 'unknown') return later('to know the state of its etcd and its disk');
  if (old === 'foreign') return problem('data of unknown origin are in /var/lib/etcd/data: move them away');
  if (old === 'newer') return problem('its data are of a newer generation');
  const why = `the cluster is recreated as generation ${recreation.generation}`;
  const newHere = hasNewData(observed, recreation);
  if (isUp(service) && !newHere) return work({ kind: 'stop-etcd', why });
  if (old === 'none') return done;
  if (old.lastRevision === undefined || memory.measured !== token)
    return work({ kind: 'measure-data' }, { kind: 'remember', memory: { ...memory, measured: token } });
  return work(...giveUpData(observed, why));
}

/** Until its source is chosen a recovery has no creator, and what is restored is made in it. */
function orRecovery(phase: Phase, recovering: Phase): Phase {
  return (observed, desired, recreation) =>
    (recreation.purpose === 'recovery' ? recovering : phase)(observed, desired, recreation);
}

/** A cluster that begins empty is founded by all its masters together. */
function orEmpty(phase: Phase, empty: Phase): Phase {
  return (observed, desired, recreation) =>
    (recreation.recovery?.chosen === 'files' ? empty : phase)(observed, desired, recreation);
}

/** Only the creator has something to do. */
function forCreator(phase: Phase): Phase {
  return (observed, desired, recreation) =>
    observed.unit.name === recreation.creator ? phase(observed, desired, recreation) : done;
}

/** What is to be done with the verified snapshot, while the data that are made of it are not in place. */
function withStaged(
  then: (staged: StagedSnapshot, observed: Observed, desired: Desired, recreation: Recreation) => Part,
): Phase {
  return (observed, desired, recreation) => {
    const { disk } = observed;
    if (!disk.staged.known || !disk.data.known || !disk.marker.known) return later('to read its disk');
    if (hasNewData(observed, recreation)) return done;
    const staged = stagedFor(observed, recreation);
    if (staged?.complete !== true) return problem('the verified snapshot is not on its disk any more');
    if (staged.problem !== null) return problem(staged.problem);
    return then(staged, observed, desired, recreation);
  };
}

function validate(staged: StagedSnapshot): Part {
  return staged.checked || staged.made ? done : work({ kind: 'check-staged', staged });
}

/** The marker comes before the data, as ever: one without data starts nothing, for this generation is never started empty. */
function create(staged: StagedSnapshot, observed: Observed, desired: Desired, recreation: Recreation): Part {
  const peerUrl = peerUrlOf(observed, desired);
  if (peerUrl === null) return later('for Juju to tell its address');
  if (!staged.made) return makeData(observed, desired, staged);
  const name = memberName(observed.unit.name);
  const { generation, token } = recreation;
  const marker: DataMarker = { generation, token, startedAs: 'existing', initial: [{ name, peerUrl }] };
  return work({ kind: 'mark-data', marker }, { kind: 'adopt-data', generation });
}

/** The new cluster serves on the creator alone, with the revision that it should have. */
function verify(observed: Observed, desired: Desired, recreation: Recreation): Part {
  const { disk, service, cluster } = observed;
  if (!disk.data.known || !disk.marker.known) return later('to read its disk');
  if (!hasNewData(observed, recreation)) return problem('the restored data are not on its disk any more');
  const beginning = beginningOf(disk.marker.value);
  const config = beginning === null ? null : etcdConfigFor(observed, desired, beginning);
  if (config === null) return later('for Juju to tell its address');
  const write: readonly Step[] =
    service.configText === renderEtcdConfig(config) ? [] : [{ kind: 'write-etcd-config', config }];
  if (!isUp(service)) {
    if (!isDown(service)) return later('to know the state of its etcd');
    const why = `with the restored data of generation ${recreation.generation}`;
    return work(
      ...write,
      { kind: 'start-etcd', why },
      { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true },
    );
  }
  if (!cluster.local.known || cluster.local.value.leaderId === null || !cluster.members.known)
    return later('for etcd to serve the restored data');
  const { revision, memberId } = cluster.local.value;
  if (isSourced(recreation) && revision < leastRevision(recreation))
    return problem(`its etcd serves revision ${revision}, and the restored data begin at ${leastRevision(recreation)}`);
  const strangers = cluster.members.value.filter(({ id }) => id !== memberId);
  if (strangers.length > 0 && !isAtLeastFounded(observed, recreation))
    return problem(`its cluster has members that nobody added: ${strangers.map(({ id }) => id).join(', ')}`);
  return done;
}

/** The founding decision of the new generation is written: others may have joined. */
const isAtLeastFounded = ({ peers }: Observed, { generation }: Recreation): boolean =>
  (peers.application.value.founding?.generation ?? 0) >= generation;

/** The others have joined as ever, planned by plan-join.ts; here is only looked whether this unit has. */
function join(observed: Observed, _: Desired, { generation }: Recreation): Part {
  const own = observed.peers.own.value;
  // One that leaves does not join any more.
  if (isLeaving(observed) && own.generation !== generation) return done;
  if (own.generation === generation && own.memberId !== null && own.voter) return done;
  // Who joins has its own timers; this one is for the bag that has just been written.
  return work();
}

/** Clients know where the cluster is. */
function resume(observed: Observed, _: Desired, recreation: Recreation): Part {
  if (isLeaving(observed)) return done;
  const own = ownMember(observed);
  if (own === null || own.learner || !isHealthy(observed, own.id) || !holdsQuorum(observed))
    return later('for its member to be healthy');
  if (observed.peers.own.value.generation !== recreation.generation) return later('for its member to be told');
  return planClients(observed).length > 0 ? work() : releaseManager(observed, recreation);
}

/** The copy of the snapshot goes when nothing can need it any more: its attempt ended, or was never committed. */
export function planRecreationCleanup({ disk, peers, event }: Observed): readonly Step[] {
  if (peers.relationId === null || peers.application.pending || event.kind === 'action') return [];
  if (!disk.staged.known || disk.staged.value === null) return [];
  const { token } = disk.staged.value.recreation;
  const ended = peers.application.value.recreation?.token === token;
  return [
    {
      kind: 'clear-staged',
      why: ended ? 'the recreation it was for has ended' : 'the recreation it was for never began',
    },
  ];
}
