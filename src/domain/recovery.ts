import type { UnitName } from './ids';
import type { Acknowledgement, RecoveryOffer } from './recreation';

/** Where the keys of a recovered cluster come from: from a member that is left, from a backup, or from configuration on the disks. */
export const recoverySources = ['survivor', 'snapshot', 'files'] as const;
export type RecoverySource = (typeof recoverySources)[number];

/** What the operator of a recovery said, and what was made of it. */
export interface Recovery {
  readonly wanted: 'auto' | RecoverySource;
  /** Null until all members have stopped. */
  readonly chosen: RecoverySource | null;
  /** Why that one. */
  readonly why: string | null;
  /** Units that will never answer: the operator says that their machines are off. */
  readonly failed: readonly UnitName[];
  /** Who founds a cluster that begins empty; the others join it. As the operator said, empty for nobody named, until it is chosen. */
  readonly masters: readonly UnitName[];
  /** Entries of the survivor that were not known to be agreed on, and were kept; null while not known. */
  readonly kept: number | null;
  /** With `files`: the unit whose files become the keys; null where no unit has any. */
  readonly seeder: UnitName | null;
  /** Survivors whose data could not be read. */
  readonly unusable: readonly { readonly unit: UnitName; readonly why: string }[];
}

/** How far a member's raft log reaches: term and index of its last entry, and up to where it knew that a majority had agreed. */
export interface LogEnd {
  readonly term: bigint;
  readonly index: bigint;
  readonly commit: bigint;
}

/** Whether one log reaches further than another: as raft elects, by the term of the last entry and then by its index. */
export const reachesFurther = (one: Pick<LogEnd, 'term' | 'index'>, other: Pick<LogEnd, 'term' | 'index'>): boolean =>
  one.term > other.term || (one.term === other.term && one.index > other.index);

/** A unit with something to recover from. */
export interface Candidate<T> {
  readonly unit: UnitName;
  readonly has: T;
}

const candidates = <T>(
  said: ReadonlyMap<UnitName, Acknowledgement | null>,
  token: string,
  pick: (one: Acknowledgement) => T | null,
): readonly Candidate<T>[] =>
  [...said]
    .flatMap(([unit, one]) => {
      const has = one?.token === token && one.problem === null ? pick(one) : null;
      return has === null ? [] : [{ unit, has }];
    })
    .sort((one, other) => (one.unit < other.unit ? -1 : 1));

/** Survivors, by what they read from their logs after all had stopped. */
export const survivors = (
  said: ReadonlyMap<UnitName, Acknowledgement | null>,
  token: string,
): readonly Candidate<LogEnd>[] => candidates(said, token, ({ tail }) => tail);

/** The one whose log reaches furthest has every entry that any of them was told is written; the first by name among equals. */
export const bestSurvivor = (all: readonly Candidate<LogEnd>[]): Candidate<LogEnd> | null =>
  all.reduce<Candidate<LogEnd> | null>(
    (best, one) => (best === null || reachesFurther(one.has, best.has) ? one : best),
    null,
  );

/** The unit with the newest verified backup. */
export const bestBackup = (
  said: ReadonlyMap<UnitName, Acknowledgement | null>,
  token: string,
): Candidate<RecoveryOffer> | null =>
  candidates(said, token, ({ offer }) =>
    (offer?.takenAt ?? null) === null ? null : offer,
  ).reduce<Candidate<RecoveryOffer> | null>(
    (best, one) => (best === null || (one.has.takenAt ?? 0) > (best.has.takenAt ?? 0) ? one : best),
    null,
  );

/** What the leader decided on, or why it cannot. */
export type Choice =
  | { readonly chosen: RecoverySource; readonly creator: UnitName | null; readonly why: string }
  | { readonly problem: string };

/** What the leader makes of the logs, once all have stopped; again without those that turned out to be unusable. */
export function chooseSource(recovery: Recovery, all: readonly Candidate<LogEnd>[]): Choice {
  const { wanted, unusable } = recovery;
  if (wanted === 'files') return { chosen: 'files', creator: null, why: 'the operator said so' };
  if (wanted === 'snapshot') return { chosen: 'snapshot', creator: null, why: 'the operator said so' };
  const left = all.filter(({ unit }) => !unusable.some((one) => one.unit === unit));
  const best = bestSurvivor(left);
  const failed = unusable.map(({ unit, why }) => `${unit} could not be used (${why})`);
  if (best !== null) {
    const { term, index } = best.has;
    const reach = `its log reaches furthest (term ${term}, index ${index}) of ${left.map(({ unit }) => unit).join(', ')}`;
    return { chosen: 'survivor', creator: best.unit, why: [...failed, reach].join('; ') };
  }
  const none = failed.length === 0 ? 'no unit has data of the cluster that can be read' : failed.join('; ');
  return wanted === 'auto' ? { chosen: 'snapshot', creator: null, why: none } : { problem: none };
}

/** So many units with data found an empty cluster by themselves, and the others join it (clearwater-and-stups.md A.5, step 4). */
const enoughMasters = 3;

/** Who founds a cluster that begins empty: whom the operator named, else the units with data duty where they are enough, else all. */
export function chooseMasters(
  { masters }: Recovery,
  units: readonly UnitName[],
  hasDuty: (unit: UnitName) => boolean,
): readonly UnitName[] {
  if (masters.length > 0) return masters;
  const withDuty = units.filter(hasDuty);
  return withDuty.length >= enoughMasters ? withDuty : units;
}
