import { utcMilliseconds, utcTime } from './utc-time';

/** What stands in `./manifest.json` beside `./db`, written by this charm (format 1). */
export interface BackupManifest {
  readonly format: 1;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly unit: string;
  readonly member: string;
  readonly memberId: string;
  readonly clusterId: string;
  readonly etcdVersion: string;
  /** Decimal. */
  readonly revision: string;
  readonly totalKeys: number;
  /** As `snapshot status` prints it: CRC-32C of the content. */
  readonly hash: number;
  /** Bytes of `./db`, its trailing hash included. */
  readonly size: number;
  /** Hex, of `./db`. */
  readonly sha256: string;
  /** What the member itself answered of this revision right after; null where it did not. */
  readonly live?: LiveFacts | null;
}

/** What a member that serves a revision says of it: a restored one must say the same. */
export interface LiveFacts {
  /** null where authorization hides it. */
  readonly keys: number | null;
  readonly hashKv: number;
  /** Decimal; the hash is of what came after it. */
  readonly compactRevision: string;
}

/** One archive that was made. */
export interface BackupRecord {
  readonly path: string;
  /** Bytes of the archive. */
  readonly archiveSize: number;
  /** Hex, of the archive. */
  readonly archiveSha256: string;
  readonly manifest: BackupManifest;
}

/** In which form the database was found. */
export type BackupForm = 'archive' | 'db';

/** A backup that was read from its first to its last byte and found good. */
export interface VerifiedBackup {
  readonly good: true;
  /** The file; of a directory the newest good one in it. */
  readonly path: string;
  readonly form: BackupForm;
  /** Whether the database ends with its sha256: then restore without `--skip-hash-check`. */
  readonly hasHash: boolean;
  readonly revision: bigint;
  readonly totalKeys: number;
  readonly hash: number;
  /** Bytes of the database, its trailing hash included. */
  readonly size: number;
  /** Hex, of the database: what several holders of the same backup compare. Without its trailing hash where it was not copied. */
  readonly sha256: string;
  /** Version of etcd that made it, as the manifest or else the database itself says; null where neither does. */
  readonly etcdVersion: string | null;
  /** null for what another made. */
  readonly manifest: BackupManifest | null;
  /** Newer files of the directory that are no good, with the reason. */
  readonly passedOver: readonly string[];
}

/** Why it is refused: one line that begins with the path and says what to do. */
export interface RefusedBackup {
  readonly good: false;
  readonly why: string;
}

export type BackupVerdict = VerifiedBackup | RefusedBackup;

/** A size as `du -h` prints it: powers of 1024, rounded up, one decimal below ten. */
export function diskUsage(bytes: number): string {
  let size = Math.ceil(bytes / 4096) * 4;
  for (const unit of ['K', 'M', 'G']) {
    if (size < 10 && unit !== 'K') return `${(Math.ceil(size * 10) / 10).toFixed(1)}${unit}`;
    if (size < 1024) return `${Math.ceil(size)}${unit}`;
    size /= 1024;
  }
  return `${(Math.ceil(size * 10) / 10).toFixed(1)}T`;
}

/** The archives that the action and the schedule make: `etcd-snapshot-2026-11-21-05.12.15.tar.gz`, in UTC. */
export const archivePattern = /^etcd-snapshot-(\d{4})-(\d{2})-(\d{2})-(\d{2})\.(\d{2})\.(\d{2})\.tar\.gz$/;

/** Name of an archive begun at a time, milliseconds since the epoch. */
export const archiveName = (now: number): string =>
  `etcd-snapshot-${utcTime(now).replace(' UTC', '').replace(' ', '-').replaceAll(':', '.')}.tar.gz`;

/** When an archive of that name was begun, milliseconds since the epoch; null where it is no such name. */
export function archiveTime(name: string): number | null {
  const [match, ...parts] = archivePattern.exec(name) ?? [];
  if (match === undefined) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return utcMilliseconds(year, month, day, hour, minute, second);
}

/** What is being written beside it, with the process that does. */
export const partPattern = /^\.etcd-snapshot-.*\.tar\.gz\.(\d+)\.(?:archive|db|drill)\.part$/;

/** A file that may be a backup, by its name; the leading dot is one that is still being written. */
export const maybeBackup = (name: string): boolean =>
  !name.startsWith('.') && /(^db$|\.db$|\.tar$|\.tar\.gz$|\.tgz$|\.snapshot$|\.snap$)/.test(name);

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The manifest, or null where the text is none of format 1. */
export function parseManifest(text: string): BackupManifest | null {
  let value: Partial<Record<keyof BackupManifest, unknown>>;
  try {
    // `null` has no keys either.
    value = (JSON.parse(text) as typeof value | null) ?? {};
  } catch {
    return null;
  }
  const { format, revision, totalKeys, hash, size, sha256, ...texts } = value;
  const named = [texts.takenAt, texts.unit, texts.member, texts.memberId, texts.clusterId, texts.etcdVersion];
  const good =
    format === 1 &&
    named.every(isText) &&
    isText(revision) &&
    /^\d+$/.test(revision) &&
    isText(sha256) &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    [totalKeys, hash, size].every(isCount);
  return good ? (value as BackupManifest) : null;
}

/** `3.6` before `3.7`: whether what made a backup is of a newer minor version than what shall read it. */
export function madeByNewer(made: string, installed: string): boolean {
  const [a = 0, b = 0] = made.split('.').map(Number);
  const [c = 0, d = 0] = installed.split('.').map(Number);
  return a - c > 0 || (a === c && b > d);
}
