import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

// One key for all: making them is what takes time.
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** A CSR for a name, PEM; `usage` asks for servers and clients. */
export function signingRequest(commonName: string, sans: readonly string[] = [], usage = false): string {
  const csr = forge.pki.createCertificationRequest();
  csr.publicKey = forge.pki.publicKeyFromPem(publicKey);
  csr.setSubject([{ name: 'commonName', value: commonName }]);
  const altNames = sans.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }));
  const extensions = [
    ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName', altNames }]),
    ...(usage ? [{ name: 'extKeyUsage', serverAuth: true, clientAuth: true }] : []),
  ];
  if (extensions.length > 0) csr.setAttributes([{ name: 'extensionRequest', extensions }]);
  csr.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return forge.pki.certificationRequestToPem(csr).replaceAll('\r', '');
}

/** A bag that asks for certificates. */
export const asking = (...csrs: readonly string[]): Record<string, string> => ({
  certificate_signing_requests: JSON.stringify(csrs.map((csr) => ({ certificate_signing_request: csr, ca: false }))),
});

/** A certificate in the words of the recordings. */
export interface AbstractCertificate {
  readonly commonName: string;
  readonly issuer: string;
  readonly ca: boolean;
  /** Names, then addresses. */
  readonly sans: readonly string[];
  readonly days: number;
}

const recorded = /^<CERT c\d+ CN=(.*?) by CN=(.*?)( CA)? san=\[(.*?)\] eku=\[.*?\] days=(\d+) key=k\d+>$/;

export function fromRecording(text: string): AbstractCertificate {
  const [, commonName = '', issuer = '', ca, sans = '', days = ''] = recorded.exec(text) ?? [];
  const names = sans.split(',').filter((name) => name !== '');
  return { commonName, issuer, ca: ca !== undefined, sans: names, days: Number(days) };
}

export function fromPem(pem: string): AbstractCertificate {
  const certificate = new X509Certificate(pem);
  const names = (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== '');
  return {
    commonName: certificate.subject.replace(/^CN=/, ''),
    issuer: certificate.issuer.replace(/^CN=/, ''),
    ca: certificate.ca,
    sans: names.map((name) => name.replace(/^(DNS|IP Address):/, '')),
    days: Math.round((Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000),
  };
}

/** Whether a certificate was signed by an authority for the key of {@link signingRequest}. */
export function fits(pem: string, ca: string): boolean {
  const [certificate, authority] = [new X509Certificate(pem), new X509Certificate(ca)];
  const own = certificate.publicKey.export({ type: 'spki', format: 'pem' }) === publicKey;
  return own && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
