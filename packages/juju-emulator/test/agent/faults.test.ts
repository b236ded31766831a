import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';

afterEach(destroyAll);

const onlyFirstTime =
  '[ $hook = config-changed ] && [ ! -e ../again ] && { touch ../again; relation-set -r ring:0 one=1 && application-version-set v1; }; exit 0';
const twoCalls =
  '[ $hook = config-changed ] && { relation-set -r ring:0 one=1 && application-version-set v1; }; exit 0';
const retries = ['config-changed', 'config-changed', 'start'];

describe('faults', () => {
  it.each([
    ['before', false, ''],
    ['after', false, 'v1'],
    ['before', true, ''],
    ['after', true, 'v1'],
  ] as const)('kill a hook %s its second tool call (with the agent: %s)', async (when, withAgent, version) => {
    const emulator = await lightEmulator();
    emulator.arm({ kind: 'kill', unit: 'tiny/0', hook: 'config-changed', call: 2, when, withAgent });
    await emulator.deploy(shellCharm({ dispatch: onlyFirstTime }));
    await emulator.settle();
    expect(emulator.controller.faults.armed).toEqual([]);
    expect(runsOf(emulator, 'tiny/0').slice(-3)).toEqual(retries);
    expect(emulator.world.units['tiny/0']?.workloadVersion).toBe(version);
    expect(emulator.world.relations['0']?.unitBags['tiny/0']).not.toHaveProperty('one');
  });

  it.each([false, true])('kill a hook when it has run so long (with the agent: %s)', async (withAgent) => {
    const emulator = await lightEmulator();
    emulator.arm({ kind: 'kill-after', unit: 'tiny/0', hook: 'config-changed', milliseconds: 50, withAgent });
    const hangs = '[ $hook = config-changed ] && [ ! -e ../again ] && { touch ../again; exec sleep 600; }; exit 0';
    await emulator.deploy(shellCharm({ dispatch: hangs }));
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').slice(-3)).toEqual(retries);
    expect(emulator.journal().filter(({ event }) => event === 'fault: kill')).toHaveLength(1);
  });

  it('that are to kill a hook after a time do nothing to one that ends before', async () => {
    const emulator = await lightEmulator();
    emulator.arm({
      kind: 'kill-after',
      unit: 'tiny/0',
      hook: 'config-changed',
      milliseconds: 60_000,
      withAgent: false,
    });
    await emulator.deploy(shellCharm({ dispatch: 'exit 0' }));
    await emulator.settle();
    expect(emulator.controller.faults.armed).toEqual([]);
    expect(runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed')).toHaveLength(1);
  });

  it('strike the n-th hook of a name, whose retry has the same number', async () => {
    const emulator = await lightEmulator();
    const fault = { kind: 'kill', unit: 'tiny/0', hook: 'config-changed', when: 'before', withAgent: false } as const;
    emulator.arm({ ...fault, occurrence: 2, call: 1 });
    emulator.arm({ ...fault, occurrence: 2, call: 2 });
    const config = 'options: {a: {type: string, default: x}}\n';
    const dispatch =
      '[ $hook = config-changed ] && { relation-set -r ring:0 one=$(config-get a) && application-version-set v1; }; exit 0';
    await emulator.deploy(shellCharm({ dispatch, config }));
    await emulator.settle();
    expect(emulator.controller.faults.armed).toHaveLength(2);
    expect(runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed')).toHaveLength(1);
    await emulator.setConfig('tiny', { a: 'y' });
    await emulator.settle();
    expect(emulator.controller.faults.armed).toEqual([]);
    expect(runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed')).toHaveLength(4);
    expect(emulator.world.relations['0']?.unitBags['tiny/0']).toMatchObject({ one: 'y' });
  });

  it('count a hook that died with its agent as failed', async () => {
    const emulator = await lightEmulator({ retryFactor: 1000 });
    emulator.arm({ kind: 'kill', unit: 'tiny/0', hook: 'config-changed', call: 1, when: 'before', withAgent: true });
    await emulator.deploy(shellCharm({ dispatch: twoCalls }));
    await emulator.settle({ onError: 'return' });
    expect(emulator.controller.unitsInError()).toEqual([{ unit: 'tiny/0', message: 'hook failed: "config-changed"' }]);
  });

  it('refuse a commit: all of it is dropped and the hook has failed', async () => {
    const emulator = await lightEmulator({ retryFactor: 1000 });
    emulator.arm({ kind: 'refuse-commit', unit: 'tiny/0', hook: 'config-changed' });
    await emulator.deploy(shellCharm({ dispatch: twoCalls }));
    await emulator.settle({ onError: 'return' });
    expect(emulator.world.relations['0']?.unitBags['tiny/0']).not.toHaveProperty('one');
    expect(emulator.controller.unitsInError()).toHaveLength(1);
    await emulator.resolved('tiny/0');
    await emulator.settle();
    expect(emulator.world.relations['0']?.unitBags['tiny/0']).toMatchObject({ one: '1' });
  });

  it('take leadership between the hook and its commit: the application bag is not written', async () => {
    const emulator = await lightEmulator();
    const charm = shellCharm({
      dispatch:
        '[ $hook = config-changed ] && [ "$(is-leader)" = True ] && relation-set -r ring:0 --app by=$JUJU_UNIT_NAME; exit 0',
    });
    await emulator.deploy(charm, { units: 2 });
    emulator.controller.store.change((world) => {
      const application = world.applications.tiny;
      if (application !== undefined) application.leader = 'tiny/0';
    });
    emulator.arm({ kind: 'lose-leadership-at-commit', unit: 'tiny/0', hook: 'config-changed', to: 'tiny/1' });
    await emulator.settle();
    expect(emulator.world.applications.tiny?.leader).toBe('tiny/1');
    expect(emulator.world.relations['0']?.appBags.tiny?.by).not.toBe('tiny/0');
    expect(runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed')).toHaveLength(2);
    expect(runsOf(emulator, 'tiny/1')).toContain('leader-elected');
  });

  it('strike only the commit that changes a key of the application bag', async () => {
    const emulator = await lightEmulator();
    const target = { unit: 'tiny/0', hook: '*', applicationKey: 'decision' } as const;
    emulator.arm({ kind: 'refuse-commit', ...target });
    await emulator.deploy(
      shellCharm({
        dispatch:
          'relation-ids ring | grep -q 0 || exit 0; relation-set -r ring:0 --app seen=yes; [ $hook = start ] && relation-set -r ring:0 --app decision=1; exit 0',
      }),
    );
    await emulator.settle();
    expect(emulator.journal().filter(({ event }) => event === 'fault: commit refused')).toMatchObject([
      { detail: { hook: 'start' } },
    ]);
    expect(emulator.world.relations['0']?.appBags.tiny).toMatchObject({ seen: 'yes', decision: '1' });
  });

  it('let the agent die after the hook ended well: it is committed and not run again', async () => {
    const emulator = await lightEmulator();
    emulator.arm({ kind: 'die-before-commit', unit: 'tiny/0', hook: 'config-changed' });
    await emulator.deploy(shellCharm({ dispatch: twoCalls }));
    await emulator.settle();
    expect(emulator.controller.faults.armed).toEqual([]);
    expect(runsOf(emulator, 'tiny/0').filter((run) => run === 'config-changed')).toHaveLength(1);
    expect(runsOf(emulator, 'tiny/0').at(-1)).toBe('start');
  });

  it('hold a unit back until it is released', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch: 'exit 0', config: 'options: {a: {type: string, default: x}}\n' }));
    await emulator.settle();
    emulator.controller.hold('tiny/0', true);
    await emulator.setConfig('tiny', { a: 'y' });
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').at(-1)).toBe('start');
    emulator.controller.hold('tiny/0', false);
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').at(-1)).toBe('config-changed');
  });

  it('reboot a machine: start runs again', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch: 'exit 0' }));
    await emulator.settle();
    const machine = emulator.world.units['tiny/0']?.machine ?? '';
    await emulator.controller.machines.reboot(machine);
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').slice(-2)).toEqual(['start', 'start']);
  });

  it('stop the machine of the leader: its lease runs out and another unit leads', async () => {
    const emulator = await lightEmulator({ leaseMs: 20 });
    await emulator.deploy(shellCharm({ dispatch: 'exit 0' }), { units: 2 });
    await emulator.settle();
    const leader = emulator.world.applications.tiny?.leader ?? '';
    const other = leader === 'tiny/0' ? 'tiny/1' : 'tiny/0';
    const moved = new Promise<void>((resolve) =>
      emulator.controller.store.subscribe(() => emulator.world.applications.tiny?.leader === other && resolve()),
    );
    await emulator.controller.machines.stop(emulator.world.units[leader]?.machine ?? '');
    await moved;
    await emulator.settle();
    expect(runsOf(emulator, other).at(-1)).toBe('leader-elected');
    expect(emulator.status().applications.tiny?.units?.[leader]?.['agent-status'].status).toBe('lost');
  });
});
