import { existsSync } from 'node:fs';
import { Emulator } from '../../src/index';
import { shellCharm } from '../support/shell-charm';
import { seed } from '../support/light';

const able = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn');
if (!able) console.log('skipped: real machines need root and systemd-nspawn');

(able ? describe : describe.skip)('real machines', () => {
  it('run the hooks of a charm, juju-exec from a timer, and come back from a reboot', async () => {
    const emulator = await Emulator.create({ seed, model: `smoke-${process.pid}` });
    try {
      await emulator.deploy(
        shellCharm({ dispatch: 'case $hook in start) status-set active "$(hostname) $(id -un)";; esac' }),
      );
      await emulator.settle();
      const machine = emulator.machineOf('tiny/0');
      expect(emulator.world.units['tiny/0']?.workloadStatus.message).toBe(`${machine.hostname} root`);
      const logged = new Promise<void>((resolve) =>
        emulator.controller.options.log.follow((record) => record.message === 'from a timer' && resolve()),
      );
      await machine.spawn(
        ['/usr/bin/systemd-run', '--on-active=100ms', '/usr/bin/juju-exec', 'tiny/0', 'juju-log from a timer'],
        {
          cwd: '/',
          env: { PATH: machine.agentPath },
          stdin: 'null',
        },
      ).exited;
      await logged;
      const came = new Promise<void>((resolve) => machine.onStateChange((state) => state === 'running' && resolve()));
      machine.spawn(['/usr/bin/systemctl', 'reboot'], { cwd: '/', env: { PATH: machine.agentPath }, stdin: 'null' });
      await came;
      const starts = () =>
        emulator.journal().filter((entry) => JSON.stringify(entry.detail?.hook ?? '').includes('"start"')).length;
      await new Promise<void>((resolve) => {
        const look = () => starts() === 2 && resolve();
        emulator.controller.store.subscribe(look);
        look();
      });
      await emulator.settle();
      expect(emulator.status().applications.tiny?.units?.['tiny/0']?.['agent-status'].status).toBe('idle');
    } finally {
      await emulator.destroy();
    }
    expect(existsSync(`/var/lib/juju-emulator/models/smoke-${process.pid}`)).toBe(false);
  }, 120_000);
});
