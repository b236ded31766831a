import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { takeBackup, type BackupRequest } from '../../src/backup/take-backup';
import { url } from '../../src/domain/ids';
import { verifyBackup } from '../../src/ports/backup-verify';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { SnapshotTool } from '../../src/ports/snapshot-tool';
import { etcdVersions, type EtcdBinaries } from '../support/etcd-binaries';
import { gatewayCall, memberStatus, put } from '../support/gateway-client';
import { plainRestore, plainStatus, SnapshotServer } from '../support/snapshots';

const run = promisify(execFile);
const versions = etcdVersions('archives of real etcd');

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backup-take-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const toolOf = ({ directory: programs, name }: EtcdBinaries): SnapshotTool =>
  new SnapshotTool(new ExecaProcesses(), programs, name);

const begun = Date.UTC(2026, 10, 21, 5, 12, 15);

async function requestOf(member: SnapshotServer, target: string): Promise<BackupRequest> {
  const { id, clusterId, version } = await memberStatus(member.server.clientUrl, member.tls);
  const { ca, cert, key } = member.tls;
  return {
    endpoint: member.server.clientUrl,
    credentials: { ca, certificate: cert, key },
    tool: toolOf(member.binaries),
    target,
    now: begun,
    source: { unit: 'etcd/0', member: 'one', memberId: id, clusterId, etcdVersion: version },
    leastRevision: null,
    live: () => Promise.resolve(null),
    owner: null,
  };
}

for (const binaries of versions)
  test(`an archive of etcd ${binaries.name} is what tar, sha256sum and etcd's own restore expect`, async () => {
    await using member = await SnapshotServer.create(binaries, 30);
    const target = at(`target-${binaries.name}`);
    // What shrinks and what does not, more than a chunk of each.
    for (let part = 0; part < 3; part++) {
      await put(member.server.clientUrl, `/random/${part}`, randomBytes(700_000).toString('base64'), member.tls);
      await put(member.server.clientUrl, `/same/${part}`, 'x'.repeat(1_000_000), member.tls);
    }
    const record = await takeBackup({ ...(await requestOf(member, target)), leastRevision: 37n });
    expect(record.path).toBe(join(target, 'etcd-snapshot-2026-11-21-05.12.15.tar.gz'));
    expect(await readdir(target)).toEqual(['etcd-snapshot-2026-11-21-05.12.15.tar.gz']);
    expect((await stat(record.path)).size).toBe(record.archiveSize);
    expect(record.archiveSize).toBeLessThan(record.manifest.size - 1_500_000);
    expect((await run('sha256sum', [record.path])).stdout.split(' ')[0]).toBe(record.archiveSha256);

    const out = at(`out-${binaries.name}`);
    await mkdir(out);
    await run('tar', ['-xzf', record.path, '-C', out]);
    expect((await readdir(out)).sort()).toEqual(['db', 'manifest.json']);
    const status = await plainStatus(binaries, join(out, 'db'));
    expect(record.manifest).toMatchObject({
      takenAt: '2026-11-21T05:12:15.000Z',
      revision: '37',
      hash: status.hash,
      totalKeys: status.totalKey,
    });
    expect(status.revision).toBe(37);
    expect(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))).toEqual(record.manifest);
    expect((await run('sha256sum', [join(out, 'db')])).stdout.split(' ')[0]).toBe(record.manifest.sha256);
    // Without --skip-hash-check: its trailing hash is the right one.
    await plainRestore(binaries, join(out, 'db'), at(`restored-${binaries.name}`));

    const verdict = await verifyBackup(record.path, { scratch: at('scratch'), tool: toolOf(binaries) });
    expect(verdict).toMatchObject({
      good: true,
      form: 'archive',
      hasHash: true,
      revision: 37n,
      sha256: record.manifest.sha256,
      etcdVersion: binaries.name,
      manifest: record.manifest,
    });
  });

for (const binaries of versions)
  test(`etcd ${binaries.name}: a store without any write, and one whose last was a deletion that is compacted away`, async () => {
    await using member = await SnapshotServer.create(binaries, 0);
    const target = at(`revisions-${binaries.name}`);
    const call = (path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> =>
      gatewayCall(member.server.clientUrl, path, body, member.tls);
    const key = Buffer.from('/gone').toString('base64');
    const request = await requestOf(member, target);
    const records = [await takeBackup({ ...request, leastRevision: 1n })];
    for (let round = 0; round < 3; round++) await put(member.server.clientUrl, '/gone', 'x', member.tls);
    const { revision } = (await call('/v3/kv/deleterange', { key })).header;
    await call('/v3/kv/compaction', { revision, physical: true });
    records.push(await takeBackup({ ...request, now: begun + 1000, leastRevision: BigInt(revision) }));
    expect(records.map(({ manifest }) => manifest.revision)).toEqual(['1', revision]);
    for (const { path } of records)
      expect(await verifyBackup(path, { scratch: at('scratch'), tool: request.tool })).toMatchObject({ good: true });
  });

const newest = versions.at(-1);
if (newest !== undefined)
  describe('what goes wrong leaves no archive', () => {
    let member: SnapshotServer;
    let target: string;
    let request: BackupRequest;

    beforeAll(async () => {
      member = await SnapshotServer.create(newest, 5);
      for (let part = 0; part < 40; part++)
        await put(member.server.clientUrl, `/random/${part}`, randomBytes(700_000).toString('base64'), member.tls);
    }, 60_000);
    afterAll(() => member[Symbol.asyncDispose]());
    beforeEach(async () => {
      target = await mkdtemp(at('target-'));
      request = await requestOf(member, target);
    });

    test('nobody listens', async () => {
      await expect(takeBackup({ ...request, endpoint: url('https://127.0.0.1:1') })).rejects.toMatchObject({
        code: 'ETCD_UNAVAILABLE',
      });
      expect(await readdir(target)).toEqual([]);
    });

    test('a certificate that the member does not know', async () => {
      const { ca } = request.credentials;
      await using other = await SnapshotServer.create(newest, 0);
      const credentials = { ca, certificate: other.tls.cert, key: other.tls.key };
      await expect(takeBackup({ ...request, credentials })).rejects.toMatchObject({ code: 'ETCD_UNAVAILABLE' });
      expect(await readdir(target)).toEqual([]);
    });

    test('a member that is behind what the cluster has', async () => {
      await expect(takeBackup({ ...request, leastRevision: 1000n })).rejects.toMatchObject({
        code: 'BACKUP_FAILED',
        message: expect.stringMatching(/it is of revision 46, and the cluster was at 1000 before/) as string,
      });
      expect(await readdir(target)).toEqual([]);
    });

    test('the target cannot be made', async () => {
      await expect(takeBackup({ ...request, target: '/proc/etcd-snapshots' })).rejects.toThrow(/ENOENT|EACCES|EPERM/);
    });

    test('what a killed run left is cleared by the next one, what another is writing is not', async () => {
      const dead = spawn('true');
      await once(dead, 'exit');
      const name = (pid: number): string => `.etcd-snapshot-2026-11-21-05.12.14.tar.gz.${pid}.db.part`;
      await writeFile(join(target, name(dead.pid ?? 0)), 'half');
      await writeFile(join(target, name(process.ppid)), 'half');
      await writeFile(join(target, 'kept'), '');
      await takeBackup(request);
      expect(await readdir(target)).toEqual([name(process.ppid), 'etcd-snapshot-2026-11-21-05.12.15.tar.gz', 'kept']);
      // The same second again: the first one stays.
      await expect(takeBackup(request)).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
      expect(await readdir(target)).toHaveLength(3);
    });

    test('the member dies in the middle', async () => {
      const stopped: Promise<void>[] = [];
      const progress = (): void => void (stopped.length === 0 && stopped.push(member.server.stop()));
      await expect(takeBackup({ ...request, progress })).rejects.toMatchObject({ code: 'ETCD_UNAVAILABLE' });
      await Promise.all(stopped);
      expect(await readdir(target)).toEqual([]);
    });
  });
