import { destroyAll, lightEmulator, logOf, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';

afterEach(destroyAll);

const failOnce =
  '[ $hook = config-changed ] && [ ! -e ../failed ] && { touch ../failed; relation-set -r ring:0 lost=yes; status-set blocked kept; exit 3; }; exit 0';
const failAlways = '[ $hook = config-changed ] && exit 1; exit 0';

describe('a hook that fails', () => {
  it('is retried with the same info; its transaction is dropped, its status stays', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch: failOnce.replace('config-changed', 'update-status') }));
    await emulator.settle();
    emulator.controller.tick();
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').slice(-3)).toEqual(['start', 'update-status', 'update-status']);
    expect(emulator.world.relations['0']?.unitBags['tiny/0']).not.toHaveProperty('lost');
    expect(emulator.world.units['tiny/0']?.workloadStatus).toMatchObject({ status: 'blocked', message: 'kept' });
    expect(logOf(emulator).join('\n')).toContain('hook "update-status" (via dispatch) failed: exit status 3');
  });

  it('shows as error, runs an action meanwhile, and goes on when it is resolved without a retry', async () => {
    const emulator = await lightEmulator({ retryFactor: 1000 });
    await emulator.deploy(shellCharm({ dispatch: failAlways, actions: 'ping: {description: p}\n' }));
    await emulator.settle({ onError: 'return' });
    expect(emulator.status().applications.tiny?.units?.['tiny/0']).toMatchObject({
      'workload-status': { status: 'error', info: 'hook failed: "config-changed"' },
      'agent-status': { status: 'idle' },
    });
    await expect(emulator.settle({ onError: 'reject' })).rejects.toThrow('tiny/0: hook failed: "config-changed"');
    expect(await emulator.runAction('tiny/0', 'ping')).toMatchObject({ status: 'completed' });
    await emulator.resolved('tiny/0', 'no-retry');
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').slice(-3)).toEqual(['config-changed', 'ping', 'start']);
    expect(emulator.world.units['tiny/0']?.resolved).toBe('none');
  });

  it('runs again at once when it is resolved', async () => {
    const emulator = await lightEmulator({ retryFactor: 1000 });
    await emulator.deploy(shellCharm({ dispatch: failOnce }));
    await emulator.settle({ onError: 'return' });
    await emulator.resolved('tiny/0');
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').slice(-3)).toEqual(['config-changed', 'config-changed', 'start']);
  });
});
