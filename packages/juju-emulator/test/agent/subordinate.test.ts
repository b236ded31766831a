import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { TestRecord } from '../support/record';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(60_000);
afterEach(destroyAll);

const record = new TestRecord();
afterEach(() => record.clear());

const notes = `echo "$JUJU_UNIT_NAME $hook\${JUJU_REMOTE_UNIT:+ $JUJU_REMOTE_UNIT} principal=$JUJU_PRINCIPAL_UNIT" >> ${record.file}`;
const principal = (rest = '') =>
  shellCharm({ metadata: `name: web\nsummary: s\ndescription: d\n${rest}`, dispatch: notes });
const subordinate = (endpoint: string) =>
  shellCharm({
    metadata: `name: log\nsummary: s\ndescription: d\nsubordinate: true\nrequires:\n  host: {${endpoint}, scope: container}\n`,
    dispatch: notes,
  });

describe('a subordinate', () => {
  it('runs beside each principal unit; juju-info gives the principal no hooks', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(principal(), { units: 2 });
    await emulator.deploy(subordinate('interface: juju-info'));
    await emulator.settle();
    expect(Object.keys(emulator.world.units)).toEqual(['web/0', 'web/1']);
    await emulator.integrate('log', 'web');
    await emulator.settle();
    const { machine, principal: beside } = emulator.world.units['log/0'] ?? {};
    expect(emulator.world.units[beside ?? '']?.machine).toBe(machine);
    const runs = record.lines('log/0 ').map((line) => line.replace(` principal=${beside ?? ''}`, ''));
    const joined = (unit: string) => [`host-relation-joined ${unit}`, `host-relation-changed ${unit}`];
    const hooks = ['install', 'host-relation-created', 'leader-elected', 'config-changed', 'start'];
    expect(runs.slice(0, 5)).toEqual(hooks);
    // Both principals show up, one after the other.
    expect([
      [...joined('web/0'), ...joined('web/1')],
      [...joined('web/1'), ...joined('web/0')],
    ]).toContainEqual(runs.slice(5));
    expect(record.lines('web/').filter((line) => line.includes('juju-info'))).toEqual([]);
    expect(runsOf(emulator, 'web/0')).toEqual(['install', 'leader-elected', 'config-changed', 'start']);
    const { applications } = emulator.status();
    expect(Object.keys(applications.web?.units?.[beside ?? '']?.subordinates ?? {})).toEqual(['log/0']);
  });

  it('leaves with the relation; the principals stay', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(principal('provides: {logs: {interface: logs}}\n'));
    await emulator.deploy(subordinate('interface: logs'));
    await emulator.integrate('log', 'web');
    await emulator.settle();
    expect(record.lines('web/0 ')).toContain('logs-relation-joined log/0 principal=');
    record.clear();
    await emulator.removeRelation('log', 'web');
    await emulator.settle();
    expect(record.lines('log/0 ')).toEqual([
      'host-relation-departed web/0 principal=web/0',
      'host-relation-broken principal=web/0',
      'stop principal=web/0',
      'remove principal=web/0',
    ]);
    expect(record.lines('web/0 ')).toEqual([
      'logs-relation-departed log/0 principal=',
      'logs-relation-broken principal=',
    ]);
    expect(Object.keys(emulator.world.units)).toEqual(['web/0']);
    expect(emulator.world.relations).toEqual({});
    expect(emulator.world.applications.log?.life).toBe('alive');
  });

  it('goes with its principal, which waits for it, and with the whole application', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(principal(), { units: 2 });
    await emulator.deploy(subordinate('interface: juju-info'));
    await emulator.integrate('log', 'web');
    await emulator.settle();
    const own = Object.values(emulator.world.units).find((unit) => unit.principal === 'web/0')?.name ?? '';
    emulator.controller.hold(own, true);
    record.clear();
    await emulator.removeUnit('web/0');
    await emulator.settle();
    expect(record.lines('web/0 ')).toEqual(['stop principal=', 'remove principal=']);
    expect(Object.keys(emulator.world.units)).toContain('web/0');
    emulator.controller.hold(own, false);
    await emulator.settle();
    expect(record.lines(`${own} `).slice(-2)).toEqual(['stop principal=web/0', 'remove principal=web/0']);
    expect(Object.keys(emulator.world.machines)).toEqual(['1']);
    await emulator.removeApplication('web');
    await emulator.settle();
    expect(emulator.world.units).toEqual({});
    expect(Object.keys(emulator.world.applications)).toEqual(['log']);
  });

  it('is removed as an application while it is related: nothing of it is left beside the principals', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(principal());
    await emulator.deploy(subordinate('interface: juju-info'));
    await emulator.integrate('log', 'web');
    await emulator.settle();
    await emulator.removeApplication('log');
    await emulator.settle();
    expect(record.lines('log/0 ').slice(-2)).toEqual(['stop principal=web/0', 'remove principal=web/0']);
    expect([Object.keys(emulator.world.applications), Object.keys(emulator.world.units)]).toEqual([['web'], ['web/0']]);
    expect(emulator.world.relations).toEqual({});
  });

  it('sits beside units of several applications, each knowing the relation with its own principal only', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(principal());
    await emulator.deploy(principal(), { name: 'shop' });
    await emulator.deploy(subordinate('interface: juju-info'));
    await emulator.settle();
    for (const name of ['web', 'shop']) await emulator.integrate('log', name);
    await emulator.settle();
    const units = Object.values(emulator.world.units).filter((unit) => unit.principal !== '');
    expect(units.map((unit) => unit.principal).sort()).toEqual(['shop/0', 'web/0']);
    for (const { name, principal: beside } of units) {
      const joined = record.lines(`${name} `).filter((line) => line.includes('joined'));
      expect(joined).toEqual([`host-relation-joined ${beside} principal=${beside}`]);
      expect((await emulator.exec(name, 'relation-ids host')).results).toMatchObject({
        stdout: expect.stringMatching(/^host:\d\n$/) as string,
      });
    }
    expect(emulator.status().applications.log?.['subordinate-to']).toEqual(['shop', 'web']);
  });
});
