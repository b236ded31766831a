import { existsSync } from 'node:fs';
import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { TestRecord } from '../support/record';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(60_000);
afterEach(destroyAll);

const record = new TestRecord();
afterEach(() => record.clear());

const quiet = (name: string) =>
  shellCharm({ metadata: `name: ${name}\nsummary: s\ndescription: d\n`, dispatch: 'exit 0' });

describe('a machine', () => {
  it('runs one hook, action or command at a time, whichever units are on it', async () => {
    const emulator = await lightEmulator();
    const charm = shellCharm({
      metadata: 'name: busy\nsummary: s\ndescription: d\n',
      actions: 'work: {description: d}\n',
      // Long enough to meet one another if nothing kept them apart.
      dispatch: `echo begin >> ${record.file}; sleep 0.05; echo end >> ${record.file}`,
    });
    await emulator.deploy(charm, { units: 3, to: ['0', '0'] }).catch(() => undefined);
    expect(emulator.world.applications).toEqual({});
    await emulator.addMachine(2);
    await emulator.deploy(charm, { units: 3, to: ['0', '0', '0'] });
    await emulator.deploy(quiet('other'), { to: ['1'] });
    await emulator.settle();
    await Promise.all([emulator.runAction('busy/0', 'work'), emulator.runAction('busy/1', 'work')]);
    expect(Object.values(emulator.world.units).map(({ name, machine }) => [name, machine])).toEqual([
      ['busy/0', '0'],
      ['busy/1', '0'],
      ['busy/2', '0'],
      ['other/0', '1'],
    ]);
    const lines = record.lines();
    expect(lines.length).toBeGreaterThan(16);
    expect(lines).toEqual(lines.map((_line, index) => (index % 2 === 0 ? 'begin' : 'end')));
    await emulator.removeApplication('busy');
    await emulator.settle();
    expect(Object.keys(emulator.world.machines)).toEqual(['1']);
  });

  it('is added without units, and removed: with units only by force, which runs no hook', async () => {
    const emulator = await lightEmulator();
    expect(await emulator.addMachine(2, 'ubuntu@22.04')).toEqual(['0', '1']);
    await emulator.settle();
    expect(emulator.status().machines['1']).toMatchObject({
      'agent-status': { status: 'started' },
      base: { name: 'ubuntu', channel: '22.04/stable' },
    });
    const dispatch = `echo "$JUJU_UNIT_NAME $hook" >> ${record.file}`;
    await emulator.deploy(shellCharm({ dispatch }), { units: 2, to: ['0', '0'] });
    await emulator.settle();
    await expect(emulator.removeMachine('0')).rejects.toThrow('machine 0 has unit "tiny/0,tiny/1" assigned');
    await expect(emulator.removeMachine('7')).rejects.toThrow('machine 7 not found');
    await emulator.removeMachine('1');
    record.clear();
    await emulator.removeMachine('0', { force: true });
    await emulator.settle();
    expect([emulator.world.machines, emulator.world.units, record.lines()]).toEqual([{}, {}, []]);
    expect(await emulator.addUnit('tiny')).toEqual(['tiny/2']);
  });

  it('leaves the model but not the host with --keep-instance, until the model goes', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(quiet('web'));
    await emulator.settle();
    const machine = emulator.machineOf('web/0');
    const directory = machine.hostPath(machine.jujuDir);
    await emulator.removeMachine('0', { force: true, keepInstance: true });
    await emulator.settle();
    expect([emulator.world.machines, machine.state, existsSync(directory)]).toEqual([{}, 'running', true]);
    await emulator.destroy();
    expect(existsSync(directory)).toBe(false);
  });
});

describe('the model', () => {
  it('ticks update-status at its interval, also at a new one', async () => {
    const emulator = await lightEmulator({ updateStatusInterval: 300 });
    await emulator.deploy(quiet('web'));
    await emulator.settle();
    const ticks = () => runsOf(emulator, 'web/0').filter((run) => run === 'update-status').length;
    emulator.advance(200_000);
    await emulator.settle();
    expect(ticks()).toBe(0);
    emulator.advance(200_000);
    await emulator.settle();
    expect(ticks()).toBe(1);
    emulator.controller.store.change((world) => {
      world.config['update-status-hook-interval'] = 20;
    });
    await emulator.settle();
    emulator.advance(30_000);
    await emulator.settle();
    expect(ticks()).toBe(2);
  });

  it('leaves failed hooks alone while automatically-retry-hooks is off', async () => {
    const emulator = await lightEmulator();
    emulator.controller.store.change((world) => {
      world.config['automatically-retry-hooks'] = false;
    });
    await emulator.deploy(shellCharm({ dispatch: '[ $hook = config-changed ] && exit 1; exit 0' }));
    await emulator.settle({ onError: 'return' });
    emulator.advance(3_600_000);
    await emulator.settle({ onError: 'return' });
    const failed = () => runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed').length;
    expect([failed(), emulator.controller.retryPending()]).toEqual([1, false]);
    emulator.controller.store.change((world) => {
      world.config['automatically-retry-hooks'] = true;
    });
    await emulator.settle({ onError: 'return' });
    emulator.advance(3_600_000);
    await emulator.settle({ onError: 'return' });
    expect(failed()).toBeGreaterThan(1);
  });

  // A real controller of 4.1-beta2 runs it twice, by a defect of its watchers that the recordings name.
  it('runs config-changed once for a change of config or trust, and not at all for the same value', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ config: 'options: {a: {type: string}}\n', dispatch: 'exit 0' }));
    await emulator.settle();
    const runs = () => runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed').length;
    expect(runs()).toBe(1);
    for (const [values, count] of [
      [{ a: 'x' }, 2],
      [{ a: 'x' }, 2],
      [{ trust: 'true' }, 3],
    ] as const) {
      await emulator.setConfig('tiny', values);
      await emulator.settle();
      expect(runs()).toBe(count);
    }
  });
});
