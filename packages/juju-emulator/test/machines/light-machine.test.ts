import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanLightLeftovers, LightMachineHost } from '../../src/machines';
import { machineContract, run } from './machine-contract';

const stateDir = mkdtempSync(join(tmpdir(), 'jel-'));
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

describe('light machines', () => machineContract(() => new LightMachineHost({ model: 'light-contract', stateDir })));

describe('light machines of two models', () => {
  test('have networks of their own, and what one leaves can be cleaned without the other', async () => {
    const one = new LightMachineHost({ model: 'light-one', stateDir });
    const two = new LightMachineHost({ model: 'light-two', stateDir });
    const [a, b] = await Promise.all([one.create('0'), two.create('0')]);
    expect(a.cidr).not.toBe(b.cidr);
    const daemon = await run(a, ['sh', '-c', 'setsid sleep 1000 >/dev/null 2>&1 & echo $!'], { cwd: a.jujuDir });
    const pid = Number(daemon.stdout);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    expect(await cleanLightLeftovers({ stateDir, model: 'light-one' })).toEqual(['light-one']);
    expect(existsSync(a.jujuDir)).toBe(false);
    expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
    expect((await run(b, ['true'])).code).toBe(0);
    await two.destroyAll();
    expect(readdirSync(join(stateDir, 'subnets'))).toEqual([]);
  }, 30_000);

  test('without root, processes that left their group are found by the directory they work in', async () => {
    const { killLight } = await import('../../src/machines/light-machine');
    const directory = mkdtempSync(join(stateDir, 'rootless-'));
    const inside = spawn('sleep', ['1000'], { cwd: directory, env: { PATH: '/usr/bin:/bin' }, detached: true });
    const marked = spawn('sleep', ['1000'], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', JUJU_CHARM_DIR: `${directory}/charm` },
      detached: true,
    });
    const stranger = spawn('sleep', ['1000'], { cwd: '/', env: { PATH: '/usr/bin:/bin' }, detached: true });
    const ends = [inside, marked].map(
      (child) => new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal))),
    );
    try {
      await killLight(directory, null);
      expect(await Promise.all(ends)).toEqual(['SIGKILL', 'SIGKILL']);
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});
