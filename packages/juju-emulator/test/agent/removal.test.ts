import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';
import { scratchDirectory } from '../support/scratch';

afterEach(destroyAll);

describe('removing', () => {
  it('the leader: it departs, stops and is gone; another unit leads; the peer bag stays for later units', async () => {
    const record = join(scratchDirectory('removal'), 'runs');
    const emulator = await lightEmulator();
    await emulator.deploy(
      shellCharm({
        dispatch: `[ $hook = leader-elected ] && relation-set -r ring:0 --app leader=$JUJU_UNIT_NAME; echo "$JUJU_UNIT_NAME $hook\${JUJU_DEPARTING_UNIT:+ $JUJU_DEPARTING_UNIT}" >> ${record}; exit 0`,
      }),
      { units: 2 },
    );
    await emulator.settle();
    await emulator.removeUnit('tiny/0');
    await emulator.settle();
    const runs = readFileSync(record, 'utf8').trim().split('\n');
    const ofLeader = runs.filter((run) => run.startsWith('tiny/0 ')).slice(-3);
    expect(ofLeader).toEqual(['tiny/0 ring-relation-departed tiny/0', 'tiny/0 stop', 'tiny/0 remove']);
    expect(runs).toContain('tiny/1 ring-relation-departed tiny/0');
    expect(runs).toContain('tiny/1 leader-elected');
    expect(Object.keys(emulator.world.machines)).toEqual(['1']);
    await emulator.removeUnit('tiny/1');
    await emulator.settle();
    expect(emulator.world.units).toEqual({});
    expect(emulator.world.machines).toEqual({});
    expect(await emulator.addUnit('tiny')).toEqual(['tiny/2']);
    await emulator.settle();
    expect(emulator.world.relations['0']?.appBags.tiny).toEqual({ leader: 'tiny/2' });
    expect(runsOf(emulator, 'tiny/2')).toContain('ring-relation-changed');
  });

  it('a unit: the relation that it has left is not listed any more in stop', async () => {
    const record = join(scratchDirectory('removal'), 'ids');
    const emulator = await lightEmulator();
    const metadata = (name: string, side: string): string =>
      `name: ${name}\nsummary: s\ndescription: d\n${side}:\n  db: {interface: db}\n`;
    await emulator.deploy(shellCharm({ metadata: metadata('server', 'provides'), dispatch: 'exit 0' }));
    const dispatch = `case $hook in start|stop) echo "$hook $(relation-ids db)" >> ${record};; esac`;
    await emulator.deploy(shellCharm({ metadata: metadata('client', 'requires'), dispatch }));
    await emulator.integrate('client:db', 'server:db');
    await emulator.settle();
    await emulator.removeUnit('client/0');
    await emulator.settle();
    expect(
      readFileSync(record, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['start db:0', 'stop']);
    expect(emulator.world.relations['0']?.life).toBe('alive');
  });

  it('an application with its relation: nothing is left', async () => {
    const emulator = await lightEmulator();
    const metadata = (name: string, side: string): string =>
      `name: ${name}\nsummary: s\ndescription: d\n${side}:\n  db: {interface: db}\n`;
    await emulator.deploy(shellCharm({ metadata: metadata('server', 'provides'), dispatch: 'exit 0' }));
    await emulator.deploy(shellCharm({ metadata: metadata('client', 'requires'), dispatch: 'exit 0' }));
    await emulator.integrate('client:db', 'server:db');
    await emulator.settle();
    expect(runsOf(emulator, 'client/0').slice(-2)).toEqual([
      'db-relation-joined server/0',
      'db-relation-changed server/0',
    ]);
    await emulator.removeApplication('server');
    await emulator.settle();
    expect(runsOf(emulator, 'client/0').slice(-2)).toEqual([
      'db-relation-departed server/0 departing=server/0',
      'db-relation-broken',
    ]);
    expect(Object.keys(emulator.world.applications)).toEqual(['client']);
    expect(emulator.world.relations).toEqual({});
  });
});
