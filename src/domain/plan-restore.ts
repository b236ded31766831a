import { desiredFrom, type Desired } from './desired';
import { generation, type Generation } from './ids';
import { isJujuLeader, isLeaving, unitsInApplication } from './member';
import type { Observed } from './observed';
import { partOf } from './plan-recreation';
import { revisionOfOldData } from './recreation-part';
import { acknowledgements, newest, newFounding } from './plan-recreation-lead';
import { planPeerData } from './plan-relations';
import { tlsReadiness } from './plan-tls';
import { activeRecreation, begunSomewhere, isRecreating, unitsLeaving, unitsToName } from './recreating';
import {
  hasBegun,
  type RecreationPhase,
  type SnapshotFacts,
  type SourcedRecreation,
  type StagedSnapshot,
} from './recreation';
import type { Step } from './step';

/** What an operator's restore begins with: a database that was read from its first to its last byte and found good. */
export interface RestoreRequest {
  readonly snapshot: SnapshotFacts;
  readonly db: string;
  readonly size: number;
  readonly hasHash: boolean;
  readonly bump: boolean;
  /** The data directory that is made of it, for an attempt with {@link restoreToken}, lies ready. */
  readonly made: boolean;
}

/** Why a restore may not begin on this unit now, in one line that says what to do; null where it may. Nothing was changed. */
export function restoreRefusal(observed: Observed): string | null {
  const { unit, peers, workload } = observed;
  if (!isJujuLeader(observed))
    return `${unit.name} is not the leader of ${unit.application}, and restore runs only there: juju run ${unit.application}/leader restore.`;
  if (peers.relationId === null || peers.application.pending) return 'The units do not know each other yet: try again.';
  const { problems } = desiredFrom(observed.config);
  const [first] = problems;
  if (first !== undefined) return `${first.message}: correct it first.`;
  if (isLeaving(observed)) return `${unit.name} is being removed: restore on another unit, once one is the leader.`;
  if (peers.application.value.founding === null)
    return 'No cluster was founded yet: wait until the status says that it is healthy, then try again.';
  if (workload.current === null || !tlsReadiness(observed).ready)
    return `${unit.name} has no etcd or no certificates yet: wait until its status says more, then try again.`;
  if (unitsInApplication(observed) === null) return 'Juju does not tell which units there are: try again.';
  const leaving = unitsLeaving(observed);
  if (leaving.length > 0 && !isRecreating(observed))
    return `${leaving.join(', ')} is being removed: wait until it is gone, then try again.`;
  const active = activeRecreation(observed);
  if (active?.purpose === 'recovery')
    return `The cluster is being recovered as generation ${active.generation} (recovery-status shows how far it is): let that end first.`;
  return null;
}

/** One more than of every founding and every attempt before. */
export function nextGeneration(observed: Observed): Generation {
  const { founding, recreation } = observed.peers.application.value;
  const staged = observed.disk.staged.known ? observed.disk.staged.value : null;
  const known = [founding, recreation, staged?.recreation, begunSomewhere(observed)].map((one) => one?.generation ?? 0);
  return generation(Math.max(...known, recreation?.tried ?? 0) + 1);
}

/** The last revision that any member tells; of the old cluster only, so not once its members were stopped. */
export function revisionSeen({ cluster }: Observed): bigint | null {
  const seen = [...cluster.statuses.values()].flatMap((status) => (status.known ? [status.value.revision] : []));
  return seen.reduce<bigint | null>((most, one) => (most === null || one > most ? one : most), null);
}

/** initial-cluster-token of an attempt that is begun now. */
export const restoreToken = (observed: Observed): string =>
  `${observed.unit.application}-${nextGeneration(observed)}-${observed.entropy}`;

/** A new attempt, from the beginning; running restore again begins another one. Only to be called where nothing refuses it. */
export function beginRestore(observed: Observed, { snapshot, bump }: RestoreRequest): SourcedRecreation {
  const { unit, peers, workload } = observed;
  const { founding } = peers.application.value;
  const units = unitsToName(observed);
  if (founding === null || units === null || workload.current === null) throw new Error('a refused restore was begun');
  const number = nextGeneration(observed);
  const before = begunSomewhere(observed) ?? activeRecreation(observed);
  const touched = before !== null && (hasBegun(before) || begunSomewhere(observed) !== null);
  return {
    generation: number,
    token: restoreToken(observed),
    purpose: 'restore',
    recovery: null,
    phase: 'survey',
    creator: unit.name,
    units: [...new Set([...units, ...(before?.units ?? [])])].sort(),
    version: workload.current,
    snapshot,
    bump,
    replaces: touched ? before.replaces : founding.generation,
    lastRevision: touched ? newest(before, acknowledgements(observed)) : revisionSeen(observed),
    touched,
    founded: null,
    tried: null,
    problem: null,
    finishedAt: null,
  };
}

/** No other unit that Juju has: the action can carry everything out by itself. */
export const isAlone = (observed: Observed): boolean => unitsInApplication(observed)?.size === 1;

export const staged = (
  recreation: SourcedRecreation,
  { db, size, hasHash, made }: RestoreRequest,
  alone: boolean,
): Omit<StagedSnapshot, 'complete'> => ({
  recreation,
  db,
  size,
  hasHash,
  alone,
  checked: false,
  made,
  problem: null,
  damaged: false,
  takenAt: null,
});

/** How soon a hook goes on with what an action began, should it never end, seconds. */
const resumeSeconds = 30;

/** With other units: the attempt is written down, and the hooks of all do the rest. */
export function stepsToBegin(
  { peers }: Observed,
  recreation: SourcedRecreation,
  request: RestoreRequest,
): readonly Step[] {
  if (peers.relationId === null) return [];
  return [
    { kind: 'stage-snapshot', staged: staged(recreation, request, false) },
    { kind: 'write-recreation', relationId: peers.relationId, recreation },
  ];
}

/** The phases that an action goes through by itself on the only unit. */
const phasesAlone: readonly RecreationPhase[] = ['survey', 'stop', 'validate', 'create', 'verify'];

/**
 * The whole restore on the only unit, step by step: each `yield` is a step to carry out, and gets what is seen afterwards. A `wait` says
 * to look again after a moment. What is written into the bags is committed when the action ends; until then the disk is ahead of them, and
 * the record beside the data says so (begunAlone). @returns the recreation as it ended, or why it did not.
 */
export function* restoreAlone(
  seen: Observed,
  desired: Desired,
  request: RestoreRequest,
): Generator<Step, { readonly recreation: SourcedRecreation } | { readonly problem: string }, Observed> {
  let observed = seen;
  const recreation = beginRestore(observed, request);
  let { lastRevision } = recreation;
  for (const phase of phasesAlone) {
    // From here on something is touched: a killed action is gone on with by the hooks.
    if (phase === 'stop') {
      observed = yield { kind: 'wake-later', afterSeconds: resumeSeconds, why: 'should this action be killed' };
      const ready = observed.disk.staged.known && observed.disk.staged.value?.made === true;
      observed = yield { kind: 'stage-snapshot', staged: { ...staged(recreation, request, true), made: ready } };
    } else if (phase === 'survey') {
      observed = yield { kind: 'stage-snapshot', staged: staged(recreation, request, false) };
    }
    const now = { ...recreation, phase };
    for (;;) {
      const part = partOf(committed(observed, now), desired, now);
      if (part.part === 'problem') return { problem: part.why };
      if (part.part === 'done') break;
      // It looks again by itself; the timer of its beginning is for its death.
      for (const step of part.steps) if (step.kind !== 'wake-later') observed = yield step;
    }
    // Told by the marker of the old data, until that of the new ones takes its place.
    if (phase === 'stop') lastRevision = revisionOfOldData(observed, recreation) ?? lastRevision;
  }
  return yield* finishAlone(observed, desired, { ...recreation, lastRevision });
}

function* finishAlone(
  seen: Observed,
  desired: Desired,
  recreation: SourcedRecreation,
): Generator<Step, { readonly recreation: SourcedRecreation } | { readonly problem: string }, Observed> {
  const { relationId, application } = seen.peers;
  const founding = newFounding(seen, recreation);
  if (relationId === null || founding === null) return { problem: 'Juju does not tell its address' };
  const ended: SourcedRecreation = { ...recreation, phase: 'done', finishedAt: seen.now };
  let observed = yield { kind: 'write-founding', relationId, founding };
  observed = yield { kind: 'record-members', relationId, members: new Map(), addresses: application.value.addresses };
  observed = yield { kind: 'write-recreation', relationId, recreation: ended };
  for (const step of planPeerData(committed(observed, ended), desired)) observed = yield step;
  return { recreation: ended };
}

/** The world as if the attempt were read back from the bag. */
function committed(observed: Observed, recreation: SourcedRecreation): Observed {
  const { peers } = observed;
  const value = { ...peers.application.value, recreation };
  return { ...observed, peers: { ...peers, application: { value, pending: false } } };
}
