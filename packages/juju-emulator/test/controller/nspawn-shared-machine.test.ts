import { existsSync } from 'node:fs';
import { Emulator } from '../../src/index';
import { seed } from '../support/light';
import { shellCharm } from '../support/shell-charm';

const able = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn');
if (!able) console.log('skipped: real machines need root and systemd-nspawn');

(able ? describe : describe.skip)('a real machine', () => {
  it('carries two units and a subordinate, one hook at a time, also over a reboot', async () => {
    const model = `shared-${process.pid}`;
    const emulator = await Emulator.create({ seed, model });
    const metadata = (name: string, rest = '') => `name: ${name}\nsummary: s\ndescription: d\n${rest}`;
    // Two hooks at once would find each other's directory.
    const alone = 'mkdir /tmp/at-work || exit 1; sleep 0.02; rmdir /tmp/at-work; ';
    const note = 'echo "$JUJU_UNIT_NAME $hook $JUJU_PRINCIPAL_UNIT $(hostname)" >> /var/tmp/hooks';
    const charm = (name: string, rest?: string) =>
      shellCharm({ metadata: metadata(name, rest), dispatch: `${alone}${note}` });
    try {
      await emulator.addMachine();
      await emulator.deploy(charm('web'), { units: 2, to: ['0', '0'] });
      await emulator.deploy(
        charm('log', 'subordinate: true\nrequires:\n  host: {interface: juju-info, scope: container}\n'),
      );
      await emulator.integrate('log', 'web');
      await emulator.settle({ onError: 'reject' });
      expect(Object.keys(emulator.world.machines)).toEqual(['0']);
      expect(Object.keys(emulator.world.units).sort()).toEqual(['log/0', 'log/1', 'web/0', 'web/1']);
      const machine = emulator.machineOf('log/0');
      const beside = emulator.world.units['log/0']?.principal ?? '';
      expect((await emulator.exec('log/0', 'cat /var/tmp/hooks')).results).toMatchObject({
        stdout: expect.stringContaining(`log/0 start ${beside} ${machine.hostname}\n`) as string,
      });
      await emulator.controller.machines.reboot('0');
      await emulator.settle({ onError: 'reject' });
      const { stdout } = (await emulator.exec('web/0', 'cat /var/tmp/hooks')).results as { stdout: string };
      const starts = stdout.split('\n').filter((line) => line.includes(' start '));
      expect(starts.map((line) => line.split(' ')[0]).sort()).toEqual([
        'log/0',
        'log/0',
        'log/1',
        'log/1',
        'web/0',
        'web/0',
        'web/1',
        'web/1',
      ]);
      await emulator.removeUnit(beside);
      await emulator.settle({ onError: 'reject' });
      expect(Object.keys(emulator.world.units)).toHaveLength(2);
      await emulator.removeApplication('web');
      await emulator.settle({ onError: 'reject' });
      expect([emulator.world.units, emulator.world.machines]).toEqual([{}, {}]);
    } finally {
      await emulator.destroy();
    }
    expect(existsSync(`/var/lib/juju-emulator/models/${model}`)).toBe(false);
  }, 180_000);
});
