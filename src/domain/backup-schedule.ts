import { formatLadder, type Ladder } from './backup-retention';
import type { BackupState } from './backup-state';

/** What runs without Juju on this unit, and what it needs: kept in a file beside the timers. Holds no secret. */
export interface BackupSettings {
  readonly format: 1;
  readonly unit: string;
  /** OnCalendar of systemd.time(7). */
  readonly schedule: string;
  /** The same, for a drill with the newest backup; null for never. */
  readonly drillSchedule: string | null;
  /** Seconds over which the units spread their runs. */
  readonly spreadSeconds: number;
  /** An absolute directory. */
  readonly target: string;
  readonly retention: Ladder;
}

/** What the operator wants of it. */
export type BackupWish = Omit<BackupSettings, 'format' | 'unit'> & {
  /** Hours without a good backup after which the status warns; 0 for never. */
  readonly overdueAfterHours: number;
  /** Days without a good drill after which the status warns; 0 for never. */
  readonly drillOverdueAfterDays: number;
};

/** How putting the schedule in place went last. */
export interface ScheduleNotes {
  /** Since when there is a schedule, whatever it was changed to meanwhile; milliseconds since the epoch, null while there is none. */
  readonly since: number | null;
  /** The same for drills. */
  readonly drillsSince: number | null;
  /** What systemd would not take, with its words. */
  readonly refused: RefusedSchedule | null;
}

/** Backups of this unit, from files alone: no process is asked. */
export interface BackupFacts {
  /** Text of the settings file, written last of all: with it, the timers are there. Null without a schedule. */
  readonly settings: string | null;
  readonly notes: ScheduleNotes;
  readonly state: BackupState;
}

export interface RefusedSchedule {
  readonly option: 'backup-schedule' | 'drill-schedule';
  readonly expression: string;
  readonly why: string;
}

export const noNotes: ScheduleNotes = { since: null, drillsSince: null, refused: null };

/** The notes in that text; what cannot be read is none. */
export function parseScheduleNotes(text: string | null): ScheduleNotes {
  try {
    return text === null ? noNotes : { ...noNotes, ...(JSON.parse(text) as Partial<ScheduleNotes>) };
  } catch {
    return noNotes;
  }
}

/** Text of the settings file: changes only with what it says. */
export const renderBackupSettings = (settings: BackupSettings): string => `${JSON.stringify(settings, null, 2)}\n`;

/** The settings, or null where the text is none of this format. */
export function parseBackupSettings(text: string | null): BackupSettings | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<BackupSettings>;
    const { format, unit, target, retention, schedule } = value;
    const texts = [unit, target, schedule].every((one) => typeof one === 'string');
    return format === 1 && texts && typeof retention === 'object' ? (value as BackupSettings) : null;
  } catch {
    return null;
  }
}

const shorthands: ReadonlySet<string> = new Set([
  'minutely',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'quarterly',
  'semiannually',
  'yearly',
]);
const day = '(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';
const weekdays = new RegExp(`^${day}(?:(?:\\.\\.|,|-)${day})*$`, 'i');
const one = String.raw`(?:\*|\d{1,4}(?:\.\.\d{1,4})?)(?:/\d{1,4})?`;
const part = `${one}(?:,${one})*`;
const date = new RegExp(`^(?:${part}-)?${part}[-~]${part}$`);
const time = new RegExp(`^${part}:${part}(?::${part})?$`);
const zone = /^(?:UTC|[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){1,2})$/;

/**
 * Whether a text looks like one OnCalendar expression (systemd.time(7), CALENDAR EVENTS): `hourly`, `*:0/15`, `Mon..Fri 02:30`,
 * `*-*-* 03:00:00 UTC`. What looks right and is not (a 32nd) systemd refuses when the timer is made; fractions of seconds are refused here.
 */
export function looksLikeCalendar(text: string): boolean {
  const words = text.split(' ');
  if (words.length > 1 && zone.test(words.at(-1) ?? '')) words.pop();
  if (words.length === 1 && shorthands.has((words[0] ?? '').toLowerCase())) return true;
  for (const form of [weekdays, date, time]) if (form.test(words[0] ?? '')) words.shift();
  return words.length === 0 && text !== '';
}

/** For the log. */
export const describeSchedule = ({ schedule, drillSchedule, target, retention }: BackupSettings): string =>
  `${schedule} into ${target}, keeping ${formatLadder(retention)}${drillSchedule === null ? '' : `, drills ${drillSchedule}`}`;
