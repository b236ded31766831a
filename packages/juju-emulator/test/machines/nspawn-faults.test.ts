import { NspawnMachineHost, type Machine } from '../../src/machines';
import { run } from './machine-contract';

const able = process.platform === 'linux' && process.getuid?.() === 0;
if (!able) console.log('SKIPPED: real machines need root on Linux');

/** Sends one datagram, or counts those that come within half a second. */
const datagrams = {
  send: (address: string) =>
    `import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("${address}", 9999))`,
  count: `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 9999)); print("ready", flush=True); s.settimeout(0.5); n = 0
try:
    while True: s.recv(9); n += 1
except socket.timeout: print(n)`,
};

(able ? describe : describe.skip)('faults of a real machine', () => {
  const host = new NspawnMachineHost({ model: `faults-${process.pid}` });
  let machine: Machine;
  let other: Machine;
  beforeAll(async () => {
    [machine, other] = await Promise.all([host.create('0'), host.create('1')]);
  }, 180_000);
  afterAll(() => host.destroyAll(), 60_000);
  afterEach(() =>
    Promise.all([machine.faults.mend(), machine.faults.limitBandwidth(undefined), machine.faults.freeDisk()]),
  );

  const python = (on: Machine, text: string) => run(on, ['python3', '-c', text]);

  /** Whether a datagram from one machine reaches the other. */
  async function reaches(from: Machine, to: Machine): Promise<boolean> {
    const listening = to.spawn(['python3', '-c', datagrams.count], {
      cwd: '/',
      env: { PATH: to.agentPath },
      stdin: 'null',
    });
    let heard = '';
    const ready = new Promise<void>((resolve) =>
      listening.stdout.on('data', (data: Buffer) => {
        heard += data.toString();
        if (heard.includes('ready')) resolve();
      }),
    );
    await ready;
    expect(await python(from, datagrams.send(to.address))).toMatchObject({ stderr: '' });
    await listening.exited;
    return heard.trim().endsWith('1');
  }

  test('a link is cut one way, for one peer, or both ways, and mended', async () => {
    expect([await reaches(machine, other), await reaches(other, machine)]).toEqual([true, true]);
    await machine.faults.cut('in');
    expect([await reaches(machine, other), await reaches(other, machine)]).toEqual([true, false]);
    await machine.faults.mend();
    await machine.faults.cut('in', '192.0.2.1');
    expect(await reaches(other, machine)).toBe(true);
    await machine.faults.cut('in', other.address);
    expect(await reaches(other, machine)).toBe(false);
    await machine.faults.mend();
    expect([await reaches(machine, other), await reaches(other, machine)]).toEqual([true, true]);
  }, 60_000);

  test('a cut outward link tells its sender', async () => {
    await machine.faults.cut('out', other.address);
    const { stderr } = await python(machine, datagrams.send(other.address));
    expect(stderr).toMatch(/Operation not permitted/);
    expect(await reaches(other, machine)).toBe(true);
  }, 60_000);

  test('bandwidth is limited both ways', async () => {
    const kilobytes = 200;
    const receive = `import socket, time
s = socket.create_server(("", 9998)); print("ready", flush=True); c, _ = s.accept(); t = time.monotonic(); n = 0
while True:
    b = c.recv(65536)
    if not b: break
    n += len(b)
print(n * 8 / (time.monotonic() - t))`;
    const send = (address: string) =>
      `import socket; c = socket.create_connection(("${address}", 9998)); c.sendall(b"x" * ${kilobytes * 1024}); c.close()`;
    const measure = async (from: Machine, to: Machine): Promise<number> => {
      const receiving = to.spawn(['python3', '-c', receive], { cwd: '/', env: { PATH: to.agentPath }, stdin: 'null' });
      let told = '';
      await new Promise<void>((resolve) =>
        receiving.stdout.on('data', (data: Buffer) => {
          told += data.toString();
          if (told.includes('ready')) resolve();
        }),
      );
      await python(from, send(to.address));
      await receiving.exited;
      return Number(told.trim().split('\n').at(-1));
    };
    await machine.faults.limitBandwidth(1_000_000);
    for (const rate of [await measure(machine, other), await measure(other, machine)]) {
      expect(rate).toBeGreaterThan(100_000);
      expect(rate).toBeLessThan(1_500_000);
    }
  }, 60_000);

  test('a directory on the root gets a filesystem of its own, which is full then; over a reboot, too', async () => {
    await expect(machine.faults.fillDisk('/')).rejects.toMatchObject({ code: 'unsupported' });
    await expect(machine.faults.fillDisk('/srv/none')).rejects.toMatchObject({ code: 'command-failed' });
    const script =
      'install -d -o nobody -m 2750 /srv/data/deep && echo kept > /srv/data/deep/file && ln -s /srv/data /srv/link';
    expect(await run(machine, ['sh', '-c', script])).toMatchObject({ code: 0 });
    const holder = machine.spawn(['sh', '-c', 'exec 3>>/srv/data/log; echo open; read line'], {
      cwd: '/',
      env: { PATH: machine.agentPath },
      stdin: 'pipe',
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    await expect(machine.faults.fillDisk('/srv/data')).rejects.toThrow(/stop sh \(\d+\) first/);
    holder.stdin?.end();
    await holder.exited;

    await machine.faults.fillDisk('/srv/link');
    const write = (directory: string) =>
      run(machine, ['dd', 'if=/dev/zero', `of=${directory}/new`, 'bs=64k', 'count=4', 'status=none']);
    expect((await write('/srv/data')).stderr).toContain('No space left on device');
    expect(await write('/srv')).toMatchObject({ code: 0 });
    expect(await run(machine, ['sh', '-c', 'cat /srv/data/deep/file; stat -c "%U %a" /srv/data/deep'])).toMatchObject({
      stdout: 'kept\nnobody 2750\n',
    });
    await machine.reboot();
    expect((await write('/srv/data')).stderr).toContain('No space left on device');
    await machine.faults.freeDisk();
    expect(await write('/srv/data')).toMatchObject({ code: 0, stderr: '' });
    await machine.faults.fillDisk('/srv/data', 1_000_000);
    expect(await write('/srv/data/deep')).toMatchObject({ code: 0 });
  }, 120_000);

  test('storage is filled and freed', async () => {
    const storage = {
      uuid: 'faults',
      number: 0,
      kind: 'filesystem',
      backing: 'memory',
      scope: 'machine',
      size: 8,
    } as const;
    const request = { ...storage, mountPoint: '/srv/full', readOnly: false };
    await machine.attachStorage(request);
    const write = () => run(machine, ['dd', 'if=/dev/zero', 'of=/srv/full/file', 'bs=64k', 'count=4', 'status=none']);
    await machine.faults.fillDisk('/srv/full');
    expect((await write()).stderr).toContain('No space left on device');
    await machine.faults.freeDisk();
    expect(await write()).toMatchObject({ code: 0, stderr: '' });
    await machine.detachStorage(request);
  }, 60_000);
});
