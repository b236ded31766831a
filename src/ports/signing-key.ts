import { generateKeyPair } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { CertificateRequest } from '../domain/observed';

/** A private key (PKCS#8) and a request to certify it (PKCS#10), PEM without a newline at the end. */
export interface SigningKey {
  readonly key: string;
  readonly csr: string;
}

/** What a certificate is asked to be good for. A provider may leave it out of what it gives. */
export type Usage = 'serverAuth' | 'clientAuth';

/** Makes an RSA key, which every provider takes, and its request. The key never leaves this process but by the caller. */
export async function makeSigningKey(request: CertificateRequest, usages: readonly Usage[]): Promise<SigningKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { default: forge } = await import('node-forge');
  const csr = forge.pki.createCertificationRequest();
  csr.publicKey = forge.pki.publicKeyFromPem(publicKey);
  csr.setSubject([{ name: 'commonName', value: request.commonName }]);
  const altNames = request.sans.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }));
  const extensions = [
    { name: 'extKeyUsage', ...Object.fromEntries(usages.map((usage) => [usage, true])) },
    ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName', altNames }]),
  ];
  csr.setAttributes([{ name: 'extensionRequest', extensions }]);
  csr.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { key: privateKey.trim(), csr: plainPem(forge.pki.certificationRequestToPem(csr)) };
}

/** A PEM as it is compared: providers give requests back with other line ends, and without the last. */
export const plainPem = (text: string): string => text.replaceAll('\r', '').trim();
