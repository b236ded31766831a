import type { EtcdVersion, Generation, UnitName } from './ids';
import type { FoundingMark } from './start-gate';

/**
 * The phases of recreating the cluster, in order (design.md section 3). Every live unit acknowledges each before the leader begins the
 * next. The last two are ends: `abandoned` only where nothing was touched.
 */
export const recreationPhases = [
  'survey',
  'stop',
  'validate',
  'create',
  'verify',
  'join',
  'load',
  'resume',
  'done',
  'abandoned',
] as const;
export type RecreationPhase = (typeof recreationPhases)[number];

/** The database that the new cluster begins with: all of it comes from reading the backup from its first to its last byte. */
export interface SnapshotFacts {
  /** Hex, of the database file. */
  readonly sha256: string;
  readonly revision: bigint;
  /** Entries of all its buckets, as `snapshot status` counts them. */
  readonly keys: number;
  /** As `snapshot status` prints it. */
  readonly hash: number;
}

/** One attempt to recreate the cluster, as the leader has it in the application's bag. */
export interface Recreation {
  /** Of the cluster that is made; one more than that of every founding and attempt before. */
  readonly generation: Generation;
  /** initial-cluster-token of the new cluster, fresh (rule 9). It tells two attempts apart. */
  readonly token: string;
  readonly purpose: 'restore' | 'recovery';
  readonly phase: RecreationPhase;
  /** The unit that has the database. */
  readonly creator: UnitName;
  /** Units that may have had a member when it began. One that has left the application counts no more. */
  readonly units: readonly UnitName[];
  /** What the creator runs: all must run the same minor version. */
  readonly version: EtcdVersion;
  readonly snapshot: SnapshotFacts;
  /** Whether the new revisions begin far above the old ones, and watchers are told to begin anew (etcd can from 3.6 on). */
  readonly bump: boolean;
  /** Generation whose data are replaced. */
  readonly replaces: Generation;
  /** The last revision of the replaced data that anybody knows of; null while unknown. */
  readonly lastRevision: bigint | null;
  /** An earlier attempt has stopped members already: nothing but going on gives a cluster again. */
  readonly touched: boolean;
  /** Why it was abandoned. */
  readonly problem: string | null;
  /** When it ended, milliseconds since the epoch. */
  readonly finishedAt: number | null;
}

/** What a unit says of the attempt in its own bag: that it has done its part of this phase, and of all before, or why it cannot. */
export interface Acknowledgement {
  readonly token: string;
  readonly generation: Generation;
  readonly phase: RecreationPhase;
  readonly problem: string | null;
  /** The last revision in the data that this unit moved aside; null where it had none, or they do not tell. */
  readonly revision: bigint | null;
}

/** The verified database on the creator's disk, beside its data. */
export interface StagedSnapshot {
  readonly recreation: Recreation;
  /** Path of the database file. */
  readonly db: string;
  /** Bytes. */
  readonly size: number;
  /** It ends with its own sha256. */
  readonly hasHash: boolean;
  /** An action has begun to carry it out on the only unit of the application, so that it may be ahead of the bag. */
  readonly alone: boolean;
  /** Its sha256 was found right again after all members had stopped. */
  readonly checked: boolean;
  /** The data directory that is made of it lies ready. */
  readonly made: boolean;
  /** Why it cannot be restored, found out after the attempt began. */
  readonly problem: string | null;
  /** It is as large as it was. */
  readonly complete: boolean;
}

/** How much a bump adds to the revision: more than any cluster writes between a backup and its loss. */
export const revisionBump = 1_000_000_000n;

const order = (phase: RecreationPhase): number => recreationPhases.indexOf(phase);

export const isAtLeastPhase = (phase: RecreationPhase, other: RecreationPhase): boolean => order(phase) >= order(other);

export const isEnded = ({ phase }: Pick<Recreation, 'phase'>): boolean => phase === 'done' || phase === 'abandoned';

/** Whether members were stopped for it, or may have been: from then on nothing of an older generation may start. */
export const hasBegun = ({ phase, touched }: Recreation): boolean =>
  phase !== 'abandoned' && (touched || isAtLeastPhase(phase, 'stop'));

/** While no cluster of the new generation is decided: nothing may be started, joined or tidied up. */
export const isHeld = (recreation: Recreation): boolean =>
  !isEnded(recreation) && !isAtLeastPhase(recreation.phase, 'join');

/** The phase after this one. */
export function nextPhase(phase: RecreationPhase): RecreationPhase {
  return recreationPhases[order(phase) + 1] ?? phase;
}

/** Whether a unit's words are about this attempt and reach so far. */
export const hasAcknowledged = (said: Acknowledgement | null, { token, phase }: Recreation): boolean =>
  said?.token === token && said.problem === null && isAtLeastPhase(said.phase, phase);

/** Whether a founding's mark is that of the attempt. */
export const isOf = (mark: FoundingMark | null, { generation, token }: Recreation): boolean =>
  mark?.generation === generation && mark.token === token;

/** The first revision that clients see in the new cluster. */
export const firstRevision = ({ snapshot, bump }: Recreation): bigint => snapshot.revision + (bump ? revisionBump : 0n);

/** What was written after the snapshot and is not in the new cluster; null where that is nothing or unknown. */
export function lostRevisions({
  snapshot,
  lastRevision,
}: Recreation): { readonly from: bigint; readonly to: bigint } | null {
  if (lastRevision === null || lastRevision <= snapshot.revision) return null;
  return { from: snapshot.revision + 1n, to: lastRevision };
}

/** In words, for the status, the log and results. */
export function describeLoss(recreation: Recreation): string {
  const lost = lostRevisions(recreation);
  if (lost !== null) return `revisions ${lost.from} to ${lost.to} of generation ${recreation.replaces} are lost`;
  return recreation.lastRevision === null
    ? `what was written after it is lost, how much is not known`
    : 'no revision is lost';
}
