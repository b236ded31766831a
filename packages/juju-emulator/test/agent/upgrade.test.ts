import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '../../src/index';
import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(60_000);
afterEach(destroyAll);

const metadata = (rest = '') => `name: app\nsummary: s\ndescription: d\n${rest}`;
const charmDir = (emulator: Emulator) => {
  const machine = emulator.machineOf('app/0');
  return machine.hostPath(join(machine.jujuDir, 'agents/unit-app-0/charm'));
};

/** A second version: what `edit` makes of a copy with another dispatch. */
function version(dispatch: string, rest = '', edit: (directory: string) => void = () => undefined): string {
  const directory = shellCharm({ metadata: metadata(rest), dispatch });
  edit(directory);
  return directory;
}

const failing = '[ $hook = config-changed ] && [ ! -e ../mended ] && exit 1; exit 0';

describe('a charm upgrade', () => {
  it('runs upgrade-charm and config-changed; keeps what the charm made, removes what only the old one had', async () => {
    const emulator = await lightEmulator();
    const old = version('[ $hook = install ] && { state-set kept=1; echo own > made; }; exit 0', '', (directory) => {
      mkdirSync(join(directory, 'lib/deep'), { recursive: true });
      for (const file of ['gone', 'stays', 'lib/deep/module']) writeFileSync(join(directory, file), 'one');
    });
    await emulator.deploy(old);
    await emulator.settle();
    const fresh = version(
      '[ $hook = upgrade-charm ] && state-set seen=$(state-get kept); exit 0',
      'peers: {ring: {interface: r}}\nrequires: {db: {interface: sql}}\n',
      (directory) => writeFileSync(join(directory, 'stays'), 'two'),
    );
    await emulator.refresh('app', fresh);
    // The operator's copy does not matter any more.
    rmSync(fresh, { recursive: true });
    await emulator.settle();
    expect(runsOf(emulator, 'app/0').slice(4)).toEqual(['upgrade-charm', 'config-changed', 'ring-relation-created']);
    expect(readdirSync(charmDir(emulator)).sort()).toEqual([
      '.juju-charm',
      'dispatch',
      'made',
      'metadata.yaml',
      'revision',
      'stays',
    ]);
    expect(readFileSync(join(charmDir(emulator), 'stays'), 'utf8')).toBe('two');
    expect(emulator.world.units['app/0']).toMatchObject({
      charmUrl: 'local:app-1',
      charmState: { kept: '1', seen: '1' },
    });
    await emulator.deploy(
      shellCharm({
        metadata: 'name: pg\nsummary: s\ndescription: d\nprovides: {sql: {interface: sql}}\n',
        dispatch: 'exit 0',
      }),
    );
    await emulator.integrate('app', 'pg');
    await emulator.settle();
    expect(runsOf(emulator, 'app/0').at(-1)).toBe('db-relation-changed pg/0');
  });

  it('waits while a hook is in error, and happens when that is over', async () => {
    const emulator = await lightEmulator();
    emulator.controller.store.change((world) => {
      world.config['automatically-retry-hooks'] = false;
    });
    await emulator.deploy(version(failing));
    await emulator.settle({ onError: 'return' });
    await emulator.refresh('app', version('exit 0'));
    await emulator.settle({ onError: 'return' });
    expect(emulator.world.units['app/0']?.charmUrl).toBe('local:app-0');
    await emulator.resolved('app/0', 'no-retry');
    await emulator.settle();
    expect(emulator.world.units['app/0']?.charmUrl).toBe('local:app-1');
    expect(runsOf(emulator, 'app/0').slice(-2)).toEqual(['upgrade-charm', 'config-changed']);
  });

  it('with --force-units comes at once; the failed hook is then tried with the new charm', async () => {
    const emulator = await lightEmulator();
    emulator.controller.store.change((world) => {
      world.config['automatically-retry-hooks'] = false;
    });
    await emulator.deploy(version(failing));
    await emulator.settle({ onError: 'return' });
    await emulator.refresh('app', version('exit 0'), { forceUnits: true });
    await emulator.settle({ onError: 'return' });
    expect(emulator.world.units['app/0']).toMatchObject({ charmUrl: 'local:app-1', agentStatus: { status: 'error' } });
    await emulator.resolved('app/0');
    await emulator.settle();
    expect(emulator.controller.unitsInError()).toEqual([]);
    expect(runsOf(emulator, 'app/0').filter((run) => run === 'config-changed').length).toBeGreaterThan(1);
  });

  it('goes on after the agent was killed in upgrade-charm', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(version('exit 0'));
    await emulator.settle();
    emulator.arm({ kind: 'kill', unit: 'app/0', hook: 'upgrade-charm', call: 1, when: 'before', withAgent: true });
    await emulator.refresh('app', version('[ $hook = upgrade-charm ] && is-leader; exit 0'));
    await emulator.settle();
    expect(runsOf(emulator, 'app/0').slice(-3)).toEqual(['upgrade-charm', 'upgrade-charm', 'config-changed']);
    expect(existsSync(join(charmDir(emulator), 'dispatch'))).toBe(true);
  });
});

describe('a machine reboot asked for by a hook', () => {
  // What comes after --now does not run, and its hook runs again; `start` is for the boot.
  it.each([
    ['juju-reboot', ['update-status', 'after', 'start']],
    ['juju-reboot --now', ['update-status', 'update-status', 'after', 'start']],
  ])('%s', async (command, runs) => {
    const emulator = await lightEmulator();
    const reboot = `[ ! -e ../rebooted ] && { touch ../rebooted; ${command}; }; echo after >> ../runs`;
    await emulator.deploy(version(`[ $hook = update-status ] && { ${reboot}; }; exit 0`));
    await emulator.settle();
    emulator.controller.tick();
    await emulator.settle();
    expect(emulator.journal().filter(({ event }) => event === 'reboot machine')).toHaveLength(1);
    expect(runsOf(emulator, 'app/0').slice(4)).toEqual(runs);
    expect(emulator.controller.unitsInError()).toEqual([]);
  });
});

it('an action whose agent is killed is terminated and not run again; the hook in error stays as it is', async () => {
  const emulator = await lightEmulator();
  const charm = shellCharm({
    metadata: metadata(),
    actions: 'work: {description: d}\n',
    dispatch:
      'case $JUJU_DISPATCH_PATH in hooks/config-changed) exit 1;; actions/*) action-set half=done; is-leader;; esac',
  });
  emulator.controller.store.change((world) => {
    world.config['automatically-retry-hooks'] = false;
  });
  await emulator.deploy(charm);
  await emulator.settle({ onError: 'return' });
  emulator.arm({ kind: 'kill', unit: 'app/0', hook: 'work', call: 2, when: 'before', withAgent: true });
  const task = await emulator.runAction('app/0', 'work');
  expect(task).toMatchObject({ status: 'failed', message: 'action terminated' });
  await emulator.settle({ onError: 'return' });
  expect(runsOf(emulator, 'app/0').filter((run) => run === 'work')).toHaveLength(1);
  expect(emulator.controller.unitsInError()).toEqual([{ unit: 'app/0', message: 'hook failed: "config-changed"' }]);
});
