import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { etcdVersion } from '../../src/domain/ids';
import { NodeFiles } from '../../src/ports/files-node';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { AptSource, candidate, upstreamVersion } from '../../src/ports/source-apt';

describe('etcd from apt', () => {
  test.each([
    ['3.5.16-4', '3.5.16'],
    ['1:3.4.23+dfsg-4+b4', '3.4.23'],
    ['3.3.25+dfsg-7ubuntu0.22.04.1', '3.3.25'],
    ['unreadable', null],
  ])('upstream version of %s', (debian, upstream) => {
    expect(upstreamVersion(debian)).toBe(upstream);
  });

  test.each([
    ['etcd-server:\n  Installed: (none)\n  Candidate: 3.4.23-4+b4\n  Version table:\n', '3.4.23-4+b4'],
    ['etcd-server:\n  Installed: (none)\n  Candidate: (none)\n', null],
    ['', null],
  ])('candidate in apt-cache policy', (policy, version) => {
    expect(candidate(policy)).toBe(version);
  });

  // Downloads and unpacks with the machine's real apt; installs nothing.
  const withApt = process.getuid?.() === 0 && process.env['OFFLINE'] === undefined;
  if (!withApt) console.log('SKIPPED: the real apt needs root and a network');
  (withApt ? test : test.skip)(
    'the real apt: what it offers is what is unpacked, and nothing is left or installed',
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'apt-contract-'));
      try {
        const processes = new ExecaProcesses();
        const source = new AptSource(processes, new NodeFiles(), join(directory, 'cache'), process.arch);
        const offer = await source.offer();
        expect(offer).toMatchObject({ source: 'apt', problem: null, architecture: process.arch });
        const version = offer?.version ?? etcdVersion('0.0.0');
        const target = join(directory, 'target');
        await mkdir(target);
        await source.unpack(version, target);
        expect(await readdir(target)).toEqual(expect.arrayContaining(['etcd', 'etcdctl']));
        expect((await stat(join(target, 'etcd'))).mode & 0o777).toBe(0o755);
        const { stdout } = await processes.run(join(target, 'etcd'), ['--version']);
        expect(stdout).toContain(`etcd Version: ${version}`);
        expect(await readdir(join(directory, 'cache'))).toEqual([]);
        const installed = await processes.run('dpkg-query', ['-W', 'etcd-server'], { allowFailure: true });
        expect(installed.exitCode).not.toBe(0);

        await mkdir(join(directory, 'other'));
        await expect(source.unpack(etcdVersion('1.2.3'), join(directory, 'other'))).rejects.toMatchObject({
          code: 'SOURCE_UNUSABLE',
        });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    120_000,
  );

  test('apt that fails is unreachable, never "no etcd"', async () => {
    const failing = { run: () => Promise.reject(new Error('Temporary failure resolving')) };
    const source = new AptSource(failing, new NodeFiles(), tmpdir(), 'x64');
    await expect(source.offer()).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
  });
});
