import { dirname, join } from 'node:path';
import { archivePattern } from '../domain/backup';
import { renderBackupSettings, parseScheduleNotes, type ScheduleNotes } from '../domain/backup-schedule';
import type { StepOf } from '../domain/step';
import {
  backupTimerName,
  drillTimerName,
  renderBackupService,
  renderBackupTimer,
  type BackupTimerName,
} from '../ports/backup-units';
import { done, type Execution, type StepOutcome } from './execution';

async function writeNotes({ files, paths }: Execution, notes: ScheduleNotes): Promise<void> {
  await files.makeDirectory(dirname(paths.schedule.notes), { mode: 0o755 });
  await files.writeAtomic(paths.schedule.notes, `${JSON.stringify(notes)}\n`, { mode: 0o644 });
}

/** The settings are written last: they say that all the rest is there. What systemd does not take is noted, and the timers stay as they are. */
export async function installBackupTimer(
  { settings }: StepOf<'install-backup-timer'>,
  execution: Execution,
): Promise<StepOutcome> {
  const { files, paths, services, clock } = execution;
  const wanted: readonly (readonly ['backup-schedule' | 'drill-schedule', BackupTimerName, string | null])[] = [
    ['backup-schedule', backupTimerName, settings.schedule],
    ['drill-schedule', drillTimerName, settings.drillSchedule],
  ];
  const before = parseScheduleNotes(await files.read(paths.schedule.notes));
  for (const [option, , expression] of wanted) {
    const why = expression === null ? null : await services.calendarFault(expression);
    if (expression === null || why === null) continue;
    await writeNotes(execution, { ...before, refused: { option, expression, why } });
    return {
      outcome: 'done',
      instead: `The schedule of backups stays as it is: systemd does not take ${option}: ${why}.`,
    };
  }
  for (const [, name, expression] of wanted) {
    if (expression === null) await services.uninstallTimer(name);
    else
      await services.installTimer(
        name,
        renderBackupService(name, paths),
        renderBackupTimer(name, expression, settings),
      );
  }
  const now = clock.now();
  const drillsSince = settings.drillSchedule === null ? null : (before.drillsSince ?? now);
  await writeNotes(execution, { since: before.since ?? now, drillsSince, refused: null });
  await files.makeDirectory(dirname(paths.schedule.settings), { mode: 0o755 });
  await files.writeAtomic(paths.schedule.settings, renderBackupSettings(settings), { mode: 0o644 });
  return done;
}

/** The settings go last: while they are there, something of it may be. */
export async function removeBackupTimer({ files, paths, services }: Execution): Promise<void> {
  await services.uninstallTimer(backupTimerName);
  await services.uninstallTimer(drillTimerName);
  await files.remove(paths.schedule.notes);
  await files.remove(paths.schedule.settings);
}

/** Only what has the name of an archive of this charm, whatever the step says. */
export async function removeBackups({ target, names }: StepOf<'remove-backups'>, { files }: Execution): Promise<void> {
  for (const name of names) if (archivePattern.test(name)) await files.remove(join(target, name));
}
