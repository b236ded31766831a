import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ContinuousWriter } from '../support/continuous-writer';
import { etcdBinaries, type EtcdBinaries } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { EventWatcher } from '../support/event-watcher';
import { put, type ClientTls } from '../support/gateway-client';
import { until } from '../support/until';

// What end-to-end tests judge etcd by is judged here, by real etcd and by restores with its own tools.
jest.setTimeout(120_000);

const prefix = '/watched/';

describe.each(['3.5', '3.6'])('etcd %s', (minor) => {
  const binaries = etcdBinaries().find(({ name }) => name.startsWith(`${minor}.`));
  if (binaries === undefined) {
    console.warn(`SKIPPED: no etcd ${minor} here`);
    test.skip('a writer and a watcher', () => undefined);
    return;
  }
  let servers: EtcdServers;
  let server: EtcdServer;
  let tls: ClientTls;
  let writer: ContinuousWriter;
  let watcher: EventWatcher;

  beforeEach(async () => {
    servers = await EtcdServers.create(binaries);
    server = await servers.prepare('one');
    const { certificate, key } = servers.client;
    tls = { ca: servers.authority.certificate, cert: certificate, key };
    await start();
    writer = new ContinuousWriter(prefix, () => [server.clientUrl], tls).start();
    watcher = new EventWatcher(prefix, () => [server.clientUrl], tls, 1n).start();
    await writer.progress(20, 20_000);
  });
  afterEach(async () => {
    await watcher.stop();
    await writer.stop();
    await servers.close();
  });

  async function start(): Promise<void> {
    server.start(`one=${server.peerUrl}`, 'new');
    await until('etcd serves', () => put(server.clientUrl, '/started', 'yes', tls), { timeoutMs: 30_000 });
  }

  /** Saves a snapshot, lets the writer go on, and puts the snapshot in place of the data. */
  async function restored({ bump }: { readonly bump: boolean }, declare: (revision: bigint) => void): Promise<void> {
    const file = join(server.dataDirectory, '../saved.db');
    const revision = save(binaries as EtcdBinaries, file);
    await writer.progress(20, 20_000);
    await watcher.caughtUp(writer, 10_000);
    declare(revision);
    await server.stop();
    rmSync(server.dataDirectory, { recursive: true });
    execFileSync(
      join((binaries as EtcdBinaries).directory, 'etcdutl'),
      [
        ...['snapshot', 'restore', file, '--name=one', `--data-dir=${server.dataDirectory}`],
        ...[`--initial-cluster=one=${server.peerUrl}`, `--initial-advertise-peer-urls=${server.peerUrl}`],
        '--initial-cluster-token=restored',
        ...(bump ? ['--bump-revision=1000000', '--mark-compacted'] : []),
      ],
      { stdio: 'ignore' },
    );
    await start();
    await writer.progress(20, 20_000);
  }

  /** @returns the snapshot's revision */
  function save({ directory }: EtcdBinaries, file: string): bigint {
    const pki = join(server.dataDirectory, '..');
    const secure = [
      `--cacert=${join(pki, 'ca.crt')}`,
      `--cert=${join(pki, 'server.crt')}`,
      `--key=${join(pki, 'server.key')}`,
    ];
    execFileSync(join(directory, 'etcdctl'), [`--endpoints=${server.clientUrl}`, ...secure, 'snapshot', 'save', file], {
      stdio: 'ignore',
    });
    const status = execFileSync(join(directory, 'etcdutl'), ['snapshot', 'status', file, '--write-out=json'], {
      encoding: 'utf8',
    });
    return BigInt((JSON.parse(status) as { revision: number }).revision);
  }

  test('every event once and in order over kill -9', async () => {
    for (let round = 0; round < 2; round += 1) {
      await server.stop('SIGKILL');
      await start();
      await writer.progress(20, 20_000);
    }
    await watcher.caughtUp(writer, 10_000);
    expect([watcher.misses(writer), watcher.problems, writer.problems]).toEqual([[], [], []]);
    expect(watcher.events.length).toBeGreaterThanOrEqual(writer.acknowledged.length);
    expect(watcher.resumed).toBeGreaterThan(0);
    expect(await writer.lostAt(server.clientUrl)).toEqual([]);
  });

  test.each([{ bump: true }, { bump: false }])('a declared restore gives up what came after it, %j', async (how) => {
    await restored(how, (revision) => {
      writer.declareRestore(revision);
      watcher.declareRestore(revision);
    });
    await watcher.caughtUp(writer, 10_000);
    expect([watcher.misses(writer), watcher.problems, writer.problems]).toEqual([[], [], []]);
    expect(await writer.lostAt(server.clientUrl)).toEqual([]);
    expect(writer.givenUp().length).toBeGreaterThan(10);
  });

  test('a restore that nobody declared is found out by the writer, the watcher and the reader', async () => {
    await restored({ bump: false }, () => undefined);
    await until('the watcher sees it', () => watcher.problems.length > 0, { timeoutMs: 10_000 });
    expect(writer.problems[0]).toMatch(/^cluster \d+ answered after \d+$/);
    expect(watcher.problems[0]).toMatch(/^cluster \d+ instead of \d+$/);
    expect((await writer.lostAt(server.clientUrl)).length).toBeGreaterThan(10);
  });

  test('an event that was not told, told twice or told otherwise is a miss', async () => {
    await writer.stop();
    await watcher.caughtUp(writer, 10_000);
    const [first, second, third] = watcher.events;
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few events');
    watcher.events.splice(0, 3, second, second, { ...third, revision: third.revision + 1000n });
    expect(watcher.misses(writer)).toEqual([
      `${second.key} was told twice`,
      `${first.key} of revision ${first.revision} was not told`,
      `${third.key} was told with revision ${third.revision + 1000n}, not ${third.revision}`,
    ]);
  });
});
