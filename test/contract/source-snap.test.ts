import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { etcdVersion } from '../../src/domain/ids';
import { NodeFiles } from '../../src/ports/files-node';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import type { Processes } from '../../src/ports/processes';
import { channelVersion, SnapSource } from '../../src/ports/source-snap';
import { fakeSnap } from '../support/fake-snap';

const info = `channels:
  latest/stable:     3.4.36 2025-01-20 (1234) 20MB -
  latest/candidate:  ↑
  3.5/stable:        3.5.16 2025-01-20 (1235) 21MB -
  3.5/edge:          v3.5.17-rc1 2025-01-21 (1236) 21MB -
  3.2/stable:        –
`;

describe('etcd from a snap channel', () => {
  test.each([
    ['3.5/stable', '3.5.16'],
    ['stable', '3.4.36'],
    ['3.5/edge', '3.5.17'],
    ['3.2/stable', null],
    ['latest/candidate', null],
    ['9.9/stable', null],
  ])('version in channel %s', (channel, version) => {
    expect(channelVersion(info, channel)).toBe(version);
  });

  const tools = ['/usr/bin/mksquashfs', '/usr/bin/unsquashfs'].every((path) => existsSync(path));
  if (!tools) console.log('SKIPPED: no squashfs-tools on this machine');
  (tools ? describe : describe.skip)('against the fake snap (untested on real snapd)', () => {
    let directory: string;
    let channel: string;
    let source: SnapSource;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'snap-contract-'));
      const program = (version: string): string => `#!/bin/sh\necho "etcd Version: ${version}"\n`;
      for (const [name, programs] of [
        ['good', { etcd: program('3.5.16'), etcdctl: program('3.5.16') }],
        ['other', { etcd: program('3.5.99'), etcdctl: program('3.5.99') }],
        ['broken', { etcdctl: program('3.5.16') }],
      ] as const) {
        await mkdir(join(directory, name, 'bin'), { recursive: true });
        for (const [file, text] of Object.entries(programs)) {
          await writeFile(join(directory, name, 'bin', file), text);
          await chmod(join(directory, name, 'bin', file), 0o755);
        }
      }
      const bin = await fakeSnap(directory, {
        channels: {
          '3.5/stable': { version: '3.5.16', root: join(directory, 'good') },
          '3.5/edge': { version: '3.5.16', root: join(directory, 'other') },
          '3.4/stable': { version: '3.4.36', root: join(directory, 'broken') },
        },
      });
      const real = new ExecaProcesses();
      const processes: Processes = {
        run: (name, args, options) =>
          real.run(name, args, { ...options, env: { ...options?.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` } }),
      };
      channel = '3.5/stable';
      source = new SnapSource(processes, new NodeFiles(), join(directory, 'cache'), 'x64', () =>
        Promise.resolve(channel),
      );
      await mkdir(join(directory, 'target'));
    });
    afterEach(() => rm(directory, { recursive: true, force: true }));

    test('what the channel has is what is unpacked, and nothing is left', async () => {
      expect(await source.offer()).toEqual({
        source: 'snap',
        version: '3.5.16',
        architecture: 'x64',
        sha256: null,
        problem: null,
      });
      await source.unpack(etcdVersion('3.5.16'), join(directory, 'target'));
      expect((await readdir(join(directory, 'target'))).sort()).toEqual(['etcd', 'etcdctl']);
      expect(await readdir(join(directory, 'cache'))).toEqual([]);
    });

    test('a channel without a release is told in words', async () => {
      channel = '9.9/stable';
      expect((await source.offer())?.problem).toBe('has no release in the channel 9.9/stable: see "snap info etcd"');
      const unpacking = source.unpack(etcdVersion('3.5.16'), join(directory, 'target'));
      await expect(unpacking).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    });

    test.each([
      ['3.5/edge', 'now has etcd 3.5.99, not 3.5.16'],
      ['3.4/stable', 'has no bin/etcd'],
    ])('a snap in %s that is not what was offered', async (other, words) => {
      channel = other;
      const unpacking = source.unpack(etcdVersion('3.5.16'), join(directory, 'target'));
      await expect(unpacking).rejects.toMatchObject({
        code: 'SOURCE_UNUSABLE',
        message: expect.stringContaining(words) as string,
      });
      expect(await readdir(join(directory, 'cache'))).toEqual([]);
    });
  });

  test('without snapd it is unreachable, and says what to do', async () => {
    const missing = { run: () => Promise.reject(new Error('snap info etcd: is not installed on this machine')) };
    const source = new SnapSource(missing, new NodeFiles(), tmpdir(), 'x64', () => Promise.resolve('3.5/stable'));
    await expect(source.offer()).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('set channel=auto') as string,
    });
  });
});
