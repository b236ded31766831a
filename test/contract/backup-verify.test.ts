import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create, Header } from 'tar';
import type { VerifiedBackup } from '../../src/domain/backup';
import { verifyBackup } from '../../src/ports/backup-verify';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { SnapshotTool } from '../../src/ports/snapshot-tool';
import { etcdVersions, type EtcdBinaries } from '../support/etcd-binaries';
import { plainStatus, SnapshotServer } from '../support/snapshots';

const versions = etcdVersions('backups of real etcd');

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backup-verify-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const toolOf = ({ directory: programs, name }: EtcdBinaries): SnapshotTool =>
  new SnapshotTool(new ExecaProcesses(), programs, name);
const options = (binaries: EtcdBinaries) => ({ scratch: at('scratch'), tool: toolOf(binaries) });

async function good(path: string, binaries: EtcdBinaries): Promise<VerifiedBackup> {
  const verdict = await verifyBackup(path, options(binaries));
  if (!verdict.good) throw new Error(verdict.why);
  return verdict;
}

/** The line of a refusal without the path that it begins with; nothing may be left behind. */
async function refusal(path: string, binaries: EtcdBinaries): Promise<string> {
  const verdict = await verifyBackup(path, options(binaries));
  if (verdict.good)
    throw new Error(
      `it was taken: ${JSON.stringify(verdict, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))}`,
    );
  expect(existsSync(at('scratch'))).toBe(false);
  expect(verdict.why.startsWith(`${path} `)).toBe(true);
  expect(verdict.why).not.toContain('\n');
  return verdict.why.slice(path.length + 1);
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** One entry of a tar and its content, padded; without the two zero blocks at the end. */
function entry(path: string, content: Buffer, type: 'File' | 'SymbolicLink' = 'File'): Buffer {
  const header = new Header({
    path,
    type,
    mode: 0o644,
    size: type === 'File' ? content.length : 0,
    ...(type === 'File' ? {} : { linkpath: content.toString() }),
  });
  const block = Buffer.alloc(512);
  header.encode(block, 0);
  if (type !== 'File') return block;
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
const tar = (...entries: readonly Buffer[]): Buffer => Buffer.concat([...entries, Buffer.alloc(1024)]);

for (const binaries of versions)
  describe(`what etcd ${binaries.name} and its charms make`, () => {
    const saved = (): string => at(`${binaries.name}.db`);
    const live = (): string => at(`live-${binaries.name}`);

    beforeAll(async () => {
      await using member = await SnapshotServer.create(binaries, 20);
      await member.save(saved());
      // What the Python charm does: it copies the database as it lies there.
      await member.server.stop('SIGTERM');
      await cp(join(member.data, 'member/snap/db'), live());
    }, 60_000);

    test('etcdctl snapshot save', async () => {
      const status = await plainStatus(binaries, saved());
      const content = await readFile(saved());
      expect(await good(saved(), binaries)).toMatchObject({
        form: 'db',
        path: saved(),
        hasHash: true,
        revision: BigInt(status.revision),
        totalKeys: status.totalKey,
        hash: status.hash,
        size: content.length,
        sha256: sha256(content),
        manifest: null,
      });
      expect(status.revision).toBe(21);
      expect((await readFile(at('scratch'))).equals(content)).toBe(true);
    });

    test('the copied database without a hash, bare and in both archives of the Python charm', async () => {
      const stage = at(`stage-${binaries.name}`);
      await mkdir(stage);
      await cp(live(), join(stage, 'db'));
      await create({ gzip: true, file: `${stage}.tar.gz`, cwd: stage }, ['.']);
      await create({ file: `${stage}.tar`, cwd: stage }, ['db']);
      const bare = await good(live(), binaries);
      expect(bare).toMatchObject({ form: 'db', hasHash: false, revision: 21n });
      for (const file of [`${stage}.tar.gz`, `${stage}.tar`])
        expect(await good(file, binaries)).toEqual({ ...bare, form: 'archive', path: file });
    });

    test('a bit that is flipped anywhere in what has a hash', async () => {
      const content = await readFile(saved());
      for (const where of [5000, content.length >> 1, content.length - 40, content.length - 1]) {
        const bad = Buffer.from(content);
        bad[where] = (bad[where] ?? 0) ^ 4;
        await writeFile(at('bad.db'), bad);
        expect(await refusal(at('bad.db'), binaries)).toMatch(/^is damaged: the sha256 at its end/);
      }
    });
  });

const newest = versions.at(-1);
const oldest = versions.find(({ name }) => name.startsWith('3.5'));
if (newest !== undefined && oldest !== undefined)
  describe('what is refused, with nothing left behind', () => {
    const saved = (): string => at('saved.db');
    let content: Buffer;

    beforeAll(async () => {
      await using member = await SnapshotServer.create(newest, 40, 4000);
      await member.save(saved());
      content = await readFile(saved());
    }, 60_000);

    const table: Readonly<Record<string, { readonly make: () => Buffer; readonly says: RegExp }>> = {
      'nothing at all': { make: () => Buffer.alloc(0), says: /^is empty/ },
      text: { make: () => Buffer.from('no backup\n'.repeat(100)), says: /^is no etcd database and no archive of one/ },
      'a zip': { make: () => Buffer.from('PK\u0003\u0004'.padEnd(600, 'x')), says: /^is a zip file/ },
      'a snap': { make: () => Buffer.from('hsqs'.padEnd(600, 'x')), says: /^is a snap/ },
      'a short database': { make: () => content.subarray(0, 100), says: /^is truncated/ },
      'a database that is cut off': { make: () => content.subarray(0, -1000), says: /^is truncated/ },
      'one cut off so that its size would do': {
        make: () => content.subarray(0, -32 - 4096 * 4),
        says: /^is truncated/,
      },
      'one cut off to a size with hash': { make: () => content.subarray(0, -4096 * 4), says: /sha256 at its end/ },
      'a page of garbage without a hash': {
        make: () => Buffer.concat([content.subarray(0, 8192), Buffer.alloc(content.length - 8192 - 32, 0xff)]),
        says: /^is damaged: etcd .* says of it/,
      },
      'gzip of text': { make: () => gzipSync('x'.repeat(5000)), says: /^is damaged or no tar|^has no/ },
      'gzip that is cut off': {
        make: () => gzipSync(tar(entry('./db', content))).subarray(0, -200),
        says: /^is truncated/,
      },
      'gzip with a flipped bit': {
        make: () => {
          const whole = gzipSync(tar(entry('./db', content)), { level: 0 });
          whole[whole.length >> 1] = (whole[whole.length >> 1] ?? 0) ^ 1;
          return whole;
        },
        says: /^is damaged/,
      },
      'a tar that is cut off': { make: () => tar(entry('db', content)).subarray(0, -20_000), says: /^is truncated/ },
      'a tar without an end': { make: () => entry('db', content), says: /^is truncated/ },
      'a tar of something else': { make: () => tar(entry('etcd', content)), says: /^has no \.\/db in it/ },
      'v2 keys': {
        make: () => gzipSync(tar(entry('./member/wal/0000000000000000-0000000000000000.wal', content))),
        says: /^is an archive of v2 keys/,
      },
      'a path upwards': { make: () => tar(entry('../db', content)), says: /^has an entry outside/ },
      'an absolute path': { make: () => tar(entry('/etc/passwd', Buffer.from('x'))), says: /^has an entry outside/ },
      'a path upwards in the middle': { make: () => tar(entry('a/../../db', content)), says: /^has an entry outside/ },
      'a link for a database': {
        make: () => tar(entry('./db', Buffer.from('/etc/passwd'), 'SymbolicLink')),
        says: /^has a link/,
      },
      'two databases': { make: () => tar(entry('./db', content), entry('db', content)), says: /^has two databases/ },
      'a manifest of the future': {
        make: () => tar(entry('./db', content), entry('./manifest.json', Buffer.from('{"format":2}'))),
        says: /^has a manifest that this version/,
      },
      'too many entries': {
        make: () => tar(...Array.from({ length: 100 }, (_, index) => entry(`./${index}`, Buffer.from('x')))),
        says: /^has more than 64 entries/,
      },
      'an empty database in a tar': { make: () => tar(entry('./db', Buffer.alloc(0))), says: /^is no etcd database/ },
    };
    for (const [what, { make, says }] of Object.entries(table))
      test(what, async () => {
        await writeFile(at('input'), make());
        expect(await refusal(at('input'), newest)).toMatch(says);
      });

    test('what a newer etcd made, also where only the database says so', async () => {
      expect(await refusal(saved(), oldest)).toMatch(
        new RegExp(`^is of etcd ${newest.name.slice(0, 3)}\\.0, newer than the ${oldest.name}`),
      );
    });

    test('what is not there, no file, or a directory without backups', async () => {
      await mkdir(at('nothing'));
      expect(await refusal(at('missing'), newest)).toBe('is not on this unit.');
      expect(await refusal('/dev/null', newest)).toBe('is neither a file nor a directory.');
      expect(await refusal(at('nothing'), newest)).toBe('is a directory without any backup in it.');
    });

    test('of a directory the newest good one, and why newer ones are passed over', async () => {
      const backups = at('backups');
      await mkdir(backups);
      await cp(saved(), join(backups, 'old.db'));
      await utimes(join(backups, 'old.db'), 1000, 1000);
      await writeFile(join(backups, 'etcd-snapshot-2026-01-02-03.04.05.tar.gz'), gzipSync(tar(entry('./db', content))));
      await writeFile(join(backups, 'etcd-snapshot-2026-01-02-03.04.06.tar.gz'), content.subarray(0, 5000));
      await writeFile(join(backups, '.etcd-snapshot-2026-01-02-03.04.07.tar.gz.1.part'), 'half');
      await symlink('/dev/null', join(backups, 'z.db'));
      const found = await good(backups, newest);
      expect(found.path).toBe(join(backups, 'etcd-snapshot-2026-01-02-03.04.05.tar.gz'));
      expect(found.passedOver).toHaveLength(1);
      expect(found.passedOver[0]).toContain('03.04.06.tar.gz is truncated');
    });

    test('a database for which there is no room', async () => {
      const verdict = await verifyBackup(saved(), { ...options(newest), keepFree: 2 ** 60 });
      expect(verdict).toMatchObject({ good: false, why: expect.stringContaining('MiB are free in') as string });
    });
  });
