import type { ConfigurationSaid } from './configuration';
import type { EtcdVersion, Generation, UnitName } from './ids';
import type { Recovery, LogEnd } from './recovery';
import type { FoundingMark } from './start-gate';

/**
 * The phases of recreating the cluster, in order (design.md section 3). Every live unit acknowledges each before the leader begins the
 * next. The last two are ends: `abandoned` only where a majority serves after all, or nothing was touched.
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
  /** The unit that has the database; null while it is not chosen, and where there is none. */
  readonly creator: UnitName | null;
  /** Units that may have had a member when it began. One that has left the application counts no more. */
  readonly units: readonly UnitName[];
  /** What the creator runs: all must run the same minor version. */
  readonly version: EtcdVersion;
  /** Null while it is not known, and where there is none: the new cluster begins empty. */
  readonly snapshot: SnapshotFacts | null;
  /** What the operator of a recovery said; null for a restore. */
  readonly recovery: Recovery | null;
  /** Whether the new revisions begin far above the old ones, and watchers are told to begin anew (etcd can from 3.6 on). */
  readonly bump: boolean;
  /** Generation whose data are replaced. */
  readonly replaces: Generation;
  /** The last revision of the replaced data that anybody knows of; null while unknown. */
  readonly lastRevision: bigint | null;
  /** An earlier attempt has stopped members already: nothing but going on gives a cluster again. */
  readonly touched: boolean;
  /** An earlier attempt of a recovery whose cluster is founded: where the survey finds that this works, that one is gone on with. */
  readonly founded: Recreation | null;
  /**
   * The newest generation that was tried since and not made; null for none. An attempt that is gone on with would else be written as it
   * was before, and so would be what units say of it: Juju tells nobody of a bag that has the content that they were last told of.
   */
  readonly tried: Generation | null;
  /** Why it was abandoned. */
  readonly problem: string | null;
  /** When it ended, milliseconds since the epoch. */
  readonly finishedAt: number | null;
}

/** One whose database is known. */
export interface SourcedRecreation extends Recreation {
  readonly creator: UnitName;
  readonly snapshot: SnapshotFacts;
}

export const isSourced = (recreation: Recreation): recreation is SourcedRecreation =>
  recreation.creator !== null && recreation.snapshot !== null;

/** What a unit says of the attempt in its own bag: that it has done its part of this phase, and of all before, or why it cannot. */
export interface Acknowledgement {
  readonly token: string;
  readonly generation: Generation;
  readonly phase: RecreationPhase;
  /** As the attempt had it when this was said. */
  readonly tried: Generation | null;
  readonly problem: string | null;
  /** The last revision in the data that this unit moved aside; null where it had none, or they do not tell. */
  readonly revision: bigint | null;
  /** In the survey of a recovery: a linearizable read answered this unit. */
  readonly quorum: boolean;
  /** From `stop` on: how far the log of its stopped member reaches; null where there is none to read. */
  readonly tail: LogEnd | null;
  /** What it has made, or found, to recover from. */
  readonly offer: RecoveryOffer | null;
  /** The problem is that the data of this unit cannot be read: another source may be tried. */
  readonly damaged: boolean;
  /** In `validate`: which choice of a source this is the word about; see choiceOf. */
  readonly choice: string | null;
  readonly configuration: ConfigurationSaid;
}

/** A database that a unit has ready. */
export interface RecoveryOffer {
  readonly snapshot: SnapshotFacts;
  /** When a backup was taken, milliseconds since the epoch; null for what a member had. */
  readonly takenAt: number | null;
}

/** The verified database on the creator's disk, beside its data. */
export interface StagedSnapshot {
  readonly recreation: SourcedRecreation;
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
  /** The problem is that the data it should be made of cannot be read. */
  readonly damaged: boolean;
  /** When the backup that it is of was taken, milliseconds since the epoch; null where it is of a member. */
  readonly takenAt: number | null;
  /** It is as large as it was. */
  readonly complete: boolean;
}

/** How much a bump adds to the revision: more than any cluster writes between a backup and its loss. */
export const revisionBump = 1_000_000_000n;

const order = (phase: RecreationPhase): number => recreationPhases.indexOf(phase);

export const isAtLeastPhase = (phase: RecreationPhase, other: RecreationPhase): boolean => order(phase) >= order(other);

export const isEnded = ({ phase }: Pick<Recreation, 'phase'>): boolean => phase === 'done' || phase === 'abandoned';

/**
 * Whether a newer cluster is decided than the one that it makes. A leader whose machine stood still in a hook, and who leads again, may
 * have written an attempt once more over what came after it; there is nothing to go on with, and the cluster that is decided serves.
 */
export const isSuperseded = ({ generation }: Pick<Recreation, 'generation'>, founding: FoundingMark | null): boolean =>
  generation < (founding?.generation ?? 0);

/** Whether members were stopped for it, or may have been: from then on nothing of an older generation may start. */
export const hasBegun = ({ phase, touched }: Recreation): boolean =>
  phase !== 'abandoned' && (touched || isAtLeastPhase(phase, 'stop'));

/**
 * While no cluster of the new generation is decided: nothing may be started, joined or tidied up. Not in the survey of a recovery that
 * has stopped nothing: a member that can be started may be what a majority lacks.
 */
export function isHeld(recreation: Recreation): boolean {
  if (isEnded(recreation)) return false;
  if (recreation.phase === 'survey' && recreation.purpose === 'recovery') return recreation.touched;
  return !isAtLeastPhase(recreation.phase, recreation.recovery?.chosen === 'files' ? 'create' : 'join');
}

/** The phase after this one. */
export function nextPhase(phase: RecreationPhase): RecreationPhase {
  return recreationPhases[order(phase) + 1] ?? phase;
}

/** Which source a unit looks at in `validate`: where the one that was chosen is no good, the phase begins anew with another. */
export const choiceOf = ({ recovery, creator }: Recreation): string | null =>
  recovery === null || recovery.chosen === null ? null : `${recovery.chosen} ${creator ?? ''}`.trim();

/** Whether a unit's words are about this attempt and reach so far. */
export const hasAcknowledged = (said: Acknowledgement | null, recreation: Recreation): boolean =>
  said?.token === recreation.token &&
  said.problem === null &&
  isAtLeastPhase(said.phase, recreation.phase) &&
  isAboutChoice(said, recreation);

export const isAboutChoice = (said: Acknowledgement, recreation: Recreation): boolean =>
  recreation.phase !== 'validate' || said.choice === choiceOf(recreation);

/** Whether a founding's mark is that of the attempt. */
export const isOf = (mark: FoundingMark | null, { generation, token }: Recreation): boolean =>
  mark?.generation === generation && mark.token === token;

/** The first revision that clients see in the new cluster. */
export const firstRevision = ({ snapshot, bump }: Pick<SourcedRecreation, 'snapshot' | 'bump'>): bigint =>
  snapshot.revision + (bump ? revisionBump : 0n);

/**
 * What a member with the new data serves at least. The tool bumps from the newest record, and that may be older than what was served: an
 * empty store serves 1 and has none, and a deletion that is compacted away has left none.
 */
export const leastRevision = ({
  snapshot,
  bump,
}: Pick<Recreation, 'bump'> & { readonly snapshot: Pick<SnapshotFacts, 'revision'> }): bigint => {
  if (!bump) return snapshot.revision;
  return snapshot.revision >= revisionBump ? snapshot.revision + 1n : revisionBump;
};

/** What was written after the snapshot and is not in the new cluster; null where that is nothing or unknown. */
export function lostRevisions({
  snapshot,
  lastRevision,
}: Recreation): { readonly from: bigint; readonly to: bigint } | null {
  if (snapshot === null || lastRevision === null || lastRevision <= snapshot.revision) return null;
  return { from: snapshot.revision + 1n, to: lastRevision };
}

/** In words, for the status, the log and results. */
export function describeLoss(recreation: Recreation): string {
  const { chosen = null, unusable = [], seeder = null } = recreation.recovery ?? {};
  const unread = unusable.map(({ unit }) => unit).join(', ');
  if (chosen === 'survivor')
    return `${describeKept(recreation)}${unread === '' ? '' : `; the data of ${unread} could not be read`}`;
  if (chosen === 'files')
    return `all keys of generation ${recreation.replaces} are lost${seeder === null ? '' : ` but those made of the files of ${seeder}`}`;
  const lost = lostRevisions(recreation);
  if (lost !== null) return `revisions ${lost.from} to ${lost.to} of generation ${recreation.replaces} are lost`;
  return recreation.lastRevision === null
    ? `what was written after it is lost, how much is not known`
    : 'no revision is lost';
}

/** What nobody can know is said, too. */
function describeKept({ recovery }: Recreation): string {
  const kept = recovery?.kept ?? 0;
  const unsure = kept === 0 ? '' : `, ${kept} of them not known to be agreed on`;
  return `all entries that ${recovery?.failed.length === 0 ? 'the units' : 'the surviving units'} had are kept${unsure}; what only lost members had is lost`;
}

/** Of one that was abandoned: why. An attempt before it may have stopped members, which serve again. */
export const describeEnd = ({ touched, problem }: Recreation): string =>
  `given up${touched ? '' : ', nothing was touched'}: ${problem ?? 'no reason given'}`;

/** What the new cluster begins with. */
export function describeSource({ creator, snapshot, recovery }: Recreation): string {
  if (recovery === null) return `revision ${snapshot?.revision ?? 0n}`;
  if (recovery.chosen === 'files') return 'an empty store';
  if (snapshot === null) return recovery.chosen === null ? 'a source still to be found' : `a ${recovery.chosen}`;
  const what = recovery.chosen === 'survivor' ? 'what survived' : 'the newest backup';
  return `revision ${snapshot.revision}, ${what} on ${creator ?? 'a unit'}`;
}
