import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PackagingUnit } from '../support/packaging-unit';
import { TestAuthority } from '../support/pki';

// Keys are made for each test; a loaded machine takes its time.
jest.setTimeout(60_000);

const ca = new TestAuthority();
const client = ca.issue({ commonName: 'client', usages: ['clientAuth'] });
const alice = ca.issue({ commonName: 'alice', usages: ['clientAuth'] });

let unit: PackagingUnit;
beforeEach(() => {
  unit = new PackagingUnit(ca.certificate, client);
});
afterEach(() => rmSync(unit.root, { recursive: true, force: true }));

const generate = (parameters: Readonly<Record<string, string>> = {}) =>
  unit.run('generate-client-certificates', parameters);
const named = (parameters: Readonly<Record<string, string>> = {}) =>
  generate({ 'common-name': 'alice', ...parameters });

describe('a client with a name of its own', () => {
  test('is asked for, is pending, and is collected when the action is run again', async () => {
    const asked = await named({ sans: 'b.example,a.example' });
    expect(asked.failure).toBeNull();
    const request = { commonName: 'alice', sans: ['a.example', 'b.example'] };
    expect(unit.performed).toEqual([
      { kind: 'request-client-certificate', relationId: 'certificates:1', request, replaced: null },
    ]);
    const again = 'juju run etcd/0 generate-client-certificates common-name=alice sans=a.example,b.example';
    expect(asked.results).toMatchObject({ status: 'pending', 'common-name': 'alice', command: again });
    expect(asked.results['output']).toContain(again);

    unit.answer = { state: 'pending' };
    const waiting = await named();
    expect(waiting.results).toMatchObject({
      status: 'pending',
      output: expect.stringContaining('not answered yet') as string,
    });
    expect(unit.performed).toHaveLength(1);
    expect(unit.home()).toEqual([]);

    unit.answered(alice);
    const collected = await named({ sans: 'b.example' });
    expect(collected.failure).toBeNull();
    expect(collected.results).toMatchObject({ status: 'packaged', 'common-name': 'alice' });
    expect(collected.results['output']).toContain('The authority put these SANs not into the certificate: b.example.');
    expect(unit.home()).toEqual(['etcd_client_credentials-alice.tar.gz']);
    const directory = unit.unpack('etcd_client_credentials-alice.tar.gz');
    expect(new X509Certificate(readFileSync(join(directory, 'client.crt'))).subject).toBe('CN=alice');
    expect(readFileSync(join(directory, 'README.txt'), 'utf8')).toContain(
      'generate-client-certificates common-name=alice',
    );
  });

  test('what was revoked is asked for anew, with another key', async () => {
    unit.answer = { state: 'revoked', signing: { id: 'one', since: 1 } };
    expect((await named()).results).toMatchObject({ status: 'pending' });
    expect(unit.performed).toMatchObject([{ kind: 'request-client-certificate', replaced: 'one' }]);
    unit.answer = { state: 'revoked', signing: { id: 'two', since: Date.now() } };
    expect((await named()).results).toMatchObject({ status: 'pending' });
    expect(unit.performed).toHaveLength(1);
  });

  test('what ends soon is asked for anew where this unit makes the keys', async () => {
    const old = Date.now() - 29 * 24 * 3600 * 1000;
    unit.answered(ca.issue({ commonName: 'alice', usages: ['clientAuth'], days: 0.2 }), {
      signing: { id: 'one', since: old },
    });
    expect((await named()).results).toMatchObject({
      status: 'pending',
      output: expect.stringContaining('ends soon') as string,
    });
    expect(unit.performed).toMatchObject([{ kind: 'request-client-certificate', replaced: 'one' }]);
  });

  test('Juju 2.9 is told its own words', async () => {
    unit.jujuVersion = '2.9.52';
    const { results } = await named({ sans: '*.example', format: 'p12' });
    expect(results['command']).toBe(
      "juju run-action --wait etcd/0 generate-client-certificates common-name=alice 'sans=*.example' format=p12",
    );
  });

  test('two clients have two packages, and neither has the key of the other', async () => {
    unit.answered(alice);
    await named();
    await generate();
    expect(unit.home()).toEqual(['etcd_client_credentials-alice.tar.gz', 'etcd_client_credentials.tar.gz']);
    const keys = unit
      .home()
      .map((file) =>
        execFileSync('tar', ['-xzOf', join(unit.paths.home, file), 'client.key'], { encoding: 'utf8' }).replaceAll(
          /\s/g,
          '',
        ),
      );
    expect(keys).toEqual([alice.key, client.key].map((key) => key.replaceAll(/\s/g, '')));
  });

  test.each([
    [
      'without a key that fits',
      () => unit.answered({ ...alice, key: client.key }),
      'does not belong to its private key',
    ],
    [
      'expired',
      () => unit.answered(ca.issue({ commonName: 'alice', usages: ['clientAuth'], days: -1 })),
      /expired on .*choose another common-name/,
    ],
    [
      'for servers only',
      () => unit.answered(ca.issue({ commonName: 'alice', usages: ['serverAuth'] })),
      'extended key usage',
    ],
    ['of a server', () => unit.answered(ca.issue({ commonName: 'alice' })), 'certificate of a server'],
    [
      'of another client',
      () => unit.answered(ca.issue({ commonName: 'bob', usages: ['clientAuth'] })),
      'bob instead of alice',
    ],
    [
      'of an authority that the members do not trust',
      () => {
        const other = new TestAuthority('other');
        unit.answered(other.issue({ commonName: 'alice', usages: ['clientAuth'] }), { ca: other.certificate });
      },
      'signed by another authority',
    ],
  ])('a certificate %s is not handed out', async (_, answer, words) => {
    answer();
    const { failure } = await named();
    expect(failure).toMatch(words);
    expect(unit.home()).toEqual([]);
  });

  test('with the CSR dialect a certificate that is good for servers, too, is the client’s own', async () => {
    unit.answered(ca.issue({ commonName: 'alice' }), { signing: { id: 'one', since: Date.now() } });
    expect((await named()).failure).toBeNull();
  });
});

describe('refused, with nothing written and nothing asked', () => {
  test.each([
    ['a format', { format: 'zip' }, 'choose tar'],
    ['a name', { 'common-name': 'a/b' }, 'letters, digits'],
    ['SANs without a name', { sans: 'b.example' }, 'give a common-name'],
    ['the shared name', { 'common-name': 'client' }, 'leave common-name out'],
  ])('%s', async (_, parameters, words) => {
    const { failure } = await generate(parameters);
    expect(failure).toContain(words);
    expect([unit.home(), unit.performed]).toEqual([[], []]);
  });

  test('no authority is related', async () => {
    unit.relationId = null;
    expect((await named()).failure).toMatch(/^This unit is related to no certificate authority .*juju integrate/);
    expect(unit.performed).toEqual([]);
    // The shared certificate is there all the same.
    expect((await generate()).failure).toBeNull();
  });

  test.each(['ca', 'clientCertificate', 'clientKey'] as const)(
    '%s is missing on the unit: no silent success',
    async (missing) => {
      rmSync(unit.paths.pki[missing]);
      const { failure } = await unit.run('package-client-credentials');
      expect(failure).toMatch(
        missing === 'clientKey' ? /does not belong to its private key/ : /There are no certificates/,
      );
      expect(unit.home()).toEqual([]);
    },
  );

  test('the shared certificate has expired', async () => {
    unit.install(ca.issue({ commonName: 'client', usages: ['clientAuth'], days: -1 }), ca.certificate);
    expect((await generate()).failure).toMatch(/expired on/);
    expect(unit.home()).toEqual([]);
  });

  test('the home is missing', async () => {
    rmSync(unit.paths.home, { recursive: true });
    const { failure } = await generate();
    expect(failure).toContain(`There is no directory ${unit.paths.home}`);
    expect(failure).toContain('install -d -o ubuntu');
    expect(readdirSync(join(unit.root)).includes('home')).toBe(true);
    expect(unit.performed).toEqual([]);
  });

  test('the disk is full', async () => {
    const { failure } = await unit.run('generate-client-certificates', {}, { freeBytes: () => Promise.resolve(4096) });
    expect(failure).toMatch(/^The disk of .* is full: free at least 1 MiB/);
    expect(unit.performed).toEqual([]);
  });
});
