import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { etcdVersion } from '../../src/domain/ids';
import { NodeFiles } from '../../src/ports/files-node';
import { ResourceSource } from '../../src/ports/source-resource';
import { etcdBinaries } from '../support/etcd-binaries';

/** The first bytes of an ELF program for a machine (elf.h), enough to be told apart. */
function elf(machine: number, size = 200_000): Buffer {
  const program = Buffer.alloc(size, 1);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(program);
  program.writeUInt16LE(machine, 18);
  return program;
}
const x64 = 62;
const arm64 = 183;

describe('etcd from the resource', () => {
  let directory: string;
  let path: string;
  let source: ResourceSource;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'resource-contract-'));
    path = join(directory, 'etcd.tar.gz');
    source = new ResourceSource(
      { resourceGet: () => Promise.resolve(path) },
      new NodeFiles(),
      join(directory, 'cache'),
      'x64',
    );
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function archive(top: string, programs: Readonly<Record<string, Buffer>>): Promise<void> {
    await mkdir(join(directory, top), { recursive: true });
    for (const [name, content] of Object.entries(programs)) await writeFile(join(directory, top, name), content);
    await create({ file: path, cwd: directory, gzip: true }, [top]);
  }

  test('a release archive: version from its top directory, architecture from the program', async () => {
    await archive('etcd-v3.5.16-linux-amd64', { etcd: elf(x64), etcdctl: elf(x64), 'README.md': Buffer.from('x') });
    const offer = await source.offer();
    expect(offer).toMatchObject({ source: 'resource', version: '3.5.16', architecture: 'x64', problem: null });
    expect(offer?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const target = join(directory, 'target');
    await mkdir(target);
    await source.unpack(etcdVersion('3.5.16'), target);
    expect((await readdir(target)).sort()).toEqual(['etcd', 'etcdctl']);
    expect((await stat(join(target, 'etcd'))).mode & 0o111).not.toBe(0o644);
  });

  test('an empty file is none', async () => {
    await writeFile(path, '');
    expect(await source.offer()).toBeNull();
  });

  test('a resource that cannot be fetched is unknown, not absent', async () => {
    const failing = new ResourceSource(
      { resourceGet: () => Promise.reject(new Error('could not download resource')) },
      new NodeFiles(),
      directory,
      'x64',
    );
    await expect(failing.offer()).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
  });

  test('an old version is offered with its number, for the planner to judge', async () => {
    await archive('etcd-v3.3.27-linux-amd64', { etcd: elf(x64), etcdctl: elf(x64) });
    expect(await source.offer()).toMatchObject({ version: '3.3.27', problem: null });
  });

  test.each([
    [
      'another architecture',
      'is for another architecture: arm64, and this machine is x64',
      { etcd: elf(arm64), etcdctl: elf(arm64) },
    ],
    ['no etcdctl', 'etcdctl', { etcd: elf(x64) }],
    ['no etcd', 'linux-ARCH/etcd ', { etcdctl: elf(x64) }],
    ['a script', 'no Linux program', { etcd: Buffer.from('#!/bin/sh\nexit 0\n'), etcdctl: elf(x64) }],
  ])('%s', async (_, words, programs: Readonly<Record<string, Buffer>>) => {
    await archive('etcd-v3.5.16-linux-amd64', programs);
    expect((await source.offer())?.problem).toContain(words);
    await mkdir(join(directory, 'target'));
    await expect(source.unpack(etcdVersion('3.5.16'), join(directory, 'target'))).rejects.toMatchObject({
      code: 'SOURCE_UNUSABLE',
    });
    expect(await readdir(join(directory, 'target'))).toEqual([]);
  });

  test('an archive with another top directory is no release', async () => {
    await archive('somewhere', { etcd: elf(x64), etcdctl: elf(x64) });
    expect((await source.offer())?.problem).toContain('attach a release archive');
  });

  test.each([0.999, 0.5, 0.01])('cut off at %d of its size', async (part) => {
    const noise = Buffer.concat([
      elf(x64, 64),
      Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251)),
    ]);
    await archive('etcd-v3.5.16-linux-amd64', { etcd: noise, etcdctl: noise });
    await truncate(path, Math.floor((await stat(path)).size * part));
    expect((await source.offer())?.problem).toBe('is truncated: upload it again');
  });

  test('a tar that ends in the middle, compressed whole', async () => {
    await archive('etcd-v3.5.16-linux-amd64', { etcd: elf(x64), etcdctl: elf(x64) });
    const { gunzipSync, gzipSync } = await import('node:zlib');
    const whole = gunzipSync(await readFile(path));
    await writeFile(path, gzipSync(whole.subarray(0, whole.length / 2)));
    expect((await source.offer())?.problem).toContain('truncated');
  });

  test.each([
    ['a snap', Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(100)]), 'is a snap; attach the release archive'],
    ['text', Buffer.from('hello'), 'is not a tar.gz archive'],
    ['one byte', Buffer.from('x'), 'is not a tar.gz archive'],
  ])('%s', async (_, content, words) => {
    await writeFile(path, content);
    expect((await source.offer())?.problem).toContain(words);
  });

  test('gzip of something that is no tar', async () => {
    const { gzipSync } = await import('node:zlib');
    await writeFile(path, gzipSync(Buffer.alloc(5000, 'x')));
    expect((await source.offer())?.problem).not.toBeNull();
  });

  test('a new upload is looked at again, an unchanged one is remembered', async () => {
    await archive('etcd-v3.5.16-linux-amd64', { etcd: elf(x64), etcdctl: elf(x64) });
    const first = await source.offer();
    expect(await source.offer()).toEqual(first);
    await writeFile(path, 'no longer an archive');
    expect((await source.offer())?.problem).toBe('is not a tar.gz archive');
  });

  const real = etcdBinaries().filter(() => process.arch === 'x64');
  if (real.length === 0) console.log('SKIPPED: no release archives here; script/setup makes them');
  (real.length === 0 ? test.skip : test)('the real release archives', async () => {
    for (const { name, archive: file } of real) {
      path = file;
      expect(await source.offer()).toMatchObject({ version: name, architecture: 'x64', problem: null });
    }
  });
});
