import { parseLadder } from './backup-retention';
import { looksLikeCalendar, type BackupWish } from './backup-schedule';

/** Where backups go unless told otherwise. */
export const defaultTarget = '/home/ubuntu/etcd-snapshots';
/** What stays unless told otherwise. */
export const defaultRetention = 'hours=24 days=7 weeks=4';
/** No quoting is needed for these in a command that an operator pastes. */
const plainPath = /^\/[A-Za-z0-9._/@+,=-]*$/;

/** What is wrong with a directory for backups, as the end of a sentence that names it; null where nothing is. */
export function targetFault(text: string): string | null {
  if (!text.startsWith('/')) return `must be an absolute path on the unit, such as ${defaultTarget}`;
  if (!plainPath.test(text) || text.split('/').includes('..'))
    return 'may have letters, digits and ._/@+,=- in it, and no ".." part';
  return null;
}

/** How options are read, and refused, one by one. */
export interface OptionReader {
  readonly text: (option: string, missing: string) => string;
  readonly integer: (option: string, missing: number) => number;
  readonly refuse: (option: string, message: string) => void;
}

const mostSpreadSeconds = 3600;
const mostOverdueDays = 366;

/** The options of scheduled backups; null where there shall be none. All are judged also then: a mistake shows before it matters. */
export function backupWishFrom({ text, integer, refuse }: OptionReader): BackupWish | null {
  const schedule = text('backup-schedule', '').replaceAll(/\s+/g, ' ');
  const drillSchedule = text('drill-schedule', '').replaceAll(/\s+/g, ' ');
  for (const [option, value] of [
    ['backup-schedule', schedule],
    ['drill-schedule', drillSchedule],
  ] as const)
    if (value !== '' && !looksLikeCalendar(value))
      refuse(
        option,
        `${option} is ${value}, and must be a calendar expression of systemd such as hourly, *:0/15 or Mon..Fri 02:30, or empty for none`,
      );
  const given = text('backup-retention', defaultRetention);
  const retention = parseLadder(given);
  if (retention === null)
    refuse(
      'backup-retention',
      `backup-retention is ${given}, and must say how many are kept, such as hours=24 days=7 weeks=4 (each at most 1000, one at least 1)`,
    );
  const target = text('backup-target', defaultTarget).replace(/(.)\/+$/, '$1') || defaultTarget;
  const fault = targetFault(target);
  if (fault !== null) refuse('backup-target', `backup-target is ${target}, and ${fault}`);
  const range = (option: string, missing: number, most: number, unit: string): number => {
    const value = integer(option, missing);
    if (value < 0 || value > most) refuse(option, `${option} is ${value}, and must be from 0 to ${most} ${unit}`);
    return value;
  };
  const spreadSeconds = range('backup-spread', 60, mostSpreadSeconds, 'seconds');
  const overdueAfterHours = range('backup-overdue-after', 26, 24 * mostOverdueDays, 'hours');
  const drillOverdueAfterDays = range('drill-overdue-after', 8, mostOverdueDays, 'days');
  if (schedule === '' || retention === null) return null;
  return {
    schedule,
    drillSchedule: drillSchedule === '' ? null : drillSchedule,
    spreadSeconds,
    overdueAfterHours,
    drillOverdueAfterDays,
    target,
    retention,
  };
}
