import { backupSection } from '../../src/actions/health-sections';
import { pruning, type ListedFile } from '../../src/domain/backup-catalogue';
import { parseLadder } from '../../src/domain/backup-retention';
import {
  looksLikeCalendar,
  noNotes,
  parseBackupSettings,
  parseScheduleNotes,
  renderBackupSettings,
  type BackupFacts,
} from '../../src/domain/backup-schedule';
import { noBackups, type BackupState } from '../../src/domain/backup-state';
import type { BackupManifest, BackupRecord } from '../../src/domain/backup';
import { desiredFrom } from '../../src/domain/desired';
import type { Observed } from '../../src/domain/observed';
import { backupWarnings } from '../../src/domain/plan-backup';
import { spaceWarnings } from '../../src/domain/space';
import { statusOf } from '../../src/domain/status';
import type { Step } from '../../src/domain/step';
import { renderBackupTimer } from '../../src/ports/backup-units';
import { planners } from '../../src/domain/plan';
import { isoMilliseconds } from '../../src/domain/utc-time';
import { given, inCluster, departing, type Change } from './a-situation';

const hour = 3_600_000;
const GiB = 1024 ** 3;

const withConfig =
  (config: Observed['config']): Change =>
  (observed) => ({ ...observed, config: { ...observed.config, ...config } });
const withBackup =
  (facts: Partial<BackupFacts>): Change =>
  (observed) => ({ ...observed, backup: { ...observed.backup, ...facts } });
const withState = (state: Partial<BackupState>): Change => withBackup({ state: { ...noBackups, ...state } });
const scheduled = withConfig({ 'backup-schedule': 'hourly', 'drill-schedule': 'weekly' });
const wishOf = (observed: Observed) => {
  const { desired } = desiredFrom(observed.config);
  if (desired === null) throw new Error('these options make no sense');
  return desired;
};
const planned = (observed: Observed, name = 'backup-timer'): readonly Step[] =>
  planners.find((one) => one.name === name)?.plan(observed, wishOf(observed)) ?? [];
const manifest = (takenAt: number, change: Partial<BackupManifest> = {}): BackupManifest => ({
  format: 1,
  takenAt: new Date(takenAt).toISOString(),
  ...{ unit: 'etcd/0', member: 'etcd0', memberId: '1', clusterId: '7', etcdVersion: '3.5.16', live: null },
  ...{ revision: '9', totalKeys: 3, hash: 1, size: 1000, sha256: 'a'.repeat(64) },
  ...change,
});
const record = (takenAt: number): BackupRecord => ({
  path: '/home/ubuntu/etcd-snapshots/one.tar.gz',
  archiveSize: 300,
  archiveSha256: 'b'.repeat(64),
  manifest: manifest(takenAt),
});

test.each<[string, boolean]>([
  ['hourly', true],
  ['Weekly', true],
  ['*:0/15', true],
  ['02:30', true],
  ['Mon..Fri 02:30', true],
  ['Sat,Sun *-*-* 03:00:00 UTC', true],
  ['*-*-01 04:00 Europe/Berlin', true],
  ['*-02~03 05:40:00', true],
  ['', false],
  ['every hour', false],
  ['0 2 * * *', false],
  ['2h', false],
  ['hourly; rm -rf /', false],
  ['hourly\nExecStart=/bin/sh', false],
  ['%h:00', false],
])('%j as a schedule: %s', (text, looks) => expect(looksLikeCalendar(text)).toBe(looks));

test.each<[string, number | null]>([
  ['2026-11-21T05:12:15.250Z', Date.UTC(2026, 10, 21, 5, 12, 15, 250)],
  ['1970-01-01T00:00:00Z', 0],
  ['2026-11-21 05:12:15 UTC', null],
  ['yesterday', null],
])('the time %j is %s', (text, time) => expect(isoMilliseconds(text)).toBe(time));

test.each<[string, string | null]>([
  ['hours=24 days=7 weeks=4', '24/7/4'],
  ['weeks=2 hours=1', '1/0/2'],
  ['days=0 hours=3', '3/0/0'],
  ['', null],
  ['hours=0 days=0', null],
  ['hours=24,days=7', null],
  ['hours=1 hours=2', null],
  ['months=3', null],
  ['days=-1', null],
  ['days=1001', null],
  ['days=7.5', null],
])('%j as a ladder: %s', (text, rungs) => {
  const ladder = parseLadder(text);
  expect(ladder === null ? null : `${ladder.hours}/${ladder.days}/${ladder.weeks}`).toBe(rungs);
});

describe('options that make no sense: blocked with one line, and the timer stays as it was', () => {
  test.each<[string, unknown, RegExp]>([
    ['backup-schedule', 'every day', /^backup-schedule is every day, and must be a calendar expression of systemd/],
    ['drill-schedule', '1d', /^drill-schedule is 1d, and must be/],
    ['backup-retention', 'all', /^backup-retention is all, and must say how many are kept, such as hours=24/],
    ['backup-target', 'backups', /^backup-target is backups, and must be an absolute path/],
    ['backup-target', '/srv/a b', /^backup-target is \/srv\/a b, and may have letters/],
    ['backup-target', '/srv/../etc', /no "\.\." part$/],
    ['backup-spread', -1, /^backup-spread is -1, and must be from 0 to 3600 seconds$/],
    ['backup-spread', 3601, /must be from 0 to 3600/],
    ['backup-overdue-after', -2, /^backup-overdue-after is -2, and must be from 0 to \d+ hours$/],
    ['drill-overdue-after', 1000, /^drill-overdue-after is 1000, and must be from 0 to 366 days$/],
  ])('%s=%j', (option, value, line) => {
    const observed = given(
      inCluster(3),
      scheduled,
      withBackup({ settings: '{}' }),
      withConfig({ [option]: value as string }),
    );
    const { word, message } = statusOf(observed);
    expect(word).toBe('blocked');
    expect(message).toMatch(line);
    expect(message).not.toContain('\n');
    expect(desiredFrom(observed.config).desired).toBeNull();
  });
});

describe('the timer', () => {
  test('comes with the option, stays while nothing changes, changes with each of them, and goes with it', () => {
    expect(planned(inCluster(3))).toEqual([]);
    const [step, ...others] = planned(given(inCluster(3), scheduled));
    expect(others).toEqual([]);
    if (step?.kind !== 'install-backup-timer') throw new Error('no timer is planned');
    expect(step.settings).toMatchObject({ unit: 'etcd/0', schedule: 'hourly', drillSchedule: 'weekly' });
    const settings = renderBackupSettings(step.settings);
    expect(parseBackupSettings(settings)).toEqual(step.settings);
    const installed = given(inCluster(3), scheduled, withBackup({ settings }));
    expect(planned(installed)).toEqual([]);
    for (const change of [
      { 'backup-schedule': 'daily' },
      { 'drill-schedule': '' },
      { 'backup-retention': 'days=3' },
      { 'backup-target': '/srv/backups' },
      { 'backup-spread': 0 },
    ])
      expect(planned(given(installed, withConfig(change)))).toMatchObject([{ kind: 'install-backup-timer' }]);
    // What only the status looks at is none of its business.
    expect(planned(given(installed, withConfig({ 'backup-overdue-after': 3, 'drill-overdue-after': 3 })))).toEqual([]);
    expect(planned(given(installed, withConfig({ 'backup-schedule': '' })))).toEqual([{ kind: 'remove-backup-timer' }]);
  });

  test('waits for the program that it runs', () => {
    const observed = given(inCluster(3), scheduled);
    expect(planned({ ...observed, gate: { ...observed.gate, installed: null } })).toEqual([]);
  });

  test('a unit that leaves has none any more', () => {
    const leaving = given(inCluster(3, 1, departing(1)), scheduled);
    expect(planned(leaving, 'leave-backup')).toEqual([]);
    expect(planned(given(leaving, withBackup({ settings: '{}' })), 'leave-backup')).toEqual([
      { kind: 'remove-backup-timer' },
    ]);
  });

  test('what systemd would not take is asked once, blocks with its words, and is over with another value', () => {
    const refused = { option: 'backup-schedule', expression: 'Feb 31', why: 'Failed to parse' } as const;
    const observed = given(
      inCluster(3),
      scheduled,
      withConfig({ 'backup-schedule': '*-02-31 99:00' }),
      withBackup({ notes: { ...noNotes, refused: { ...refused, expression: '*-02-31 99:00' } } }),
    );
    expect(planned(observed)).toEqual([]);
    expect(statusOf(observed)).toEqual({
      word: 'blocked',
      message: 'backup-schedule is *-02-31 99:00, which systemd does not take: Failed to parse',
    });
    const another = given(observed, withConfig({ 'backup-schedule': 'daily' }));
    expect(planned(another)).toMatchObject([{ kind: 'install-backup-timer' }]);
    expect(statusOf(another).word).not.toBe('blocked');
  });

  test('its files say when, and nothing else that an option could bring in', () => {
    const settings = { format: 1, unit: 'etcd/0', schedule: 'x', drillSchedule: null, spreadSeconds: 7 } as const;
    const ladder = { hours: 1, days: 0, weeks: 0 };
    const text = renderBackupTimer('etcd-backup', '*:0/15', { ...settings, target: '/srv', retention: ladder });
    expect(text.split('\n').filter((line) => /^(OnCalendar|RandomizedDelaySec|Persistent)=/.test(line))).toEqual([
      'OnCalendar=*:0/15',
      'RandomizedDelaySec=7s',
      'Persistent=yes',
    ]);
  });

  test('files that cannot be read are none', () => {
    expect(parseBackupSettings('{"format": 2}')).toBeNull();
    expect(parseBackupSettings('{')).toBeNull();
    expect(parseScheduleNotes('{')).toEqual(noNotes);
  });
});

describe('what is not well with backups', () => {
  const now = inCluster(3).now;
  const ago = (hours: number): number => now - hours * hour;
  const installed = (since: number): Change =>
    withBackup({ settings: '{}', notes: { since, drillsSince: since, refused: null } });
  const failure = { at: new Date(ago(1)).toISOString(), why: '/srv is full.' };
  const drill = (hours: number, good: boolean) => ({
    ...{ at: new Date(ago(hours)).toISOString(), path: '/a', good },
    said: good ? 'it serves' : '/a is truncated.',
  });
  const rows: readonly (readonly [string, readonly Change[], readonly RegExp[]])[] = [
    ['no schedule, no backup', [], []],
    ['no schedule, an old backup', [withState({ lastGood: record(ago(1000)), lastFailure: failure })], []],
    ['just begun', [scheduled, installed(ago(25))], []],
    ['none ever', [scheduled, installed(ago(27))], [/^no backup was taken for more than 26 hours .*etcd-backup\)$/]],
    ['a fresh one', [scheduled, installed(ago(100)), withState({ lastGood: record(ago(2)) })], []],
    [
      'an old one',
      [scheduled, installed(ago(100)), withState({ lastGood: record(ago(27)) })],
      [/^backups are overdue: the last good one is older than 26 hours/],
    ],
    ['an old one of an earlier schedule', [scheduled, installed(ago(2)), withState({ lastGood: record(ago(99)) })], []],
    ['an old one that nobody minds', [scheduled, installed(ago(99)), withConfig({ 'backup-overdue-after': 0 })], []],
    [
      'failed, and not overdue',
      [scheduled, installed(ago(9)), withState({ lastFailure: failure })],
      [/^the last backup failed: \/srv is full\.$/],
    ],
    [
      'no drill',
      [scheduled, installed(ago(200)), withState({ lastGood: record(ago(1)) })],
      [/^drills are overdue: none was made for more than 8 days .*etcd-backup-drill\)$/],
    ],
    ['no drill wanted', [scheduled, withConfig({ 'drill-schedule': '' }), withState({ lastGood: record(ago(1)) })], []],
    [
      'a drill that failed, without a schedule, too',
      [withState({ lastDrill: drill(1, false) })],
      [/^the last drill failed: \/a is truncated\.$/],
    ],
    [
      'a clock that was set back',
      [scheduled, installed(now + 900 * hour), withState({ lastGood: record(now + 900 * hour) })],
      [],
    ],
  ];
  test.each(rows)('%s', (_, changes, lines) => {
    const observed = given(inCluster(3), ...changes);
    const warnings = backupWarnings(observed, wishOf(observed));
    expect(warnings).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(warnings[index]).toMatch(line);
    const { word, message } = statusOf(observed);
    expect(word).toBe('active');
    for (const warning of warnings) expect(message).toContain(warning);
    const section = backupSection(observed);
    for (const warning of warnings) expect(section.lines).toContain(`warning: ${warning}`);
  });

  test('health tells of the last good backup and the last drill', () => {
    const taken = Date.parse('2026-11-21T05:12:15Z');
    const state = { lastGood: record(taken), lastDrill: { ...drill(1, true), at: '2026-11-21T06:00:00.000Z' } };
    const { lines, results } = backupSection(given(inCluster(3), scheduled, withState(state)));
    expect(lines.slice(0, 2)).toEqual([
      'last good backup of etcd/0: 2026-11-21 05:12:15 UTC, revision 9, /home/ubuntu/etcd-snapshots/one.tar.gz',
      'last drill of etcd/0: 2026-11-21 06:00:00 UTC, good: it serves',
    ]);
    expect(results).toMatchObject({
      backup: { schedule: 'hourly', 'last-good': { revision: '9', keys: 3, size: 300 }, 'last-drill': { good: true } },
    });
    expect(backupSection(inCluster(3)).lines).toEqual([
      'last good backup of etcd/0: none',
      'last drill of etcd/0: none',
    ]);
  });
});

test('backups in a directory of their own count against snapshot-limit, as the schedule found them', () => {
  const elsewhere = withConfig({ 'backup-schedule': 'hourly', 'backup-target': '/srv/backups' });
  const stored = (target: string): Change => withState({ stored: { target, bytes: 21 * GiB } });
  const warnings = (...changes: readonly Change[]): readonly string[] => {
    const observed = given(inCluster(3), ...changes);
    return spaceWarnings(observed, wishOf(observed));
  };
  expect(warnings(elsewhere, stored('/srv/backups'))).toEqual([
    'snapshots take more than snapshot-limit: look at the actions list-backups and prune-backups',
  ]);
  expect(warnings(elsewhere, stored('/srv/of/another/time'))).toEqual([]);
  // There they are counted anyway.
  expect(warnings(scheduled, stored('/home/ubuntu/etcd-snapshots'))).toEqual([]);
});

describe('which files a pruning is about', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const file = (name: string, hours: number, change: Partial<BackupManifest> | null = {}): ListedFile => {
    const time = now - hours * hour;
    const good = {
      ...({ form: 'archive', revision: '9', totalKeys: 3, etcdVersion: '3.5.16' } as const),
      manifest: change === null ? null : manifest(time, change),
    };
    return { name, path: `/b/${name}`, size: 1, time, found: { kind: 'good', good, verifiedAt: '' } };
  };
  const name = (number: number): string => `etcd-snapshot-2026-11-21-00.00.0${number}.tar.gz`;
  const one = { hours: 1, days: 0, weeks: 0 };
  const gone = (files: readonly ListedFile[], unit: string | null = null): readonly string[] =>
    pruning(files, one, now, unit)
      .gone.map((each) => each.name)
      .sort();

  test('only good ones that this charm made and named, each unit for itself', () => {
    const mine = [file(name(1), 1, { revision: '12' }), file(name(2), 2), file(name(3), 3)];
    const theirs = [file(name(4), 4, { unit: 'etcd/1', revision: '12' }), file(name(5), 5, { unit: 'etcd/1' })];
    const others: readonly ListedFile[] = [
      file('snapshot.db', 9, null),
      file('renamed-by-hand.tar.gz', 9),
      { ...file(name(6), 9), found: { kind: 'bad', why: 'is truncated.' } },
      { ...file('.etcd-snapshot-x.tar.gz.1.db.part', 9), found: { kind: 'unfinished' } },
      { ...file('notes.txt', 9), found: { kind: 'other' } },
    ];
    expect(gone([...mine, ...theirs, ...others])).toEqual([name(2), name(3), name(5)]);
    expect(gone([...mine, ...theirs, ...others], 'etcd/0')).toEqual([name(2), name(3)]);
  });

  test('the last one of a cluster that was there before stays', () => {
    const files = [file(name(1), 1, { clusterId: '8', revision: '2' }), file(name(2), 2), file(name(3), 3)];
    expect(gone(files)).toEqual([name(3)]);
  });
});
