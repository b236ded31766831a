import type { BackupRecord } from './backup';

/** A restore of a backup into an etcd of its own, and whether it held what the backup says. */
export interface DrillRecord {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The backup. */
  readonly path: string;
  readonly good: boolean;
  /** What was found, in one line. */
  readonly said: string;
}

/** What this unit knows of its backups; written by actions and by the schedule, kept in one file. Times are ISO 8601, UTC. */
export interface BackupState {
  readonly lastGood: BackupRecord | null;
  /** Gone with the next good one. */
  readonly lastFailure: { readonly at: string; readonly why: string } | null;
  readonly lastDrill: DrillRecord | null;
  /** What the schedule found in its directory after its last run; null before one. */
  readonly stored: StoredBackups | null;
}

/** Archives in the directory of the schedule, other units' in the same one counted, too. */
export interface StoredBackups {
  readonly target: string;
  readonly bytes: number;
}

export const noBackups: BackupState = { lastGood: null, lastFailure: null, lastDrill: null, stored: null };

/** The state in that file; what cannot be read is none. */
export function parseBackupState(text: string | null): BackupState {
  if (text === null) return noBackups;
  try {
    return { ...noBackups, ...(JSON.parse(text) as Partial<BackupState>) };
  } catch {
    return noBackups;
  }
}
