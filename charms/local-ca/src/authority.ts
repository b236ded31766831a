import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import forge from 'node-forge';
import type { Entry, Request } from './entries';

const caDays = 3650;
const day = 86_400_000;

/** What a certificate is to be besides what its request says. */
export interface Terms {
  /** Milliseconds. */
  readonly validity: number;
  readonly withoutKeyUsage: boolean;
}

/** A self-signed certificate authority: key and certificate in one file (0600) of a directory (0700). */
export class Authority {
  private constructor(
    private readonly certificate: forge.pki.Certificate,
    private readonly key: forge.pki.rsa.PrivateKey,
    /** PEM without the last newline. */
    readonly pem: string,
  ) {}

  /** The authority kept in a directory; null while there is none. */
  static async read(directory: string): Promise<Authority | null> {
    const text = await readFile(fileIn(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return text === null ? null : Authority.parse(text);
  }

  /** Makes an authority and keeps it in place of the one before. */
  static async make(directory: string, commonName: string, now: number): Promise<Authority> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const certificate = blank(forge.pki.publicKeyFromPem(publicKey), now, caDays * day);
    certificate.setSubject([{ name: 'commonName', value: commonName }]);
    certificate.setIssuer(certificate.subject.attributes);
    certificate.setExtensions([
      { name: 'subjectKeyIdentifier' },
      { name: 'basicConstraints', critical: true, cA: true },
      { name: 'keyUsage', critical: true, digitalSignature: true, keyCertSign: true, cRLSign: true },
    ]);
    certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
    const text = `${privateKey}${forge.pki.certificateToPem(certificate)}`;
    await writeSecret(directory, text);
    return Authority.parse(text);
  }

  private static parse(text: string): Authority {
    const pem = plain(text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')));
    return new Authority(forge.pki.certificateFromPem(pem), forge.pki.privateKeyFromPem(text), pem);
  }

  get commonName(): string {
    return new X509Certificate(this.pem).subject.replace(/^CN=/, '');
  }

  /** Signs a request: its name and alternative names as asked, names before addresses. @throws where it is no CSR that was signed with its key */
  sign({ csr, ca }: Request, { validity, withoutKeyUsage }: Terms, now: number): Entry {
    const request = forge.pki.certificationRequestFromPem(csr);
    if (!request.verify() || request.publicKey === null) throw new Error('it is not signed with its own key');
    const certificate = blank(request.publicKey, now, validity);
    certificate.setSubject(request.subject.attributes);
    certificate.setIssuer(this.certificate.subject.attributes);
    certificate.setExtensions([
      { name: 'authorityKeyIdentifier', keyIdentifier: this.certificate.generateSubjectKeyIdentifier().getBytes() },
      { name: 'subjectKeyIdentifier' },
      { name: 'basicConstraints', critical: true, cA: ca },
      ...extensionsOf(request, withoutKeyUsage),
    ]);
    certificate.sign(this.key, forge.md.sha256.create());
    const pem = plain(forge.pki.certificateToPem(certificate));
    return { ca: this.pem, certificate_signing_request: csr, certificate: pem, chain: [pem, this.pem] };
  }
}

const fileIn = (directory: string): string => join(directory, 'authority.pem');

const plain = (pem: string): string => pem.replaceAll('\r', '').trim();

function blank(publicKey: forge.pki.PublicKey, now: number, validity: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  // Positive, whatever the random bits are.
  certificate.serialNumber = `01${randomBytes(16).toString('hex')}`;
  certificate.validity.notBefore = new Date(now);
  certificate.validity.notAfter = new Date(now + validity);
  return certificate;
}

interface AlternativeNames {
  readonly altNames: readonly { readonly type: number; readonly value: string; readonly ip?: string }[];
}

/** Of what was asked for: the alternative names and the extended key usage. */
function extensionsOf(request: forge.pki.CertificateSigningRequest, withoutKeyUsage: boolean): object[] {
  const asked = (request.getAttribute({ name: 'extensionRequest' }) as { extensions?: { name: string }[] } | null)
    ?.extensions;
  const names = (asked?.find(({ name }) => name === 'subjectAltName') as AlternativeNames | undefined)?.altNames ?? [];
  const usage = asked?.find(({ name }) => name === 'extKeyUsage');
  const sorted = [...names].sort((one, other) => one.type - other.type);
  return [
    ...(sorted.length === 0
      ? []
      : [
          {
            name: 'subjectAltName',
            altNames: sorted.map(({ type, value, ip }) => (ip === undefined ? { type, value } : { type, ip })),
          },
        ]),
    ...(usage === undefined || withoutKeyUsage ? [] : [usage]),
  ];
}

/** Whole or not at all, and never readable by others. */
async function writeSecret(directory: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unfinished = `${fileIn(directory)}.new`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, fileIn(directory));
}
