import { renderBackupSettings, type BackupSettings, type BackupWish } from './backup-schedule';
import type { Desired } from './desired';
import type { Observed } from './observed';
import type { Step } from './step';
import { isoMilliseconds } from './utc-time';

/** What the schedule on this unit should go by. */
function settingsOf({ unit }: Observed, wish: BackupWish): BackupSettings {
  const { schedule, drillSchedule, spreadSeconds, target, retention } = wish;
  return { format: 1, unit: unit.name, schedule, drillSchedule, spreadSeconds, target, retention };
}

/** Whether systemd was asked for this already and would not take it: asking again says nothing new. */
function isRefused({ backup }: Observed, { schedule, drillSchedule }: BackupWish): boolean {
  const { refused } = backup.notes;
  if (refused === null) return false;
  return refused.expression === (refused.option === 'backup-schedule' ? schedule : drillSchedule);
}

/**
 * Keeps the timers of scheduled backups as the options want them. They run the start gate's copy of the program, so they wait for it.
 * Backups need no hook and no Juju: whatever becomes of the controller they go on.
 */
export function planBackupTimer(observed: Observed, { backups }: Desired): readonly Step[] {
  const { backup, gate } = observed;
  if (backups === null) return backup.settings === null ? [] : [{ kind: 'remove-backup-timer' }];
  const settings = settingsOf(observed, backups);
  if (gate.installed === null || backup.settings === renderBackupSettings(settings)) return [];
  return isRefused(observed, backups) ? [] : [{ kind: 'install-backup-timer', settings }];
}

/** A unit that leaves takes no more backups; those that it took stay. */
export function planBackupRemoval({ backup }: Observed): readonly Step[] {
  return backup.settings === null ? [] : [{ kind: 'remove-backup-timer' }];
}

/** What systemd would not take of what the operator wants now; null where there is no such thing. */
export function refusedSchedule(observed: Observed, { backups }: Desired): string | null {
  const { refused } = observed.backup.notes;
  if (backups === null || refused === null || !isRefused(observed, backups)) return null;
  return `${refused.option} is ${refused.expression}, which systemd does not take: ${refused.why}`;
}

const hourMs = 3_600_000;
const runsAt = (service: string): string => `(journalctl -u ${service})`;

/** Whether something that was last done then, and is asked for since then, has not come for longer than that; 0 is never. */
function isOverdue(last: string | null, since: number | null, now: number, afterMs: number): boolean {
  if (since === null || afterMs === 0) return false;
  return now - Math.max((last === null ? null : isoMilliseconds(last)) ?? 0, since) > afterMs;
}

/** What is not well with the backups of this unit, in words that stay the same while it is so. */
export function backupWarnings({ backup, now }: Observed, { backups }: Desired): readonly string[] {
  const { lastGood, lastFailure, lastDrill } = backup.state;
  const { since, drillsSince } = backup.notes;
  const warnings: string[] = [];
  if (backups !== null) {
    const { overdueAfterHours: hours, drillOverdueAfterDays: days } = backups;
    const taken = lastGood?.manifest.takenAt ?? null;
    if (isOverdue(taken, since, now, hours * hourMs))
      warnings.push(
        taken === null
          ? `no backup was taken for more than ${hours} hours ${runsAt('etcd-backup')}`
          : `backups are overdue: the last good one is older than ${hours} hours ${runsAt('etcd-backup')}`,
      );
    if (lastFailure !== null) warnings.push(`the last backup failed: ${lastFailure.why}`);
    if (isOverdue(lastDrill?.at ?? null, drillsSince, now, days * 24 * hourMs))
      warnings.push(`drills are overdue: none was made for more than ${days} days ${runsAt('etcd-backup-drill')}`);
  }
  if (lastDrill !== null && !lastDrill.good) warnings.push(`the last drill failed: ${lastDrill.said}`);
  return warnings;
}
