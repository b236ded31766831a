import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import type { BackupVerdict } from '../../src/domain/backup';
import { url } from '../../src/domain/ids';
import { prepareRestore, type Preparation } from '../../src/execute/prepare-restore';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { revisionOf, SnapshotTool } from '../../src/ports/snapshot-tool';
import { etcdBinaries, type EtcdBinaries } from '../support/etcd-binaries';
import { plainStatus, SnapshotServer } from '../support/snapshots';

jest.setTimeout(60_000);
const versions = etcdBinaries();
if (versions.length === 0) test.skip('needs release archives of etcd (script/etcd-binaries)', () => undefined);

describe.each(versions)('etcd $name: a backup is verified while the data are made of it', (binaries: EtcdBinaries) => {
  let directory: string;
  let saved: string;
  const at = (name: string): string => join(directory, name);
  const paths = (): ReturnType<typeof makePaths> => makePaths(at('root'));
  const made = (): string => join(paths().recreation.data, 'member/snap/db');
  const scratch = (): string => paths().recreation.db('scratch');

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'prepare-restore-'));
    saved = at('saved.db');
    await mkdir(paths().recreation.directory, { recursive: true });
    await using member = await SnapshotServer.create(binaries, 20);
    await member.save(saved);
    await member.server.stop('SIGTERM');
    await cp(join(member.data, 'member/snap/db'), at('live.db'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const prepare = (source: string, more: Partial<Preparation> = {}, bump = false): Promise<BackupVerdict> => {
    const processes = new ExecaProcesses();
    const tool = new SnapshotTool(processes, binaries.directory, binaries.name);
    const target = { recreation: { token: 'etcd-2', bump }, name: 'etcd0', peerUrl: url('https://127.0.0.1:1') };
    return prepareRestore(
      { source, scratch: scratch(), tool, target, room: () => Promise.resolve(null), ...more },
      { files: new NodeFiles(), paths: paths(), processes, owner: null },
    );
  };

  test('one that ends with its hash is not copied', async () => {
    const rooms: number[] = [];
    const room = (bytes: number): Promise<null> => {
      rooms.push(bytes);
      expect(existsSync(scratch())).toBe(false);
      return Promise.resolve(null);
    };
    const status = await plainStatus(binaries, saved);
    const size = (await readFile(saved)).length;
    expect(await prepare(saved, { room })).toMatchObject({
      ...{ good: true, form: 'db', hasHash: true, size, revision: BigInt(status.revision) },
      ...{ totalKeys: status.totalKey, hash: status.hash },
    });
    expect(rooms).toEqual([size]);
    expect(await revisionOf(made())).toBe(BigInt(status.revision));
  });

  test('an archive of one without hash leaves only the data', async () => {
    await mkdir(at('stage'), { recursive: true });
    await cp(at('live.db'), at('stage/db'));
    await create({ gzip: true, file: at('python.tar.gz'), cwd: at('stage') }, ['.']);
    expect(await prepare(at('python.tar.gz'))).toMatchObject({ good: true, form: 'archive', hasHash: false });
    expect([existsSync(made()), existsSync(scratch())]).toEqual([true, false]);
  });

  test('a single bit is found out, and what was made is gone', async () => {
    const content = await readFile(saved);
    // In the value of a key: all pages are as they should be.
    const place = content.indexOf('7 7 7 7');
    content[place] = (content[place] ?? 0) ^ 1;
    await writeFile(at('flipped.db'), content);
    expect(await prepare(at('flipped.db'))).toEqual({
      good: false,
      why: `${at('flipped.db')} is damaged: the sha256 at its end is not that of its content.`,
    });
    expect([existsSync(paths().recreation.data), existsSync(scratch())]).toEqual([false, false]);
  });

  test('what is no backup, or does not fit, leaves nothing behind', async () => {
    await writeFile(at('text.db'), 'x'.repeat(5 * 512 + 32));
    expect(await prepare(at('text.db'))).toMatchObject({ good: false });
    const room = (): Promise<string> => Promise.resolve('cannot be restored: there is no room');
    expect(await prepare(saved, { room })).toEqual({
      good: false,
      why: `${saved} cannot be restored: there is no room.`,
    });
    expect(await prepare(at('live.db'), { room })).toMatchObject({ good: false });
    expect([existsSync(paths().recreation.data), existsSync(scratch())]).toEqual([false, false]);
  });

  test('a file that changes meanwhile is refused', async () => {
    const file = at('changing.db');
    await cp(saved, file);
    await using other = await SnapshotServer.create(binaries, 30);
    await other.save(at('other.db'));
    // etcd's tool may have read it before or after; the database behind it is another one at the end.
    const processes = new ExecaProcesses();
    const real = new SnapshotTool(processes, binaries.directory, binaries.name);
    const tool = Object.create(real, {
      status: { value: () => real.status(at('other.db')) },
    }) as SnapshotTool;
    const verdict = await prepare(file, { tool });
    expect(verdict).toMatchObject({ good: false, why: expect.stringMatching(/was it changed meanwhile/) as string });
    expect(existsSync(paths().recreation.data)).toBe(false);
  });

  test('also those of a store that has no record', async () => {
    const tool = new SnapshotTool(new ExecaProcesses(), binaries.directory, binaries.name);
    await using empty = await SnapshotServer.create(binaries, 0);
    await empty.save(at('empty.db'));
    const bump = await tool.canBump();
    expect(await prepare(at('empty.db'), {}, bump)).toMatchObject({ good: true, revision: 1n });
    expect(await revisionOf(made())).toBe(bump ? 1_000_000_000n : 1n);
  });

  test('revisions go on far above, where this version can', async () => {
    const tool = new SnapshotTool(new ExecaProcesses(), binaries.directory, binaries.name);
    const bump = await tool.canBump();
    expect(await prepare(saved, {}, bump)).toMatchObject({ good: true });
    expect(await revisionOf(made())).toBeGreaterThanOrEqual(bump ? 1_000_000_021n : 21n);
  });
});
