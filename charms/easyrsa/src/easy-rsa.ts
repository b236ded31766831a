import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isIP } from 'node:net';
import type { IssuedCertificate } from './answer';
import type { Issue } from './plan';
import type { Processes } from './processes';

/** Where Debian's package has the script; it is not in PATH. */
export const easyRsaScript = '/usr/share/easy-rsa/easyrsa';

const caDays = 3650;
const leafDays = 825;

/**
 * A certificate authority kept by easy-rsa (3.0.8 to 3.2) in one directory, mode 0700.
 * Everything is asked of that directory; there is no other record. Every method may be repeated after a crash.
 */
export class EasyRsa {
  readonly #pki: string;

  /** @param stateDir outside the charm's directory, so that it outlives an upgrade */
  constructor(
    stateDir: string,
    private readonly processes: Processes,
  ) {
    this.#pki = join(stateDir, 'pki');
  }

  /** The authority's certificate, PEM, or null while there is no authority. */
  async authority(): Promise<string | null> {
    const key = await textOrNull(join(this.#pki, 'private', 'ca.key'));
    return key === null ? null : textOrNull(join(this.#pki, 'ca.crt'));
  }

  /** Makes the authority. What a killed attempt left is removed: nothing was issued from it. */
  async createAuthority(commonName: string): Promise<void> {
    await rm(this.#pki, { recursive: true, force: true });
    await mkdir(join(this.#pki, '..'), { recursive: true, mode: 0o700 });
    await this.#easyrsa(['init-pki']);
    await this.#easyrsa(['build-ca', 'nopass'], { EASYRSA_REQ_CN: commonName, EASYRSA_CA_EXPIRE: String(caDays) });
  }

  /** The names of all good certificates: issued and not revoked. */
  async issued(): Promise<ReadonlySet<string>> {
    const files = await readdir(join(this.#pki, 'issued')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return new Set(files.filter((file) => file.endsWith('.crt')).map((file) => file.slice(0, -'.crt'.length)));
  }

  /** Makes a key and a certificate for it. */
  async issue({ name, kind, commonName, sans }: Issue): Promise<void> {
    // Left by an attempt that was killed in between: easy-rsa would refuse to go on.
    await rm(join(this.#pki, 'reqs', `${name}.req`), { force: true });
    await rm(join(this.#pki, 'private', `${name}.key`), { force: true });
    await this.#easyrsa(['gen-req', name, 'nopass'], { EASYRSA_REQ_CN: commonName });
    const names = sans.map((san) => `${isIP(san) === 0 ? 'DNS' : 'IP'}:${san}`).join(',');
    await this.#easyrsa(
      // serverClient: the units of a cluster are each other's clients. The reactive charm has both in its server type.
      [
        ...(names === '' ? [] : [`--subject-alt-name=${names}`]),
        'sign-req',
        kind === 'server' ? 'serverClient' : 'client',
        name,
      ],
      { EASYRSA_CERT_EXPIRE: String(leafDays) },
    );
  }

  /** Revokes a certificate. No list of them is published: no requirer of this interface reads one. */
  async revoke(name: string): Promise<void> {
    const certificate = join(this.#pki, 'issued', `${name}.crt`);
    if (!(await this.#isNotedAsRevoked(certificate))) return this.#easyrsa(['revoke', name]);
    // Killed after the revocation was noted and before the files were moved: easy-rsa would refuse to go on.
    await rm(certificate, { force: true });
    await rm(join(this.#pki, 'private', `${name}.key`), { force: true });
    await rm(join(this.#pki, 'reqs', `${name}.req`), { force: true });
  }

  /** openssl's index.txt: one certificate a line; state (V, R, E), expiry, revocation, serial, file, subject, by tabs. */
  async #isNotedAsRevoked(certificate: string): Promise<boolean> {
    const { serialNumber } = new X509Certificate(pemOf(await readFile(certificate, 'utf8')));
    const index = await readFile(join(this.#pki, 'index.txt'), 'utf8');
    return index.split('\n').some((line) => {
      const [state, , , serial] = line.split('\t');
      return state === 'R' && serial === serialNumber;
    });
  }

  /** @throws where there is no such certificate */
  async read(name: string): Promise<IssuedCertificate> {
    const path = join(this.#pki, 'issued', `${name}.crt`);
    const key = await readFile(join(this.#pki, 'private', `${name}.key`), 'utf8');
    const cert = await readFile(path, 'utf8');
    if (cert.startsWith('Certificate:')) return { cert, key };
    // Newer easy-rsa may be set to leave the readable print out, which the wire format has.
    const printed = await this.processes.run('openssl', ['x509', '-in', path, '-text']);
    await writeFile(`${path}.new`, printed, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return { cert: printed, key };
  }

  /** Batch mode: without it easy-rsa asks for a typed "yes". */
  async #easyrsa(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.processes.run(easyRsaScript, ['--batch', ...args], {
      EASYRSA_PKI: this.#pki,
      EASYRSA_BATCH: '1',
      ...env,
    });
  }
}

/** Without the readable print in front of it, which Node's parser does not take. */
const pemOf = (text: string): string => text.slice(text.indexOf('-----BEGIN'));

async function textOrNull(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
