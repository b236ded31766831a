import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackagingUnit } from '../support/packaging-unit';
import { TestAuthority } from '../support/pki';

// Keys are made for each test; a loaded machine takes its time.
jest.setTimeout(60_000);

const ca = new TestAuthority();
const client = ca.issue({ commonName: 'client', usages: ['clientAuth'] });

let unit: PackagingUnit;
beforeEach(() => {
  unit = new PackagingUnit(ca.certificate, client);
});
afterEach(() => rmSync(unit.root, { recursive: true, force: true }));

const text = (...parts: string[]): string => readFileSync(join(...parts), 'utf8');

describe('the archive', () => {
  test('has key, certificate, CA, README and settings, readable by the owner only', async () => {
    const { failure, results } = await unit.run();
    expect(failure).toBeNull();
    expect(unit.home()).toEqual(['etcd_client_credentials.tar.gz']);
    expect(statSync(join(unit.paths.home, 'etcd_client_credentials.tar.gz')).mode & 0o777).toBe(0o600);
    const directory = unit.unpack('etcd_client_credentials.tar.gz');
    expect(readdirSync(directory).sort()).toEqual(['README.txt', 'ca.crt', 'client.crt', 'client.key', 'etcdctl.env']);
    for (const name of readdirSync(directory))
      expect([name, statSync(join(directory, name)).mode & 0o777]).toEqual([name, 0o600]);
    const bare = (pem: string): string => pem.replaceAll('\r\n', '\n').trim();
    expect(bare(text(directory, 'client.crt'))).toBe(bare(client.certificate));
    expect(bare(text(directory, 'client.key'))).toBe(bare(client.key));
    expect(bare(text(directory, 'ca.crt'))).toBe(bare(ca.certificate));
    expect(results).toMatchObject({
      status: 'packaged',
      path: join(unit.paths.home, 'etcd_client_credentials.tar.gz'),
      'common-name': 'client',
      command: `juju scp etcd/0:${join(unit.paths.home, 'etcd_client_credentials.tar.gz')} .`,
      copy: { cmd: `juju scp etcd/0:${join(unit.paths.home, 'etcd_client_credentials.tar.gz')} .` },
    });
    expect(Date.parse(results['expiry'] as string)).toBe(Date.parse(new X509Certificate(client.certificate).validTo));
  });

  test('by the name of the Python charm it has the directory of that name', async () => {
    await unit.run('package-client-credentials');
    expect(unit.home()).toEqual(['etcd_credentials.tar.gz']);
    const directory = unit.unpack('etcd_credentials.tar.gz');
    expect(readdirSync(directory)).toEqual(['etcd_credentials']);
    expect(statSync(join(directory, 'etcd_credentials')).mode & 0o777).toBe(0o700);
    expect(existsSync(join(directory, 'etcd_credentials', 'client.key'))).toBe(true);
  });

  test('the README names nothing of the unit: no directory of its own, and no port that is not the members’', async () => {
    unit.clientUrls = [1, 2, 3].map((number) => `https://10.0.0.${number}:4443`);
    await unit.run('package-client-credentials');
    const directory = join(unit.unpack('etcd_credentials.tar.gz'), 'etcd_credentials');
    const readme = text(directory, 'README.txt');
    for (const word of [unit.root, process.cwd(), '/home', '/root', '$(', '2379', '{ip'])
      expect(readme).not.toContain(word);
    for (const url of unit.clientUrls) expect(readme).toContain(url);
    expect(readme).toContain('juju run etcd/0 package-client-credentials');
    expect(text(directory, 'etcdctl.env')).not.toContain('2379');
  });

  test('a killed write before it left secrets behind: they are removed', async () => {
    const remains = join(unit.paths.home, '.etcd_client_credentials.tar.gz.4711.new');
    writeFileSync(remains, 'secret', { mode: 0o600 });
    writeFileSync(join(unit.paths.home, '.profile'), '');
    await unit.run();
    expect(unit.home()).toEqual(['.profile', 'etcd_client_credentials.tar.gz']);
  });
});

describe('the settings, sourced', () => {
  const shells = [
    ['bash', 'from anywhere'],
    ['zsh', 'from anywhere'],
    ['dash', 'in its directory'],
  ] as const;
  const wanted = (directory: string): Record<string, string> => ({
    ETCDCTL_API: '3',
    ETCDCTL_CACERT: join(directory, 'ca.crt'),
    ETCDCTL_CERT: join(directory, 'client.crt'),
    ETCDCTL_KEY: join(directory, 'client.key'),
    ETCDCTL_ENDPOINTS: 'https://10.0.0.1:2379,https://10.0.0.2:2379,https://10.0.0.3:2379',
  });
  function source(
    shell: string,
    file: string,
    cwd: string,
  ): { status: number | null; env: Record<string, string>; stderr: string } {
    const script = `set -eu; . "${file}"; env -0`;
    const env = { PATH: process.env['PATH'] ?? '' };
    const { status, stdout, stderr } = spawnSync(shell, ['-c', script], { cwd, env, encoding: 'utf8' });
    const entries = stdout.split('\0').map((line) => line.split(/=(.*)/s) as [string, string]);
    return {
      status,
      stderr,
      env: Object.fromEntries(entries.filter(([name]) => name.startsWith('ETCDCTL_') || name === 'etcd_credentials')),
    };
  }

  for (const [shell, where] of shells) {
    const there = spawnSync(shell, ['-c', 'true']).status === 0;
    if (!there) console.warn(`SKIPPED: no ${shell} here`);
    (there ? test : test.skip)(`${shell}: ${where}, relative to where it is unpacked`, async () => {
      await unit.run();
      const directory = unit.unpack('etcd_client_credentials.tar.gz');
      expect(source(shell, './etcdctl.env', directory)).toMatchObject({ status: 0, env: wanted(directory) });
      expect(source(shell, './etcdctl.env', directory).env['etcd_credentials']).toBeUndefined();
      if (where === 'in its directory') {
        const elsewhere = source(shell, join(directory, 'etcdctl.env'), '/');
        expect(elsewhere.status).not.toBe(0);
        expect(elsewhere.stderr).toContain('change into the directory');
      } else {
        for (const [file, cwd] of [
          [join(directory, 'etcdctl.env'), '/'],
          ['fetched here/etcdctl.env', unit.root],
          ['../fetched here/etcdctl.env', directory],
        ] as const)
          expect(source(shell, file, cwd)).toMatchObject({ status: 0, env: wanted(directory) });
      }
    });
  }

  test('what a member calls itself is text, not a command', async () => {
    unit.clientUrls = ["https://a';touch stolen;'", 'https://$(touch stolen)', 'https://`touch stolen`'];
    await unit.run();
    const directory = unit.unpack('etcd_client_credentials.tar.gz');
    const { env, status } = source('bash', './etcdctl.env', directory);
    expect(status).toBe(0);
    expect(env['ETCDCTL_ENDPOINTS']?.split(',').sort()).toEqual([...unit.clientUrls].sort());
    expect(existsSync(join(directory, 'stolen'))).toBe(false);
  });
});
