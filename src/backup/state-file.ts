import { dirname } from 'node:path';
import { parseBackupState, type BackupState } from '../domain/backup-state';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

export const readBackupState = async (files: Files, paths: Paths): Promise<BackupState> =>
  parseBackupState(await files.read(paths.backupState));

/** Changes a part of the state; the rest stays. */
export async function noteBackup(files: Files, paths: Paths, change: Partial<BackupState>): Promise<void> {
  const state = { ...(await readBackupState(files, paths)), ...change };
  if ((await files.list(dirname(paths.backupState))) === null) return;
  await files.writeAtomic(paths.backupState, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o644 });
}
