import forge from 'node-forge';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

/** One certificate with its key, PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface IssueOptions {
  readonly commonName: string;
  /** IP addresses and DNS names. */
  readonly sans?: readonly string[];
  /** None at all: a certificate without extended key usage. */
  readonly usages?: readonly ('serverAuth' | 'clientAuth')[];
  /** Days of validity from now; negative for one that is over. */
  readonly days?: number;
  /** Key (PEM, private) of whoever asks; without one, a new one is made. */
  readonly key?: string;
}

/** Keys through node: forge's own take seconds. */
function keyPair(): { readonly publicKey: forge.pki.rsa.PublicKey; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: forge.pki.publicKeyFromPem(publicKey), privateKey };
}

function keyPairOf(privateKey: string): ReturnType<typeof keyPair> {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { publicKey: forge.pki.publicKeyFromPem(publicKey), privateKey };
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

function template(options: IssueOptions, publicKey: forge.pki.rsa.PublicKey): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  const day = 24 * 3600 * 1000;
  const days = options.days ?? 30;
  certificate.validity.notBefore = new Date(Date.now() - day - (days < 0 ? -days * day + day : 0));
  certificate.validity.notAfter = new Date(Date.now() + days * day);
  certificate.setSubject([{ name: 'commonName', value: options.commonName }]);
  return certificate;
}

/** A certificate authority made for one test. */
export class TestAuthority {
  readonly certificate: string;
  private readonly ca: forge.pki.Certificate;
  private readonly key: forge.pki.rsa.PrivateKey;

  /** @param parent who signs it; without one, it is a root */
  constructor(commonName = 'test authority', parent?: TestAuthority) {
    const { publicKey, privateKey } = keyPair();
    this.key = forge.pki.privateKeyFromPem(privateKey);
    this.ca = template({ commonName, days: 3650 }, publicKey);
    this.ca.setIssuer((parent ?? this).ca.subject.attributes);
    this.ca.setExtensions([{ name: 'basicConstraints', cA: true }, { name: 'subjectKeyIdentifier' }]);
    this.ca.sign((parent ?? this).key, forge.md.sha256.create());
    this.certificate = forge.pki.certificateToPem(this.ca);
  }

  issue(options: IssueOptions): Issued {
    const { publicKey, privateKey } = options.key === undefined ? keyPair() : keyPairOf(options.key);
    const certificate = template(options, publicKey);
    certificate.setIssuer(this.ca.subject.attributes);
    const usages = options.usages ?? ['serverAuth', 'clientAuth'];
    const names = (options.sans ?? []).map((name) =>
      isAddress(name) ? { type: 7, ip: name } : { type: 2, value: name },
    );
    certificate.setExtensions([
      { name: 'basicConstraints', cA: false },
      ...(usages.length === 0
        ? []
        : [{ name: 'extKeyUsage', ...Object.fromEntries(usages.map((usage) => [usage, true])) }]),
      ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
    ]);
    certificate.sign(this.key, forge.md.sha256.create());
    return { certificate: forge.pki.certificateToPem(certificate), key: privateKey };
  }
}
