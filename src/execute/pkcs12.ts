import { createPrivateKey } from 'node:crypto';
import { CharmError } from '../domain/errors';

/** PEM texts; certificates may be followed by those of the authorities above. */
export interface ClientPems {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

const pems = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];

const notSupported = (why: string, cause?: unknown): CharmError =>
  new CharmError({
    code: 'NOT_SUPPORTED',
    operation: 'make PKCS#12',
    message: `No PKCS#12 file can be made: ${why}. Run the action with format=tar; openssl pkcs12 -export makes one from that.`,
    cause,
    retryable: false,
  });

/**
 * A PKCS#12 file (RFC 7292) with key, certificate and authority, encrypted by AES-256 (PBES2).
 * @throws CharmError `NOT_SUPPORTED` for keys that are not RSA: node-forge has no others
 */
export async function makePkcs12(
  { key, certificate, ca }: ClientPems,
  name: string,
  password: string,
): Promise<Buffer> {
  const privateKey = createPrivateKey(key);
  if (privateKey.asymmetricKeyType !== 'rsa')
    throw notSupported(`the key is ${privateKey.asymmetricKeyType ?? 'of an unknown type'}, not RSA`);
  const { default: forge } = await import('node-forge');
  try {
    const chain = [...new Set([...pems(certificate), ...pems(ca)].map((pem) => pem.trim()))].map((pem) =>
      forge.pki.certificateFromPem(pem),
    );
    const rsa = forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
    const file = forge.pkcs12.toPkcs12Asn1(rsa, chain, password, { algorithm: 'aes256', friendlyName: name });
    return Buffer.from(forge.asn1.toDer(file).getBytes(), 'binary');
  } catch (error) {
    throw notSupported(error instanceof Error ? error.message : String(error), error);
  }
}
