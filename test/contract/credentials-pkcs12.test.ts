import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PackagingUnit } from '../support/packaging-unit';
import { certificateFacts } from '../../src/ports/certificate-facts';
import { TestAuthority, type Issued } from '../support/pki';

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

describe('PKCS#12', () => {
  const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' });

  test('openssl reads key, certificate and CA with the password beside it', async () => {
    const { results, failure } = await unit.run('generate-client-certificates', { format: 'p12' });
    expect(failure).toBeNull();
    const [file, password] = unit.home().map((name) => join(unit.paths.home, name));
    expect(unit.home()).toEqual(['etcd_client_credentials.p12', 'etcd_client_credentials.p12.password']);
    for (const path of [file, password]) expect(statSync(path ?? '').mode & 0o777).toBe(0o600);
    const open = (...args: string[]): string =>
      openssl('pkcs12', '-in', file ?? '', '-passin', `file:${password ?? ''}`, ...args);
    const key = open('-nocerts', '-nodes');
    const certificate = open('-nokeys', '-clcerts');
    expect(new X509Certificate(certificate.slice(certificate.indexOf('-----BEGIN'))).fingerprint256).toBe(
      new X509Certificate(client.certificate).fingerprint256,
    );
    expect(open('-nokeys', '-cacerts')).toMatch(/CN ?= ?test authority/);
    const facts = certificateFacts(client.certificate, key.slice(key.indexOf('-----BEGIN')), ca.certificate);
    expect(facts.keyMatches).toBe(true);
    expect(spawnSync('openssl', ['pkcs12', '-in', file ?? '', '-passin', 'pass:wrong', '-noout']).status).not.toBe(0);
    // The password is in the results by the name of its file only.
    const secret = text(password ?? '').trim();
    expect(secret).toMatch(/^secret-/);
    expect(JSON.stringify(results)).not.toContain(secret);
    expect(results).toMatchObject({
      password: { path: password },
      command: `juju scp etcd/0:${file} etcd/0:${password} .`,
    });
  });

  test('a key that is not RSA is refused, and nothing is written', async () => {
    const { issued, issuer } = ellipticClient();
    unit.install(issued, issuer);
    await expect(unit.run('generate-client-certificates', { format: 'p12' })).rejects.toThrow(/not RSA.*format=tar/);
    expect(unit.home()).toEqual([]);
    expect((await unit.run()).failure).toBeNull();
  });

  test('a disk that fills up leaves no file beside the password of another', async () => {
    await unit.run('generate-client-certificates', { format: 'p12' });
    const full = unit.run(
      'generate-client-certificates',
      { format: 'p12' },
      {
        writeAtomic: (path, content, options) =>
          path.endsWith('.password')
            ? unit.files.writeAtomic(path, content, options)
            : Promise.reject(new Error('No space left on the disk')),
      },
    );
    await expect(full).rejects.toThrow('No space left');
    expect(unit.home()).toEqual(['etcd_client_credentials.p12.password']);
  });

  test.each(['tar', 'p12'])(
    '%s: killed before each of its effects and run again, the package is whole',
    async (format) => {
      await unit.run('generate-client-certificates', { format });
      for (let killAt = 1, killed = true; killed; killAt += 1) {
        killed = false;
        let effects = 0;
        const dying = <T>(effect: () => Promise<T>, path: string): Promise<T> => {
          effects += 1;
          if (effects < killAt) return effect();
          killed = true;
          // What a write that was killed leaves.
          writeFileSync(join(unit.paths.home, `.${basename(path)}.${killAt}.new`), 'secret');
          return Promise.reject(new Error('killed'));
        };
        const run = unit.run(
          'generate-client-certificates',
          { format },
          {
            writeAtomic: (path, content, options) => dying(() => unit.files.writeAtomic(path, content, options), path),
            remove: (path) => dying(() => unit.files.remove(path), path),
          },
        );
        if (
          !(await run.then(
            () => false,
            () => true,
          ))
        )
          break;
        const half = unit.home().filter((name) => !name.endsWith('.new'));
        if (half.includes('etcd_client_credentials.p12')) expect(opens()).toBe(true);
        expect((await unit.run('generate-client-certificates', { format })).failure).toBeNull();
        const files = format === 'tar' ? ['.tar.gz'] : ['.p12', '.p12.password'];
        expect([killAt, unit.home()]).toEqual([killAt, files.map((end) => `etcd_client_credentials${end}`)]);
        if (format === 'p12') expect(opens()).toBe(true);
      }
    },
  );

  /** Whether the file and the password beside it belong together. */
  function opens(): boolean {
    const at = (name: string): string => join(unit.paths.home, `etcd_client_credentials.p12${name}`);
    return spawnSync('openssl', ['pkcs12', '-in', at(''), '-passin', `file:${at('.password')}`, '-noout']).status === 0;
  }
});

/** A client with a key on an elliptic curve. */
function ellipticClient(): { readonly issued: Issued; readonly issuer: string } {
  const directory = mkdtempSync(join(unit.root, 'elliptic-'));
  const at = (name: string): string => join(directory, name);
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('key')]);
  execFileSync('openssl', [
    'req',
    '-new',
    '-x509',
    '-key',
    at('key'),
    '-subj',
    '/CN=ca',
    '-days',
    '9',
    '-out',
    at('ca'),
  ]);
  writeFileSync(at('ext'), 'extendedKeyUsage=clientAuth\n');
  execFileSync('openssl', ['req', '-new', '-key', at('key'), '-subj', '/CN=client', '-out', at('csr')]);
  execFileSync(
    'openssl',
    [
      'x509',
      '-req',
      '-in',
      at('csr'),
      '-CA',
      at('ca'),
      '-CAkey',
      at('key'),
      '-days',
      '9',
      '-extfile',
      at('ext'),
      '-out',
      at('crt'),
    ],
    { stdio: 'ignore' },
  );
  return { issued: { certificate: text(at('crt')), key: text(at('key')) }, issuer: text(at('ca')) };
}
