import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { etcdBinaries, supportedMinors } from '../support/etcd-binaries';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';

const suite = lightSuite('client credentials');
jest.setTimeout(180_000);
let outside: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'outside-'));
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

type Results = Readonly<Record<string, unknown>>;

async function run(
  model: LightModel,
  name: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<Results> {
  const { status, results, message } = await model.emulator.runAction('etcd/0', name, parameters);
  expect([status, message]).toEqual(['completed', '']);
  return results;
}

/** Copies a package out of the unit and unpacks it, as the action's output says. */
function fetch(results: Results, into: string): string {
  const directory = join(outside, into);
  mkdirSync(directory);
  const path = String(results['path']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  execFileSync('cp', [path, outside]);
  execFileSync('tar', ['-xzf', join(outside, basename(path)), '-C', directory]);
  return directory;
}

/** Runs etcdctl with nothing but the package's settings. */
function etcdctl(program: string, settings: string, ...args: string[]): string {
  const command = `. '${settings}' && exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command, program, ...args], {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
    encoding: 'utf8',
  });
  expect([program, args, status, stderr.split('\n').filter((line) => /error|Error|panic/.test(line))]).toEqual([
    program,
    args,
    0,
    [],
  ]);
  return stdout;
}

test('credentials fetched from a unit work outside with etcdctl of each version, also for a client with its own name', async () => {
  await using model = await suite.model();
  await model.explain('credentials', async () => {
    await model.deploy(3);
    await model.healthy(3);
    const refused = await model.emulator.runAction('etcd/0', 'generate-client-certificates');
    expect(refused).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('There is no directory') as string,
    });
    mkdirSync(join(model.root('etcd/0'), 'home/ubuntu'), { recursive: true });

    const shared = await run(model, 'generate-client-certificates');
    const urls = model.units().map((unit) => model.endpoint(unit));
    expect(shared['endpoints']).toBe(urls.sort().join());
    const first = fetch(shared, 'shared');
    const old = join(fetch(await run(model, 'package-client-credentials'), 'old name'), 'etcd_credentials');

    // A client with its own name: asked for, answered in a hook of the authority, collected.
    const named = { 'common-name': 'backup', sans: 'backup.example' };
    const asked = await run(model, 'generate-client-certificates', named);
    expect(asked).toMatchObject({ status: 'pending' });
    expect(asked['path']).toBeUndefined();
    await model.emulator.settle();
    const collected = await run(model, 'generate-client-certificates', named);
    expect(collected).toMatchObject({ status: 'packaged', 'common-name': 'backup' });
    const own = fetch(collected, 'own name');
    const certificate = new X509Certificate(readFileSync(join(own, 'client.crt')));
    expect(certificate.subject).toBe('CN=backup');
    expect(readFileSync(join(own, 'client.key'), 'utf8')).not.toBe(readFileSync(join(first, 'client.key'), 'utf8'));

    const versions = supportedMinors.flatMap(
      (minor) => etcdBinaries().find(({ name }) => name.startsWith(`${minor}.`)) ?? [],
    );
    for (const minor of supportedMinors)
      if (!versions.some(({ name }) => name.startsWith(`${minor}.`))) console.warn(`SKIPPED: no etcdctl ${minor} here`);
    expect(versions.length).toBeGreaterThan(0);
    for (const { name, directory } of versions)
      for (const unpacked of [first, old, own]) {
        const program = join(directory, 'etcdctl');
        const settings = join(unpacked, 'etcdctl.env');
        const key = `/${name}/${basename(unpacked)}`;
        etcdctl(program, settings, 'put', key, 'value');
        expect(etcdctl(program, settings, 'get', key, '--print-value-only').trim()).toBe('value');
        expect(etcdctl(program, settings, 'member', 'list').trim().split('\n')).toHaveLength(3);
        const health = etcdctl(program, settings, 'endpoint', 'health', '--write-out=json');
        expect((JSON.parse(health) as { health: boolean }[]).map((each) => each.health)).toEqual([true, true, true]);
      }

    // No secret anywhere but in the package.
    const secrets = [first, own].map(
      (unpacked) => readFileSync(join(unpacked, 'client.key'), 'utf8').split('\n')[2] ?? '',
    );
    const told = JSON.stringify([model.steps('etcd/0'), model.emulator.log(), shared, asked, collected]);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(30);
      expect(told).not.toContain(secret);
    }
    await model.expectAtRest();
  });
});

test('an authority that takes CSRs puts the SANs into the certificate of a named client, and never sees its key', async () => {
  await using model = await suite.model();
  await model.explain('credentials by CSR', async () => {
    await model.deploy(1, [], 'local-ca');
    await model.healthy(1);
    mkdirSync(join(model.root('etcd/0'), 'home/ubuntu'), { recursive: true });
    const named = { 'common-name': 'backup', sans: 'backup.example,10.0.0.7' };
    expect(await run(model, 'package-client-credentials', named)).toMatchObject({ status: 'pending' });
    await model.healthy(1);
    const collected = await run(model, 'package-client-credentials', named);
    expect(collected).toMatchObject({ status: 'packaged', 'common-name': 'backup' });
    expect(collected['output']).not.toContain('SANs');
    const own = join(fetch(collected, 'by CSR'), 'etcd_credentials');
    const certificate = new X509Certificate(readFileSync(join(own, 'client.crt')));
    expect(certificate.subjectAltName).toContain('backup.example');
    const key = readFileSync(join(own, 'client.key'), 'utf8');
    const bags = JSON.stringify(
      Object.values(model.emulator.world.relations).map(({ appBags, unitBags }) => [appBags, unitBags]),
    );
    expect(bags).not.toContain(key.split('\n')[2]);
    const [binaries] = etcdBinaries().filter(({ name }) => name.startsWith('3.5.'));
    const program = join(binaries?.directory ?? '', 'etcdctl');
    etcdctl(program, join(own, 'etcdctl.env'), 'put', '/by/csr', 'value');
    const p12 = await run(model, 'package-client-credentials', { ...named, format: 'p12' });
    const { path: password } = p12['password'] as { path: string };
    const shown = execFileSync(
      'openssl',
      ['pkcs12', '-in', String(p12['path']), '-passin', `file:${password}`, '-nokeys'],
      {
        encoding: 'utf8',
      },
    );
    expect(shown).toMatch(/subject=.*CN ?= ?backup/);
    await model.expectAtRest();
  });
});

test('killed at each of its steps and run again, the action asks and packages as if nothing had been', async () => {
  await using model = await suite.model();
  await model.explain('killed credentials', async () => {
    const file = 'home/ubuntu/etcd_client_credentials-backup.tar.gz';
    const points = ['after request-client-certificate', `file ${file}`, 'after package-credentials'].map((label) => ({
      unit: 'etcd/0',
      label,
      occurrence: 1,
    }));
    await model.deploy(1, points);
    await model.healthy(1);
    mkdirSync(join(model.root('etcd/0'), 'home/ubuntu'), { recursive: true });
    const named = { 'common-name': 'backup' };
    const statuses: unknown[] = [];
    for (let round = 0; round < 5; round += 1) {
      const { status, results } = await model.emulator.runAction('etcd/0', 'generate-client-certificates', named);
      statuses.push(status === 'completed' ? results['status'] : status);
      await model.emulator.settle();
    }
    // What the killed request had written was dropped with it.
    expect(statuses).toEqual(['failed', 'pending', 'failed', 'failed', 'packaged']);
    expect(model.struck()).toEqual(points);
    expect(readdirSync(join(model.root('etcd/0'), 'home/ubuntu'))).toEqual([basename(file)]);
    const unpacked = fetch({ path: join(model.root('etcd/0'), file) }, 'after kills');
    const [binaries] = etcdBinaries().filter(({ name }) => name.startsWith('3.5.'));
    etcdctl(join(binaries?.directory ?? '', 'etcdctl'), join(unpacked, 'etcdctl.env'), 'put', '/after/kills', 'value');
    await model.expectAtRest();
  });
});
