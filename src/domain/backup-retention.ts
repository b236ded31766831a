/** How many backups are kept: the newest of each of so many hours, days and weeks that have any. All in UTC, weeks from Monday. */
export interface Ladder {
  readonly hours: number;
  readonly days: number;
  readonly weeks: number;
}

/** A good backup of this charm, as far as the ladder looks at it. */
export interface DatedBackup {
  /** Unique. */
  readonly path: string;
  /** When it was taken, milliseconds since the epoch, by the clock of the unit that took it. */
  readonly time: number;
  readonly revision: bigint;
  /** Cluster id: revisions are comparable within one cluster alone. */
  readonly cluster: string;
}

/** Why a backup stays. `undated`: it says that it was taken later than now, so a clock is or was wrong, and nothing can be told by it. */
export type KeptFor = 'newest' | 'hour' | 'day' | 'week' | 'undated';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 1970-01-01 was a Thursday. */
const mondayOffsetMs = 3 * dayMs;

const bucketsOf: readonly (readonly [keyof Ladder, KeptFor, (time: number) => number])[] = [
  ['hours', 'hour', (time) => Math.floor(time / hourMs)],
  ['days', 'day', (time) => Math.floor(time / dayMs)],
  ['weeks', 'week', (time) => Math.floor((time + mondayOffsetMs) / (7 * dayMs))],
];

/** Clocks of one machine differ by less between two looks; more is a jump. */
const toleranceMs = 60_000;
/** More of one rung are a mistake in writing. */
const most = 1000;

/** `hours=24 days=7 weeks=4`, in any order; what is not named is none. Null where it is no ladder, or keeps nothing. */
export function parseLadder(text: string): Ladder | null {
  const ladder = { hours: 0, days: 0, weeks: 0 };
  const named = new Set<string>();
  for (const word of text.trim().split(/\s+/)) {
    const [, rung = '', count = ''] = /^(hours|days|weeks)=(\d{1,4})$/.exec(word) ?? [];
    if (rung === '' || named.has(rung) || Number(count) > most) return null;
    named.add(rung);
    ladder[rung as keyof Ladder] = Number(count);
  }
  return ladder.hours + ladder.days + ladder.weeks > 0 ? ladder : null;
}

export const formatLadder = ({ hours, days, weeks }: Ladder): string => `hours=${hours} days=${days} weeks=${weeks}`;

/** Newer first. Total and transitive, so that the order of a directory does not matter. */
function newerFirst(one: DatedBackup, other: DatedBackup): number {
  if (one.time !== other.time) return other.time - one.time;
  if (one.cluster !== other.cluster) return one.cluster < other.cluster ? 1 : -1;
  if (one.revision !== other.revision) return one.revision < other.revision ? 1 : -1;
  return one.path < other.path ? 1 : -1;
}

/** Whether a backup of the same cluster holds more, or the same and was taken later. */
function holdsMore(one: DatedBackup, other: DatedBackup): boolean {
  if (one.revision !== other.revision) return one.revision > other.revision;
  return newerFirst(one, other) < 0;
}

/**
 * Which backups stay, and why; all others may go. Rungs count hours, days and weeks that have a backup, not those that went by: a clock
 * that jumps ahead, or a unit that was off for a month, drops none. Whatever the ladder says the newest of each cluster stays: after a
 * restore or a new founding the last one before it is what an operator may want back.
 */
export function keptBackups(
  backups: readonly DatedBackup[],
  ladder: Ladder,
  now: number,
): ReadonlyMap<string, KeptFor> {
  const kept = new Map<string, KeptFor>();
  const newest = new Map<string, DatedBackup>();
  for (const backup of backups) {
    const before = newest.get(backup.cluster);
    if (before === undefined || holdsMore(backup, before)) newest.set(backup.cluster, backup);
  }
  for (const { path } of newest.values()) kept.set(path, 'newest');
  const isDated = ({ time }: DatedBackup): boolean => time <= now + toleranceMs;
  for (const backup of backups) if (!isDated(backup) && !kept.has(backup.path)) kept.set(backup.path, 'undated');
  const dated = backups.filter(isDated).sort(newerFirst);
  for (const [rung, why, bucketOf] of bucketsOf) {
    const filled = new Set<number>();
    for (const { path, time } of dated) {
      if (filled.size >= ladder[rung]) break;
      const bucket = bucketOf(time);
      if (filled.has(bucket)) continue;
      filled.add(bucket);
      if (!kept.has(path)) kept.set(path, why);
    }
  }
  return kept;
}
