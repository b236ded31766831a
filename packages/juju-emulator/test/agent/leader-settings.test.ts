import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';
import type { Emulator } from '../../src/index';

afterEach(destroyAll);

const leaderOf = (emulator: Emulator): string => emulator.world.applications['tiny']?.leader ?? '';
const otherOf = (emulator: Emulator): string => (leaderOf(emulator) === 'tiny/0' ? 'tiny/1' : 'tiny/0');

/** Two units; whoever leads sets `from`. */
async function twoUnits(agentVersion: string, dispatch = 'exit 0'): Promise<Emulator> {
  const emulator = await lightEmulator({ agentVersion });
  await emulator.deploy(shellCharm({ dispatch }), { units: 2 });
  await emulator.settle();
  return emulator;
}

describe('leadership settings in a model of Juju 3.6', () => {
  it('are told to the others: once at the start, before config-changed, and after each change', async () => {
    const emulator = await twoUnits('3.6');
    const other = otherOf(emulator);
    const told = (unit: string): number =>
      runsOf(emulator, unit).filter((hook) => hook === 'leader-settings-changed').length;
    const hooks = runsOf(emulator, other);
    expect(hooks.indexOf('leader-settings-changed')).toBeLessThan(hooks.indexOf('config-changed'));
    expect([told(other), told(leaderOf(emulator))]).toEqual([1, 0]);
    await emulator.exec(leaderOf(emulator), 'leader-set password=secret empty=');
    await emulator.settle();
    await emulator.exec(leaderOf(emulator), 'leader-set password=secret');
    await emulator.settle();
    expect([told(other), told(leaderOf(emulator))]).toEqual([2, 0]);
    const read = await emulator.exec(
      other,
      'leader-get; leader-get password; leader-get - --format=json; leader-get nope',
    );
    expect(read.results).toMatchObject({ stdout: 'password: secret\nsecret\n{"password":"secret"}\n' });
  });

  it('are written at once, whatever becomes of the hook, and read back in it', async () => {
    const emulator = await twoUnits(
      '3.6',
      '[ $hook = update-status ] && [ ! -e ../failed ] && { touch ../failed; leader-get a; leader-set a=1; leader-get a >../read; exit 1; }; exit 0',
    );
    const leader = leaderOf(emulator);
    emulator.controller.tick(leader);
    await emulator.settle();
    expect(runsOf(emulator, leader).slice(-2)).toEqual(['update-status', 'update-status']);
    expect((await emulator.exec(leader, 'cat ../read; leader-get a')).results).toMatchObject({ stdout: '1\n1\n' });
  });

  it('are the leader’s alone to write', async () => {
    const emulator = await twoUnits('3.6.4');
    const refused = await emulator.exec(otherOf(emulator), 'leader-set a=1');
    expect(refused.results).toMatchObject({
      'return-code': 1,
      stderr: 'ERROR cannot write leadership settings: cannot write settings: not the leader\n',
    });
    const wrong = await emulator.exec(leaderOf(emulator), 'leader-get a=b; leader-set nonsense');
    expect(wrong.results).toMatchObject({
      'return-code': 2,
      stderr: 'ERROR invalid key "a=b"\nERROR expected "key=value", got "nonsense"\n',
    });
    const version = await emulator.exec(
      otherOf(emulator),
      'echo $JUJU_VERSION; relation-get -r ring:0 private-address tiny/0',
    );
    expect(version.results).toMatchObject({
      stdout: `3.6.4\n${emulator.world.machines['0']?.address ?? ''}\n`,
    });
  });
});

it('Juju 4 has no leadership settings', async () => {
  const emulator = await twoUnits('4.1-beta2');
  expect(runsOf(emulator, otherOf(emulator))).not.toContain('leader-settings-changed');
  expect((await emulator.exec(leaderOf(emulator), 'leader-get')).results).toMatchObject({ 'return-code': 127 });
});

it('other versions are refused', async () => {
  await expect(lightEmulator({ agentVersion: '2.9' })).rejects.toThrow('agent version "2.9" is not emulated');
});
