import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { cleanLeftovers, NspawnMachineHost, type Machine } from '../../src/machines';
import { hostCommand } from '../../src/machines/host-command';
import { networkNames } from '../../src/machines/model-network';
import { machineGroup, rootMount } from '../../src/machines/machine-root';
import { eventually, machineContract, run } from './machine-contract';

const able = process.platform === 'linux' && process.getuid?.() === 0;
if (!able) console.log('SKIPPED: real machines need root on Linux');
const onMachines = able ? describe : describe.skip;

/** Everything on this host that carries the model's names. */
async function traces(model: string, ids: readonly string[]): Promise<string[]> {
  const names = networkNames(model);
  const links = await hostCommand('list', ['ip', '-o', 'link']);
  const tables = await hostCommand('list', ['nft', 'list', 'tables']);
  const spaces = await hostCommand('list', ['ip', 'netns']);
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  return [
    ...[names.bridge, ...ids.map(names.veth)].filter((name) => links.includes(name)),
    ...[names.table].filter((name) => tables.includes(name)),
    ...ids.map(names.namespace).filter((name) => spaces.includes(name)),
    ...ids.map((id) => rootMount(model, id)).filter((path) => mounts.includes(path) || existsSync(path)),
    ...ids.flatMap((id) => machineGroup(model, id).directories()).filter((path) => existsSync(path)),
    ...ids.flatMap((id) => machineGroup(model, id).processes()).map(String),
  ];
}

onMachines('real machines', () => {
  const model = `contract-${process.pid}`;
  machineContract(() => new NspawnMachineHost({ model }));
});

onMachines('a real machine', () => {
  const model = `nspawn-${process.pid}`;
  const host = new NspawnMachineHost({ model });
  let machine: Machine;
  let other: Machine;
  beforeAll(async () => {
    [machine, other] = await Promise.all([host.create('0'), host.create('1')]);
  }, 180_000);
  afterAll(() => host.destroyAll(), 60_000);

  test('runs its own systemd, without a failed unit', async () => {
    expect((await run(machine, ['cat', '/proc/1/comm'])).stdout).toBe('systemd\n');
    expect((await run(machine, ['systemctl', 'is-system-running'])).stdout).toBe('running\n');
    expect((await run(machine, ['hostname'])).stdout).toBe(`${machine.hostname}\n`);
    expect((await run(machine, ['systemd-run', '--wait', '--quiet', '--pipe', 'echo', 'ran'])).stdout).toBe('ran\n');
    const logged = 'logger -t trial words && journalctl --sync && journalctl -t trial -o cat --no-pager';
    expect((await run(machine, ['sh', '-c', logged])).stdout).toBe('words\n');
  });

  test('has a machine id of its own', async () => {
    const ids = await Promise.all([machine, other].map((each) => run(each, ['cat', '/etc/machine-id'])));
    expect(ids[0]?.stdout).toMatch(/^[0-9a-f]{32}\n$/);
    expect(ids[0]?.stdout).not.toBe(ids[1]?.stdout);
  });

  test('reaches the other machine and the host, and is reached by the host', async () => {
    expect((await run(machine, ['ping', '-c', '1', '-W', '5', other.address])).code).toBe(0);
    expect((await run(machine, ['ping', '-c', '1', '-W', '5', machine.cidr.replace('0/24', '1')])).code).toBe(0);
    await expect(hostCommand('ping', ['ip', 'route', 'get', machine.address])).resolves.toContain(
      networkNames(model).bridge,
    );
    const shown = await run(machine, ['ip', '-4', '-o', 'addr', 'show', machine.interfaceName]);
    expect(shown.stdout).toContain(`inet ${machine.address}/24`);
    expect((await run(machine, ['cat', `/sys/class/net/${machine.interfaceName}/address`])).stdout.trim()).toBe(
      machine.macAddress,
    );
  });

  test('fetches a package from the archive', async () => {
    const fetched = await run(machine, ['apt-get', 'download', '-q', 'hello'], { cwd: '/tmp' });
    expect(fetched).toMatchObject({ code: 0 });
    expect((await run(machine, ['sh', '-c', 'ls /tmp/hello_*.deb'])).code).toBe(0);
  }, 60_000);

  test('has no Node and nothing of the host', async () => {
    expect((await run(machine, ['sh', '-c', 'for each in node gcc; do command -v $each; done'])).stdout).toBe('');
    const probe = mkdtempSync('/tmp/of-the-host-');
    expect((await run(machine, ['test', '-e', probe])).code).toBe(1);
    rmSync(probe, { recursive: true });
    const manager = await run(machine, ['sh', '-c', 'tr "\\0" "\\n" < /proc/1/environ | cut -d= -f1 | sort']);
    expect(manager.stdout.split('\n').filter((name) => /^(JUJU|NODE|npm|JEST|GOLDEN|CI)/.test(name))).toEqual([]);
  });

  test('runs a process as another user, with that user’s groups', async () => {
    const who = await run(machine, ['id'], { user: 'ubuntu' });
    expect(who.stdout).toBe('uid=1000(ubuntu) gid=1000(ubuntu) groups=1000(ubuntu),4(adm)\n');
  });

  test('boots again after a reboot from inside, and stays down after a power-off from inside', async () => {
    const before = await machine.bootId();
    await run(machine, ['systemctl', 'reboot']);
    const now = (): Promise<string> => machine.bootId().catch(() => before);
    await eventually('it is back', async () => machine.state === 'running' && (await now()) !== before);
    expect((await run(machine, ['ping', '-c', '1', '-W', '5', other.address])).code).toBe(0);
    await run(machine, ['systemctl', 'poweroff']);
    await eventually('it is down', () => machine.state === 'stopped');
    await machine.start();
    expect((await run(machine, ['systemctl', 'is-system-running'])).stdout).toBe('running\n');
  }, 90_000);

  test('is known to be down when its supervisor or its init is killed, and starts again', async () => {
    const supervisors = (): number[] =>
      machineGroup(model, '0')
        .processes()
        .filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd-nspawn\n');
    expect(supervisors().length).toBeGreaterThan(0);
    for (const pid of supervisors()) process.kill(pid, 'SIGKILL');
    await eventually('it is down', () => machine.state === 'stopped');
    await machine.start();
    expect((await run(machine, ['true'])).code).toBe(0);
  }, 60_000);

  test('with the cable pulled answers nobody, and is run on all the same', async () => {
    await machine.setLink(false);
    expect((await run(other, ['ping', '-c', '1', '-W', '1', machine.address])).code).toBe(1);
    expect((await run(machine, ['true'])).code).toBe(0);
    await machine.setLink(true);
    expect((await run(other, ['ping', '-c', '3', '-i', '0.2', '-W', '5', machine.address])).code).toBe(0);
  }, 30_000);
});

onMachines('cleaning up', () => {
  const directory = able ? mkdtempSync('/tmp/juju-emulator-clean-') : '';
  const bystander = new NspawnMachineHost({ model: `stays-${process.pid}` });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await bystander.destroyAll();
  }, 60_000);

  test('a controller that is killed leaves machines that are found and removed, others are not touched', async () => {
    const model = `crash-${process.pid}`;
    const safe = await bystander.create('0');
    const program = join(directory, 'controller.js');
    buildSync({
      stdin: {
        contents: `import { NspawnMachineHost } from './machines';
          const host = new NspawnMachineHost({ model: '${model}' });
          Promise.all([host.create('0'), host.create('1')]).then(() => console.log('booted'));
          setInterval(() => {}, 1000);`,
        resolveDir: join(__dirname, '../../src'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      outfile: program,
    });
    const controller = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => controller.stdout.once('data', resolve));
    const gone = new Promise((resolve) => controller.once('exit', resolve));
    controller.kill('SIGKILL');
    await gone;
    expect((await traces(model, ['0', '1'])).length).toBeGreaterThan(8);
    expect(await cleanLeftovers({ keepLive: true })).toContain(model);
    expect(await traces(model, ['0', '1'])).toEqual([]);
    expect(existsSync(`/var/lib/juju-emulator/models/${model}`)).toBe(false);
    expect((await run(safe, ['true'])).code).toBe(0);
    await bystander.destroyAll();
    expect(await traces(`stays-${process.pid}`, ['0'])).toEqual([]);
    const claims = readdirSync('/var/lib/juju-emulator/subnets').map((name) =>
      readFileSync(join('/var/lib/juju-emulator/subnets', name), 'utf8'),
    );
    expect(claims.filter((name) => name === model || name === `stays-${process.pid}`)).toEqual([]);
  }, 120_000);
});
