import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBackup } from '../../src/backup/scheduled-backup';
import { archiveName } from '../../src/domain/backup';
import { parseBackupSettings, type BackupSettings } from '../../src/domain/backup-schedule';
import type { BackupState } from '../../src/domain/backup-state';
import { systemClock } from '../../src/ports/clock-system';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { drawFrom } from '../property/draw';
import { put } from '../support/gateway-client';
import { jsonOf } from '../support/json-of';
import type { LightModel } from '../support/light-model';
import { sharedCluster } from '../support/shared-cluster';
import { until } from '../support/until';

jest.setTimeout(240_000);
const unit = 'etcd/0';
let model: LightModel;

const seed = sharedCluster('scheduled backups', 1, (made) => {
  model = made;
});

const below = (path: string): string => join(model.root(unit), path);
const directory = (): string => below('home/ubuntu/etcd-snapshots');
const archives = (where = directory()): string[] =>
  existsSync(where)
    ? readdirSync(where)
        .filter((name) => name.endsWith('.tar.gz'))
        .sort()
    : [];
const state = (): BackupState => jsonOf<BackupState>(readFileSync(below('var/lib/etcd/backup-state.json'), 'utf8'));
const said = (): string => model.emulator.status().applications['etcd']?.units?.[unit]?.['workload-status'].info ?? '';

/** What systemd would start. */
function commandOf(service: string): readonly string[] {
  const text = readFileSync(below(`etc/systemd/system/${service}.service`), 'utf8');
  return (/^ExecStart=(.*)$/m.exec(text)?.[1] ?? '').split(' ');
}
const environment = { PATH: process.env['PATH'] ?? '' };
function timed(service: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const [program = '', ...args] = commandOf(service);
  return spawnSync(program, args, { encoding: 'utf8', env: environment });
}

async function configure(values: Readonly<Record<string, string | number>>): Promise<void> {
  await model.emulator.setConfig('etcd', values);
  await model.emulator.settle();
}

async function run(action: string, params: Readonly<Record<string, unknown>> = {}) {
  const { status, message, results } = await model.emulator.runAction(unit, action, params);
  return { status, message, results: results as Readonly<Record<string, string>> };
}

/** A backup by the schedule's program as of another time, in this process: its clock, and files that fail, are the test's. */
async function backUpAt(now: number, change: Partial<BackupSettings>, files = new NodeFiles()): Promise<void> {
  const paths = makePaths(model.root(unit));
  const settings = parseBackupSettings(await files.read(paths.schedule.settings));
  if (settings === null) throw new Error('no backups are scheduled');
  await runBackup({
    machine: { files, paths, processes: new ExecaProcesses() },
    settings: { ...settings, ...change },
    clock: { ...systemClock, now: () => now },
    say: () => undefined,
  });
}

test('an option that makes no sense blocks, and no timer comes of it', async () => {
  await configure({ 'backup-schedule': 'every hour' });
  expect(said()).toMatch(/^backup-schedule is every hour, and must be a calendar expression/);
  expect(existsSync(below('etc/systemd/system/etcd-backup.timer'))).toBe(false);
});

test('a schedule puts timers in place that need no hook; the run says what it saved, and health shows it', async () => {
  await configure({ 'backup-schedule': '*:0/15', 'backup-retention': 'hours=1', 'drill-schedule': 'weekly' });
  expect(readFileSync(below('etc/systemd/system/etcd-backup.timer'), 'utf8')).toMatch(/^OnCalendar=\*:0\/15$/m);
  expect(readFileSync(below('etc/systemd/system/etcd-backup-drill.timer'), 'utf8')).toMatch(/^OnCalendar=weekly$/m);
  const revision = await put(model.endpoint(unit), '/before', 'it', model.tls(unit));
  const { status, stdout, stderr } = timed('etcd-backup');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^saved revision \d+ with \d+ keys in \/.*\.tar\.gz\n$/);
  const { lastGood } = state();
  expect(BigInt(lastGood?.manifest.revision ?? 0)).toBeGreaterThanOrEqual(revision);
  expect(archives()).toEqual([lastGood?.path.split('/').at(-1)]);

  const drill = timed('etcd-backup-drill');
  expect([drill.status, drill.stderr]).toEqual([0, '']);
  expect(drill.stdout).toContain(`${lastGood?.path} is good: it serves revision`);
  const { results } = await run('health');
  expect(results['output']).toMatch(/^last good backup of etcd\/0: \d.* UTC, revision \d+, .*\.tar\.gz$/m);
  expect(results['output']).toMatch(/^last drill of etcd\/0: \d.* UTC, good: it serves revision \d+/m);
});

test('a value that makes no sense leaves the old timer as it is', async () => {
  const timer = below('etc/systemd/system/etcd-backup.timer');
  const before = readFileSync(timer, 'utf8');
  await configure({ 'backup-schedule': 'every hour', 'backup-retention': 'all' });
  expect(said()).toMatch(/^backup-schedule is every hour, .*; backup-retention is all, and must say how many are kept/);
  expect(readFileSync(timer, 'utf8')).toBe(before);
  // What looks right and is not, systemd tells: in the same hook.
  await configure({ 'backup-schedule': '99:00', 'backup-retention': 'hours=1' });
  expect(said()).toMatch(/^backup-schedule is 99:00, which systemd does not take: Failed to parse '99:00'$/);
  expect(readFileSync(timer, 'utf8')).toBe(before);
  await configure({ 'backup-schedule': '*:0/15' });
  await model.healthy(1);
});

test('a run that cannot be fails with one line, keeps what is there and shows in the status until one is good again', async () => {
  const before = archives();
  process.kill(model.pid(unit), 'SIGSTOP');
  let failed;
  try {
    failed = timed('etcd-backup');
  } finally {
    process.kill(model.pid(unit), 'SIGCONT');
  }
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(/^[^\n]+\n$/);
  expect(archives()).toEqual(before);
  model.emulator.controller.tick();
  await model.emulator.settle();
  expect(said()).toContain('the last backup failed: ');
  expect(timed('etcd-backup').status).toBe(0);
  model.emulator.controller.tick();
  await model.healthy(1);
  // The ladder keeps one of an hour; at the turn of one there may be two.
  expect(archives().length).toBeLessThanOrEqual(2);
});

test('backups that do not come are overdue in the status, without a run and without a hook that fails', async () => {
  const { lastGood } = state();
  if (lastGood === null) throw new Error('there is no backup');
  const file = below('var/lib/etcd/backup-state.json');
  const text = readFileSync(file, 'utf8');
  const notes = below('var/lib/etcd/backup-schedule.json');
  const noted = readFileSync(notes, 'utf8');
  const old = new Date(Date.now() - 30 * 3_600_000);
  writeFileSync(file, text.replaceAll(lastGood.manifest.takenAt, old.toISOString()));
  writeFileSync(notes, JSON.stringify({ ...jsonOf<object>(noted), since: old.getTime() - 1000 }));
  model.emulator.controller.tick();
  await model.emulator.settle();
  expect(said()).toMatch(/^cluster is healthy .*; backups are overdue: the last good one is older than 26 hours/);
  expect((await run('health')).results['output']).toMatch(/^warning: backups are overdue: /m);
  writeFileSync(file, text);
  writeFileSync(notes, noted);
  model.emulator.controller.tick();
  await model.healthy(1);
});

test('killed while it runs, at any moment: what was good stays, and the next run clears up', async () => {
  const draw = drawFrom(seed);
  const [program = '', ...args] = commandOf('etcd-backup');
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(program, args, { env: environment, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await systemClock.sleep(50 + draw(600));
    child.kill('SIGKILL');
    await ended;
    expect(archives().length).toBeGreaterThan(0);
    const listed = await run('list-backups');
    expect([listed.status, listed.message]).toEqual(['completed', '']);
    expect(Number(listed.results['count'])).toBe(archives().length);
  }
  // A name has its second in it.
  await until('the next second', () => Promise.resolve(!archives().some((name) => name.includes(secondNow()))), {
    timeoutMs: 5000,
  });
  expect(timed('etcd-backup')).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(directory()).filter((name) => name.startsWith('.'))).toEqual([]);
});

const secondNow = (): string => new Date().toISOString().slice(11, 19).replaceAll(':', '.');

describe('many backups', () => {
  const hour = 3_600_000;
  const everything = { hours: 1000, days: 0, weeks: 0 };
  const start = Math.floor(Date.now() / (24 * hour)) * 24 * hour - 20 * 24 * hour;
  const gaps = [0, 1, 2, 3, 26, 27, 50, 51, 200, 201];

  beforeAll(async () => {
    for (const gap of gaps) await backUpAt(start + gap * hour, { retention: everything });
  });

  test('list-backups tells what each file is, and what is no good', async () => {
    writeFileSync(join(directory(), 'etcd-snapshot-2020-01-01-00.00.00.tar.gz'), 'no archive');
    writeFileSync(join(directory(), 'notes.txt'), 'by hand');
    writeFileSync(join(directory(), '-notes\n.txt'), 'by a strange hand');
    const { status, results } = await run('list-backups');
    expect(status).toBe('completed');
    const output = results['output'] ?? '';
    expect(Number(results['count'])).toBe(archives().length - 1);
    expect(results['newest']).toBe(state().lastGood === null ? '' : join(directory(), archives().at(-1) ?? ''));
    for (const name of archives().slice(1))
      expect(output).toMatch(new RegExp(`^${name} +backup .* etcd/0 +etcd0`, 'm'));
    expect(output).toMatch(/^etcd-snapshot-2020\S+ +no good /m);
    expect(output).toMatch(/^notes\.txt +not a backup /m);
    expect(output).toMatch(/^-notes\?\.txt +not a backup /m);
  });

  test.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [
      { keep: 'everything' },
      /^keep is "everything", and must say how many are kept, such as hours=24 .*nothing was removed\.$/,
    ],
    [{ keep: 'hours=0' }, /^keep is "hours=0", and must say/],
    [{ target: 'backups' }, /^target is "backups", and must be an absolute path/],
    [{ target: '/srv/a b' }, /^target is "\/srv\/a b", and may have letters/],
  ])('prune-backups %j removes nothing and says why', async (params, line) => {
    const before = archives();
    const { status, message } = await run('prune-backups', params);
    expect([status, archives()]).toEqual(['failed', before]);
    expect(message).toMatch(line);
  });

  test('a directory that is not there is no failure', async () => {
    const target = below('nowhere');
    expect((await run('list-backups', { target })).results).toMatchObject({ count: '0' });
    expect((await run('prune-backups', { target })).results).toMatchObject({ removed: '0' });
  });

  test('prune-backups says first what goes, then removes it, and nothing that is not a backup of this charm', async () => {
    const before = archives();
    const dry = await run('prune-backups', { keep: 'days=2 weeks=2', 'dry-run': true });
    expect(archives()).toEqual(before);
    expect(dry.results['output']).toMatch(/nothing was removed; without dry-run \d+ backups .* go from /);
    const { results } = await run('prune-backups', { keep: 'days=2 weeks=2' });
    expect(results['removed']).toBe(dry.results['removed']);
    expect(archives()).toHaveLength(before.length - Number(results['removed']));
    expect(archives()[0]).toBe('etcd-snapshot-2020-01-01-00.00.00.tar.gz');
    expect(archives().at(-1)).toBe(before.at(-1));
    expect(existsSync(join(directory(), 'notes.txt'))).toBe(true);
    const again = await run('prune-backups', { keep: 'days=2 weeks=2' });
    expect(again.results).toMatchObject({ removed: '0' });
  });

  test('killed before or after each removal, the newest good one stays and the next run comes to the same end', async () => {
    class Killed extends Error {}
    const target = below('killed');
    /** Fails before or after the n-th removal; whatever would come then fails as well. */
    class FilesUntil extends NodeFiles {
      constructor(
        private left: number,
        private readonly after: boolean,
      ) {
        super();
      }
      override async remove(path: string): Promise<void> {
        if (!path.startsWith(target)) return super.remove(path);
        this.left -= 1;
        if (this.left < 0 || (this.left === 0 && !this.after)) throw new Killed();
        await super.remove(path);
        if (this.left === 0) throw new Killed();
      }
    }
    for (const after of [false, true])
      for (const removal of [1, 2, 3]) {
        const from = start + (240 + 24 * removal + (after ? 100 : 0)) * hour;
        for (const gap of [0, 1, 2]) await backUpAt(from + gap * hour, { target, retention: everything });
        // The run adds one more itself, and its ladder keeps that alone.
        const last = { target, retention: { hours: 1, days: 0, weeks: 0 } };
        const killed = backUpAt(from + 3 * hour, last, new FilesUntil(removal, after));
        await expect(killed).rejects.toBeInstanceOf(Killed);
        const newest = archives(target).at(-1) ?? '';
        expect(newest).toBe(archiveName(from + 3 * hour));
        expect((await run('list-backups', { target })).results['newest']).toBe(join(target, newest));
        const { results } = await run('prune-backups', { target, keep: 'hours=1' });
        expect([Number(results['kept']), archives(target)]).toEqual([1, [newest]]);
      }
  });

  test('a disk that damaged the newest one since it was found good: the one before it stays', async () => {
    const target = below('damaged');
    for (const gap of [0, 1, 2]) await backUpAt(start + gap * hour, { target, retention: everything });
    const names = archives(target);
    expect(names).toHaveLength(3);
    expect((await run('list-backups', { target })).results['count']).toBe('3');
    const newest = join(target, names[2] ?? '');
    const twin = below('twin');
    // Times of files are finer than Node gives them.
    execFileSync('cp', ['--preserve=timestamps', newest, twin]);
    const { mtimeMs } = statSync(newest);
    const bytes = readFileSync(newest);
    const middle = bytes.length >> 1;
    bytes.fill(0xff, middle, middle + 64);
    writeFileSync(newest, bytes);
    execFileSync('touch', [`--reference=${twin}`, newest]);
    expect(statSync(newest).mtimeMs).toBe(mtimeMs);
    const { status, results } = await run('prune-backups', { target, keep: 'hours=1' });
    expect([status, results['removed']]).toEqual(['completed', '1']);
    expect(archives(target)).toEqual(names.slice(1));
    expect((await run('list-backups', { target })).results['newest']).toBe(join(target, names[1] ?? ''));
  });
});

// The Python charm's cron asked port 2379 whatever the option said (layer-etcd.md 10.9); charmed-etcd named local time as UTC.
test('another port, and a machine that is not in UTC: the backup is of this member, and named by UTC', async () => {
  await configure({ port: 2479 });
  await model.healthy(1);
  const began = Math.floor(Date.now() / 1000) * 1000;
  const [program = '', ...args] = commandOf('etcd-backup');
  const env = { ...environment, TZ: 'America/New_York' };
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  expect([status, stderr]).toEqual([0, '']);
  const { path = '', manifest } = state().lastGood ?? {};
  const taken = Date.parse(manifest?.takenAt ?? '');
  expect(taken).toBeGreaterThanOrEqual(began);
  expect(taken).toBeLessThanOrEqual(Date.now());
  expect(path).toBe(join(directory(), archiveName(taken)));
  await configure({ port: 2379 });
  await model.healthy(1);
});

test('with the option the timers go, the backups stay', async () => {
  const before = archives();
  await configure({ 'backup-schedule': '', 'drill-schedule': '' });
  for (const name of ['etcd-backup', 'etcd-backup-drill'])
    for (const kind of ['timer', 'service'])
      expect(existsSync(below(`etc/systemd/system/${name}.${kind}`))).toBe(false);
  expect(existsSync(below('etc/etcd/backup.json'))).toBe(false);
  expect(archives()).toEqual(before);
});
