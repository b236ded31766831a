import { createPrivateKey, X509Certificate } from 'node:crypto';

/** A certificate or key of a bag without what differs between two runs, in the words of the recordings. */
export interface AbstractCertificate {
  readonly commonName: string;
  /** Sorted. */
  readonly sans: readonly string[];
  readonly eku: readonly string[];
  readonly days: number;
}

const ekuNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
};

const recorded = /<CERT c\d+ CN=(.*) by CN=(?:.*?)( CA)? san=\[(.*?)\] eku=\[(.*?)\] days=(\d+) key=k\d+>/;

/** Reads a certificate as the recordings write it. */
export function fromRecording(text: string): AbstractCertificate {
  const [, commonName = '', , sans = '', eku = '', days = ''] = recorded.exec(text) ?? [];
  return { commonName, sans: list(sans), eku: list(eku), days: Number(days) };
}

/** Reads a real certificate; text in front of the PEM is allowed, as the wire format has it. */
export function fromPem(text: string): AbstractCertificate {
  const certificate = new X509Certificate(text.slice(text.indexOf('-----BEGIN')));
  const commonName = certificate.subject.replace(/^CN=/, '');
  const names = (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== '');
  return {
    commonName,
    sans: names.map((name) => shortAddress(name.replace(/^(DNS|IP Address):/, ''))).sort(),
    eku: (certificate.keyUsage ?? []).map((oid) => ekuNames[oid] ?? oid).sort(),
    days: Math.round((Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000),
  };
}

/** Whether the key is the one of the certificate, and PKCS#8 PEM. */
export function keyFits(cert: string, key: string): boolean {
  if (!key.startsWith('-----BEGIN PRIVATE KEY-----')) return false;
  return new X509Certificate(cert.slice(cert.indexOf('-----BEGIN'))).checkPrivateKey(createPrivateKey(key));
}

const list = (text: string): string[] => (text === '' ? [] : text.split(',').sort());

/** Node prints IPv6 addresses in full and in capitals. */
const shortAddress = (name: string): string =>
  name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
