import type { BackupState } from '../../src/domain/backup-state';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { put } from '../support/gateway-client';
import { jsonOf } from '../support/json-of';
import { until } from '../support/until';

jest.setTimeout(240_000);

const unit = 'etcd/0';
const directory = '/home/ubuntu/etcd-snapshots';
const stateFile = '/var/lib/etcd/backup-state.json';
const charm = '/var/lib/juju/agents/unit-etcd-0/charm';

describeOnMachines('backups by a schedule on a machine', () => {
  let model: EtcdModel;
  beforeAll(async () => {
    model = await EtcdModel.create('scheduled backups');
    await model.explain(async () => {
      await model.deployEverything(1, { client: false });
      await model.healthy(1);
    });
  });
  afterAll(() => model?.[Symbol.asyncDispose]());

  const check = (name: string, body: () => Promise<void>): void => it(name, () => model.explain(body));
  const succeed = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await model.run(unit, command);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout.trim();
  };
  const configure = async (values: Readonly<Record<string, string | number>>): Promise<void> => {
    await model.emulator.setConfig('etcd', values);
    await model.emulator.settle();
  };
  const state = (): BackupState => jsonOf<BackupState>(model.file(unit, stateFile));
  const archives = async (): Promise<string[]> => (await succeed(`ls ${directory}`)).split('\n');
  const show = (name: string, property: string): Promise<string> =>
    succeed(`systemctl show --property ${property} --value ${name}`);
  const line = () => model.lines().find((each) => each.unit === unit);

  check('the timer of systemd takes them, with the agent stopped and without the charm', async () => {
    await configure({ 'backup-schedule': '*:*:0/2', 'backup-spread': 0, 'backup-retention': 'hours=1' });
    await model.healthy(1);
    model.emulator.controller.hold(unit, true);
    await succeed(`mv ${charm} ${charm}.away`);
    try {
      const revision = await put(model.endpoint(unit), '/scheduled', 'it', model.clientTls(unit));
      await until(
        'two backups by the timer, the last one with what was written after the agent stopped',
        async () => {
          const runs = await succeed('journalctl --no-pager --output=cat --unit=etcd-backup.service');
          const saved = [...runs.matchAll(/^saved revision (\d+) with/gm)].map(([, each]) => BigInt(each ?? 0));
          if (saved.length >= 2 && (saved.at(-1) ?? 0n) >= revision) return true;
          throw new Error(runs);
        },
        { timeoutMs: 60_000, everyMs: 500 },
      );
      // The newest of the hour; at the turn of one there are two, and one may just be written.
      expect((await archives()).length).toBeLessThanOrEqual(3);
      const owner = await succeed(`stat -c '%U %a' ${directory}/*.tar.gz | sort -u`);
      expect(owner).toBe('ubuntu 600');
    } finally {
      await succeed(`mv ${charm}.away ${charm}`);
      model.emulator.controller.hold(unit, false);
    }
  });

  check('what systemd does not take blocks with its words, and the old timer goes on', async () => {
    await configure({ 'backup-schedule': '*-02-31 99:00' });
    await until(
      'the status says so',
      () => {
        const { word, message } = line() ?? { word: '', message: '' };
        const words = /^backup-schedule is \*-02-31 99:00, which systemd does not take: \S/;
        if (word === 'blocked' && words.test(message)) return true;
        throw new Error(`${word}: ${message}`);
      },
      { timeoutMs: 30_000 },
    );
    expect(await show('etcd-backup.timer', 'ActiveState')).toBe('active');
    expect(await succeed('grep OnCalendar= /etc/systemd/system/etcd-backup.timer')).toBe('OnCalendar=*:*:0/2');
  });

  check('a drill by its own service serves what the member served; health tells of both', async () => {
    // Far away: the test starts the services itself.
    await configure({ 'backup-schedule': 'yearly', 'drill-schedule': 'yearly' });
    await model.healthy(1);
    expect(await show('etcd-backup-drill.timer', 'ActiveState')).toBe('active');
    await succeed('systemctl start etcd-backup.service');
    await succeed('systemctl start etcd-backup-drill.service');
    const { lastGood, lastDrill } = state();
    expect(lastDrill).toMatchObject({ good: true, path: lastGood?.path });
    expect(await succeed('ls /var/cache/etcd-charm | grep drill || true')).toBe('');
    const { status, results } = await model.emulator.runAction(unit, 'health');
    expect(status).toBe('completed');
    expect(results['output']).toContain(`revision ${lastGood?.manifest.revision}, ${lastGood?.path}`);
    expect(results['output']).toMatch(/^last drill of etcd\/0: .* good: it serves revision /m);
  });

  check('backups that do not come are overdue in the status', async () => {
    const day = 24 * 3_600_000;
    const old = new Date(Date.now() - 2 * day).toISOString();
    const { lastGood } = state();
    const notes = '/var/lib/etcd/backup-schedule.json';
    await succeed(`sed -i 's/"since":[0-9]*/"since":${Date.now() - 3 * day}/' ${notes}`);
    await succeed(`sed -i 's/${lastGood?.manifest.takenAt}/${old}/' ${stateFile}`);
    model.emulator.controller.tick();
    await model.emulator.settle();
    expect(line()).toMatchObject({
      word: 'active',
      message: expect.stringMatching(/^cluster is healthy .*; backups are overdue: .*26 hours/) as string,
    });
    await succeed('systemctl start etcd-backup.service');
    model.emulator.controller.tick();
    await model.healthy(1);
  });

  check('with the option the timers go, and the backups stay', async () => {
    const before = await archives();
    await configure({ 'backup-schedule': '', 'drill-schedule': '' });
    expect(
      await succeed(
        "systemctl list-unit-files --no-legend 'etcd-backup*'; ls /etc/systemd/system | grep etcd-backup || true",
      ),
    ).toBe('');
    expect(await succeed("systemctl list-timers --all --no-legend 'etcd-backup*'")).toBe('');
    expect(await archives()).toEqual(before);
  });
});
