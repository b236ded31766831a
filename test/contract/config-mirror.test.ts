import { mkdtempSync, rmSync, watch as watchDirectory } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterId } from '../../src/domain/ids';
import { Etcd3Keys } from '../../src/ports/etcd-keys-etcd3';
import { GatewayEtcdMaintenance } from '../../src/ports/etcd-maintenance-gateway';
import type { PemCredentials } from '../../src/ports/pem-credentials';
import { etcdVersions } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { put, type ClientTls } from '../support/gateway-client';
import { anEntry, bundledProgram, MirroredMachine } from '../support/mirrored-machine';
import { until } from '../support/until';

const seed = Number(process.env['MIRROR_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const exhaustive = process.env['EXHAUSTIVE'] === '1';
const versions = etcdVersions('the configuration mirror on real etcd');
const newest = versions.at(-1);
jest.setTimeout(exhaustive ? 3 * 3_600_000 : 240_000);

const patience = { timeoutMs: 20_000, everyMs: 25 };

(newest === undefined ? describe.skip : describe)(`the configuration mirror on etcd ${newest?.name ?? ''}`, () => {
  let servers: EtcdServers;
  let members: readonly EtcdServer[];
  let initial: string;
  let credentials: PemCredentials;
  let tls: ClientTls;
  let keys: Etcd3Keys;
  let endpoints: readonly EtcdServer['clientUrl'][];
  const machines: MirroredMachine[] = [];

  beforeAll(async () => {
    process.stderr.write(`mirror: seed ${seed} (MIRROR_SEED=${seed} repeats it)\n`);
    if (newest === undefined) throw new Error('no etcd');
    servers = await EtcdServers.create(newest);
    const { certificate, key } = servers.client;
    credentials = { ca: servers.authority.certificate, certificate, key };
    tls = { ca: credentials.ca, cert: certificate, key };
    keys = new Etcd3Keys(credentials);
    members = await Promise.all(['one', 'two', 'three'].map((name) => servers.prepare(name)));
    initial = members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join();
    for (const member of members) member.start(initial, 'new');
    endpoints = members.map(({ clientUrl }) => clientUrl);
    await serving();
  });
  const workingDirectory = process.cwd();
  afterEach(() => process.chdir(workingDirectory));
  afterAll(async () => {
    keys?.close();
    await servers?.close();
  });
  afterEach(async () => {
    for (const machine of machines.splice(0)) await machine.remove();
  });

  const at = (): EtcdServer['clientUrl'] => endpoints[0] as EtcdServer['clientUrl'];
  const serving = (): Promise<unknown> =>
    until('etcd serves', async () => Boolean(await put(at(), '/serving', '1', tls)), patience);
  /** All members at once, without data. */
  async function beginAnew(args: readonly string[] = []): Promise<void> {
    for (const member of members) await member.stop();
    for (const member of members) rmSync(member.dataDirectory, { recursive: true });
    for (const member of members) member.start(initial, 'new', args);
    await serving();
  }
  const value = async (key: string): Promise<string | null> => (await keys.read(at(), key))?.value.toString() ?? null;

  function machine(
    ...args: ConstructorParameters<typeof MirroredMachine> extends [unknown, unknown, ...infer R] ? R : never
  ): MirroredMachine {
    const made = new MirroredMachine(credentials, endpoints, ...args);
    machines.push(made);
    return made;
  }

  const verdict = (one: MirroredMachine, wanted: string, file = '/etc/shared'): Promise<unknown> =>
    until(`${file} is ${wanted}`, () => one.note(file)?.verdict === wanted, patience);
  const content = (one: MirroredMachine, wanted: string, file = '/etc/shared'): Promise<unknown> =>
    until(`${file} is ${wanted.slice(0, 20)}`, () => one.read(file) === wanted, patience);

  test('three racers create a key from disk: one wins, all have what it has, and no content is lost', async () => {
    const racers = ['a', 'b', 'c'].map((name) => {
      const racer = machine([anEntry({ key: '/race' })]);
      racer.write('etc/shared', name.repeat(1000));
      return racer;
    });
    for (const racer of racers) racer.start();
    await until(
      'all are in step',
      () => racers.every((one) => one.note('/etc/shared')?.verdict === 'in-step'),
      patience,
    );
    const won = await value('/race');
    expect(['a', 'b', 'c'].map((name) => name.repeat(1000))).toContain(won);
    expect(racers.map((one) => one.read('etc/shared'))).toEqual([won, won, won]);
    const kept = racers.map((one) => one.read('var/lib/etcd-mirror/replaced/etc_shared'));
    expect(kept.filter((one) => one === null)).toHaveLength(1);
    expect(new Set([won, ...kept.filter((one) => one !== null)]).size).toBe(3);
  });

  test('a change of the key goes to the file and is reloaded; a local edit is told and stays, until the key changes', async () => {
    const one = machine([anEntry({ key: '/edit', reload: 'cat etc/shared >> reloaded', mode: 0o640 })]);
    // The command works in the machine's directory.
    process.chdir(one.root);
    // An edit here is told by nobody.
    one.start(100);
    await verdict(one, 'unused');
    await put(at(), '/edit', 'first\n', tls);
    await content(one, 'first\n');
    await until('it was reloaded', () => one.read('reloaded') === 'first\n', patience);
    one.write('etc/shared', 'mine\n');
    await verdict(one, 'edited-here');
    expect([one.read('etc/shared'), await value('/edit')]).toEqual(['mine\n', 'first\n']);
    await put(at(), '/edit', 'second\n', tls);
    await content(one, 'second\n');
    await verdict(one, 'in-step');
    expect(one.read('var/lib/etcd-mirror/replaced/etc_shared')).toBe('mine\n');
    await until('it was reloaded', () => one.read('reloaded') === 'first\nsecond\n', patience);
    // Moving a file away brings the key's value back.
    rmSync(join(one.root, 'etc/shared'));
    await content(one, 'second\n');
  });

  test('while it was stopped: a changed key is written, a changed file is told, and compaction hides nothing', async () => {
    const entries = [anEntry({ key: '/away/key' }), anEntry({ key: '/away/file', file: '/etc/file' })];
    const one = machine(entries);
    for (const { key } of entries) await put(at(), key, 'before', tls);
    one.start();
    await content(one, 'before');
    await content(one, 'before', '/etc/file');
    await verdict(one, 'in-step', '/etc/file');
    await one.stop();
    one.write('etc/file', 'edited while it was stopped');
    const revision = await put(at(), '/away/key', 'after', tls);
    const maintenance = new GatewayEtcdMaintenance(credentials);
    await maintenance.compact(at(), revision, true);
    maintenance.close();
    one.start();
    await content(one, 'after');
    await verdict(one, 'edited-here', '/etc/file');
    expect([one.read('etc/file'), await value('/away/file')]).toEqual(['edited while it was stopped', 'before']);
  });

  test('members that die and come back, also a majority: what the key is in the end is in the file', async () => {
    const one = machine([anEntry({ key: '/deaths' })]);
    one.start();
    await put(at(), '/deaths', '0', tls);
    await content(one, '0');
    for (const [round, killed] of [[0], [0, 1], [0, 1, 2]].entries()) {
      for (const index of killed) await members[index]?.stop();
      for (const index of killed) members[index]?.start(initial, 'new');
      await serving();
      const wanted = `after round ${round}`;
      await put(at(), '/deaths', wanted, tls);
      await content(one, wanted);
    }
  });

  test('quorum is lost, and the cluster is made again of one survivor: what is written into it is in the files', async () => {
    const all = [machine([anEntry({ key: '/lost' })]), machine([anEntry({ key: '/lost' })])];
    await put(at(), '/lost', 'before', tls);
    for (const one of all) one.start();
    for (const one of all) await content(one, 'before');
    for (const member of members) await member.stop();
    members[0]?.start(initial, 'new', ['--force-new-cluster']);
    await serving();
    await put(at(), '/lost', 'after', tls);
    for (const one of all) await content(one, 'after');
    await beginAnew();
    // From its file, as nobody else has it.
    await until('the key is back', async () => (await value('/lost')) === 'after', patience);
  });

  test('a cluster that is made again without data gets its keys from the files', async () => {
    const all = [machine([anEntry({ key: '/again' })]), machine([anEntry({ key: '/again' })])];
    await put(at(), '/again', 'what the old cluster had', tls);
    for (const one of all) one.start();
    for (const one of all) await content(one, 'what the old cluster had');
    await beginAnew();
    await until('the key is back', async () => (await value('/again')) === 'what the old cluster had', patience);
    await put(at(), '/again', 'new', tls);
    for (const one of all) await content(one, 'new');
  });

  const clusterHere = async (): Promise<ClusterId> => (await keys.readOf(at(), '/serving')).cluster;

  test("another cluster's mirror makes no key and writes no file, and does both once it is said to be of this one", async () => {
    const [made, taken] = [anEntry({ key: '/other/made' }), anEntry({ key: '/other/taken', file: '/etc/taken' })];
    const before = await clusterHere();
    await beginAnew([`--initial-cluster-token=${Math.random()}`]);
    const present = await clusterHere();
    expect(present).not.toBe(before);
    await put(at(), taken.key, 'of this cluster', tls);
    const stale = machine([made, taken]);
    stale.write('etc/shared', 'stale');
    stale.write('etc/taken', 'stale, too');
    stale.cluster = before;
    stale.start();
    for (const { file } of [made, taken]) await verdict(stale, 'other-cluster', file);
    const why = `a member of cluster ${present} answers, and this unit belongs to ${before}`;
    expect(stale.note(taken.file)?.why).toBe(why);
    // Each member was asked, and what is told by a watch changes nothing.
    await put(at(), taken.key, 'changed', tls);
    for (const endpoint of endpoints)
      await until(
        `${endpoint} was asked`,
        () => stale.said.some((line) => line.includes(`${endpoint} ended (${why})`)),
        patience,
      );
    expect([await value(made.key), stale.read(taken.file.slice(1))]).toEqual([null, 'stale, too']);
    await stale.stop();
    stale.cluster = present;
    stale.start();
    await until('its key is made', async () => (await value(made.key)) === 'stale', patience);
    await content(stale, 'changed', taken.file);
    for (const { file } of [made, taken]) await verdict(stale, 'in-step', file);
  });

  describe('as a process of its own', () => {
    let directory: string;
    let program: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'mirror-program-'));
      program = bundledProgram(directory);
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    test('killed in the middle of a write: the file is one of the contents, whole, and nothing is left over', async () => {
      const one = machine([anEntry({ key: '/killed' })]);
      const contents = ['a', 'b'].map((letter) => letter.repeat(900_000));
      one.write('etc/shared', contents[0] ?? '');
      await keys.put(at(), '/killed', contents[0] ?? '', null);
      let strikes = 0;
      for (let round = 0; round < (exhaustive ? 200 : 6); round++) {
        one.spawn(program);
        await verdict(one, 'in-step');
        await until('it runs', () => one.read('run/etcd-config-mirror/running') !== null, patience);
        // Killed as soon as a temporary file is seen.
        const watcher = watchDirectory(join(one.root, 'etc'));
        const seen = new Promise<void>((resolve) => {
          watcher.on('change', (_, name) => {
            if (String(name).endsWith('.new')) resolve();
          });
        });
        await put(at(), '/killed', contents[(round + 1) % 2] ?? '', tls);
        await seen;
        await one.kill();
        watcher.close();
        strikes += one.list('etc').filter((name) => name.endsWith('.new')).length;
        expect(contents.map((text) => one.read('etc/shared') === text)).toContain(true);
        one.spawn(program);
        await until('the other content is there', () => one.read('etc/shared') === contents[(round + 1) % 2], patience);
        expect(one.list('etc').filter((name) => name.endsWith('.new'))).toEqual([]);
        await one.kill();
      }
      process.stderr.write(`mirror: ${strikes} of the kills left a half-written temporary file\n`);
      expect(strikes).toBeGreaterThan(0);
    });

    test('takes the cluster from its settings, and tells of no wait that is over once it says that it runs', async () => {
      const one = machine([anEntry({ key: '/by-settings' })]);
      one.write('etc/shared', 'mine');
      one.cluster = 'another' as ClusterId;
      one.spawn(program);
      await verdict(one, 'other-cluster');
      expect(await value('/by-settings')).toBeNull();
      await one.kill();
      rmSync(join(one.root, 'run/etcd-config-mirror/running'));
      one.cluster = await clusterHere();
      one.spawn(program);
      await until('it runs', () => one.read('run/etcd-config-mirror/running') !== null, patience);
      expect(one.note('/etc/shared')?.verdict).not.toBe('other-cluster');
      await until('its key is made', async () => (await value('/by-settings')) === 'mine', patience);
    });

    test('small edits without end do not grow memory', async () => {
      const edits = exhaustive ? 1_000_000 : 100_000;
      const entries = [...Array(50).keys()].map((index) => anEntry({ key: `/flood/${index}`, file: `/etc/${index}` }));
      const one = machine(entries);
      one.spawn(program, 1000);
      await verdict(one, 'unused', '/etc/49');
      const { Etcd3 } = await import('etcd3');
      const writer = new Etcd3({
        hosts: [at()],
        credentials: {
          rootCertificate: Buffer.from(credentials.ca),
          certChain: Buffer.from(credentials.certificate),
          privateKey: Buffer.from(credentials.key),
        },
      });
      /** One edit of every key, in one transaction. */
      const edit = (value: string): Promise<unknown> =>
        writer
          .if('/flood', 'Create', '==', 0)
          .then(...entries.map(({ key }) => writer.put(key).value(value)))
          .commit();
      const together = 10;
      // Buffers of the connections and compiled code grow at first.
      const warm = edits / 4;
      let early = 0;
      for (let done = 0; done < edits; done += together * entries.length) {
        if (done === warm) early = await one.used();
        await Promise.all([...Array(together).keys()].map((index) => edit(`edit ${done + index}`)));
      }
      await edit('the last one');
      writer.close();
      for (const { file } of entries) await content(one, 'the last one', file);
      const grown = (await one.used()) - early;
      const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
      process.stderr.write(
        `mirror: ${edits} edits, ${kib(early)} in use after ${warm}, ${kib(grown)} more in the end\n`,
      );
      expect(early).toBeGreaterThan(0);
      // In the shorter run that is twenty bytes of each edit.
      expect(grown).toBeLessThan(1.5 * 1024 * 1024);
    });
  });
});
