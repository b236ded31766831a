import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BackupMachine } from '../../src/backup/back-up';
import { saveSurvivor, type SurvivorSnapshot } from '../../src/backup/survivor';
import type { Clock } from '../../src/ports/clock';
import { systemClock } from '../../src/ports/clock-system';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { reachesFurther } from '../../src/domain/recovery';
import { raftTail, uncommitted, type RaftTail } from '../../src/ports/raft-tail';
import { etcdVersions, type EtcdBinaries } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { memberStatus, put, readPrefix, type ClientTls } from '../support/gateway-client';
import { snapshotProgram } from '../support/snapshots';
import { until } from '../support/until';

const run = promisify(execFile);
const files = new NodeFiles();
const versions = etcdVersions('survivors of real etcd');

const patience = { timeoutMs: 30_000, everyMs: 50 };

/** A member, and the writes that it acknowledged. */
interface Written {
  readonly server: EtcdServer;
  readonly acknowledged: Map<string, string>;
}

/** Three real members, killed together in the middle of writes through each of them. */
class KilledCluster implements AsyncDisposable {
  readonly members: readonly Written[];
  readonly tls: ClientTls;

  private constructor(
    readonly binaries: EtcdBinaries,
    readonly servers: EtcdServers,
    started: readonly EtcdServer[],
    readonly root: string,
  ) {
    this.members = started.map((server) => ({ server, acknowledged: new Map<string, string>() }));
    const { certificate: cert, key } = servers.client;
    this.tls = { ca: servers.authority.certificate, cert, key };
  }

  static async create(binaries: EtcdBinaries, names: readonly string[]): Promise<KilledCluster> {
    const servers = await EtcdServers.create(binaries);
    const started: EtcdServer[] = [];
    for (const name of names) started.push(await servers.prepare(name));
    const initial = started.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join();
    for (const server of started) server.start(initial, 'new');
    const made = new KilledCluster(binaries, servers, started, await mkdtemp(join(tmpdir(), 'survivor-')));
    for (const server of started)
      await until(
        `${server.name} serves`,
        async () => (await memberStatus(server.clientUrl, made.tls)).leader !== '0000000000000000',
        patience,
      );
    return made;
  }

  /** Writes through every member at once, and kills all in the middle. */
  async writeAndKill(each: number): Promise<void> {
    let going = true;
    const writers = this.members.map(async ({ server, acknowledged }) => {
      for (let number = 0; going; number++) {
        const [key, value] = [`/w/${server.name}/${number}`, `${number} by ${server.name}`];
        // What is not acknowledged any more is nobody's loss.
        await put(server.clientUrl, key, value, this.tls, 5000).then(
          () => acknowledged.set(key, value),
          () => undefined,
        );
      }
    });
    await until(
      'there is something to lose',
      () => Promise.resolve(this.members.every(({ acknowledged }) => acknowledged.size >= each)),
      patience,
    );
    await Promise.all(this.members.map(({ server }) => server.stop('SIGKILL')));
    going = false;
    await Promise.all(writers);
  }

  /** Writes one by one through the first member, waits for every answer, and kills all. */
  async writeThenKill(count: number): Promise<void> {
    const [first] = this.members;
    if (first === undefined) return;
    const { server, acknowledged } = first;
    for (let number = 0; number < count; number++) {
      await put(server.clientUrl, `/w/${number}`, String(number), this.tls, 5000);
      acknowledged.set(`/w/${number}`, String(number));
    }
    await Promise.all(this.members.map((member) => member.server.stop('SIGKILL')));
  }

  /** What a unit with this member would have, below a private root. */
  async machine(): Promise<BackupMachine & { readonly clock: Clock }> {
    const paths = makePaths(this.root);
    await rm(this.root, { recursive: true, force: true });
    await mkdir(paths.pki.directory, { recursive: true });
    await mkdir(paths.versions, { recursive: true });
    await mkdir(paths.volume, { recursive: true });
    await symlink(this.binaries.directory, join(paths.versions, this.binaries.name));
    await symlink(join(paths.versions, this.binaries.name), paths.current);
    const { authority, client } = this.servers;
    const served = authority.issue({ commonName: 'unit', sans: ['127.0.0.1'] });
    const { pki } = paths;
    await writeFile(pki.ca, authority.certificate);
    await writeFile(pki.serverCertificate, served.certificate);
    await writeFile(pki.serverKey, served.key, { mode: 0o600 });
    await writeFile(pki.clientCertificate, client.certificate);
    await writeFile(pki.clientKey, client.key, { mode: 0o600 });
    return { files, paths, processes: new ExecaProcesses(), clock: systemClock };
  }

  async save(server: EtcdServer): Promise<SurvivorSnapshot & { readonly db: string }> {
    const machine = await this.machine();
    const db = join(machine.paths.volume, 'survivor.db');
    const scratch = join(machine.paths.volume, 'scratch');
    const saved = await saveSurvivor(machine, { data: server.dataDirectory, scratch, db, user: null });
    expect(await readdir(machine.paths.volume)).toEqual(['survivor.db']);
    return { ...saved, db };
  }

  /** All keys of a database, served by an etcd that is restored from it. */
  async keysOf(db: string, name: string): Promise<Map<string, string>> {
    const server = await this.servers.prepare(`restored-${name}`);
    const initial = `${server.name}=${server.peerUrl}`;
    await run(
      snapshotProgram(this.binaries),
      [
        ...['snapshot', 'restore', db, `--data-dir=${server.dataDirectory}`, `--name=${server.name}`],
        ...[`--initial-cluster=${initial}`, `--initial-advertise-peer-urls=${server.peerUrl}`],
        ...['--initial-cluster-token=fresh', '--skip-hash-check'],
      ],
      { env: { ...process.env, ETCDCTL_API: '3' } },
    );
    server.start(initial, 'existing');
    try {
      return await until('it serves', () => readPrefix(server.clientUrl, '/w/', this.tls), patience);
    } finally {
      await server.stop();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers.close();
    await rm(this.root, { recursive: true, force: true });
  }
}

const missing = (wanted: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): readonly string[] =>
  [...wanted].filter(([key, value]) => found.get(key) !== value).map(([key]) => key);

/** sha256 of everything below a directory. */
async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort();
  for (const name of names) hash.update(name).update(await readFile(name));
  return hash.digest('hex');
}

async function tailOf({ server }: Written): Promise<RaftTail> {
  const tail = await raftTail(files, server.dataDirectory);
  if (tail === null) throw new Error(`${server.name} has no log`);
  return tail;
}

for (const binaries of versions)
  describe(`what survives of etcd ${binaries.name} after SIGKILL`, () => {
    test('the last acknowledged write, which no record says was agreed on', async () => {
      let unrecorded = 0;
      // Whether the kill comes before the record is a matter of milliseconds.
      for (let attempt = 1; attempt <= 10 && unrecorded === 0; attempt++) {
        await using cluster = await KilledCluster.create(binaries, ['one', 'two', 'three']);
        await cluster.writeThenKill(5);
        const one = cluster.members[0] as Written;
        unrecorded = uncommitted(await tailOf(one));
        const saved = await cluster.save(one.server);
        expect(missing(one.acknowledged, await cluster.keysOf(saved.db, 'one'))).toEqual([]);
      }
      expect(unrecorded).toBeGreaterThan(0);
    }, 120_000);

    test('three members in the middle of writes: each has all that it acknowledged, and the one that is furthest all that anybody did', async () => {
      await using cluster = await KilledCluster.create(binaries, ['one', 'two', 'three']);
      await cluster.writeAndKill(60);
      const tails = await Promise.all(cluster.members.map(tailOf));
      const furthest = tails.reduce((most, one) => (reachesFurther(one.last, most.last) ? one : most));
      let kept = 0;
      for (const [index, { server, acknowledged }] of cluster.members.entries()) {
        const before = await digestOf(server.dataDirectory);
        const saved = await cluster.save(server);
        expect(await digestOf(server.dataDirectory)).toBe(before);
        const tail = tails[index];
        expect(saved.tail.last).toEqual(tail?.last);
        kept += saved.kept;
        const found = await cluster.keysOf(saved.db, server.name);
        expect(missing(acknowledged, found)).toEqual([]);
        if (tail !== furthest) continue;
        for (const other of cluster.members) expect(missing(other.acknowledged, found)).toEqual([]);
      }
      process.stderr.write(
        `survivor: etcd ${binaries.name}: ${kept} entries above the recorded commit index kept in three logs; last entries ${tails.map(({ last }) => `${last.term}/${last.index}`).join(', ')}\n`,
      );
    }, 120_000);
  });
