import { parseScheduleNotes, type BackupFacts } from '../domain/backup-schedule';
import { parseBackupState } from '../domain/backup-state';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

/** Backups of this unit, as files tell of them. */
export async function observeBackup(files: Files, { schedule, backupState }: Paths): Promise<BackupFacts> {
  const [settings, notes, state] = await Promise.all([
    files.read(schedule.settings),
    files.read(schedule.notes),
    files.read(backupState),
  ]);
  return { settings, notes: parseScheduleNotes(notes), state: parseBackupState(state) };
}
