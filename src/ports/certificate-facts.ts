import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../domain/observed';

const pemCertificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/;

/** The first PEM certificate in a text, without what stands around it (easyrsa puts a readable dump in front); null if none. */
export function extractPem(text: string): string | null {
  const pem = pemCertificate.exec(text)?.[0].replaceAll('\r', '');
  return pem === undefined ? null : `${pem}\n`;
}

/** Object identifiers of RFC 5280 extended key usages, as node prints them. */
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

/** RFC 5280 4.2.1.12: a certificate that names no extended key usage is good for all. */
function isGoodFor(usage: string, usages: readonly string[] | undefined): boolean {
  return usages === undefined || usages.includes(usage) || usages.includes(anyUsage);
}

const unreadable = (why: string): CertificateFacts => ({
  fingerprint: '',
  commonName: '',
  sans: [],
  notBefore: 0,
  notAfter: 0,
  isCa: false,
  serverAuth: false,
  clientAuth: false,
  keyMatches: null,
  signedByCa: false,
  unreadable: why,
});

/** The subject's common name from node's multi-line form. */
const commonName = (subject: string | undefined): string => /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? '';

/** Names from node's `DNS:a, IP Address:10.0.0.1`, sorted and without duplicates. */
function alternativeNames(text: string | undefined): readonly string[] {
  const names = (text ?? '')
    .split(', ')
    .map((entry) => entry.slice(entry.indexOf(':') + 1))
    .filter((name) => name !== '')
    .map(canonicalAddress);
  return [...new Set(names)].sort();
}

/** IPv6 addresses have many spellings; node prints them in upper case and long. */
export function canonicalAddress(name: string): string {
  if (!name.includes(':')) return name;
  try {
    return new URL(`http://[${name}]`).hostname.slice(1, -1);
  } catch {
    return name;
  }
}

function keyBelongs(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** What stands in a certificate, and whether `key` (null: it needs none) and `ca` fit it. Never throws: a bad text is a fact. */
export function certificateFacts(text: string, key: string | null, ca: string | null): CertificateFacts {
  const pem = extractPem(text);
  if (pem === null) return unreadable('has no PEM certificate in it');
  // The relation and the disk hold the same certificates nearly always, and checking signatures is what costs.
  const asked = JSON.stringify([pem, key?.trim(), ca === null ? null : extractPem(ca)]);
  const known = judged.get(asked) ?? judge(pem, key, ca);
  judged.set(asked, known);
  return known;
}

/** Within one hook: what was asked and what was found. Facts do not depend on the time. */
const judged = new Map<string, CertificateFacts>();

function judge(pem: string, key: string | null, ca: string | null): CertificateFacts {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
  // Node types say string[]; a certificate without extended key usage gives undefined.
  const usages = certificate.keyUsage as readonly string[] | undefined;
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    commonName: commonName(certificate.subject),
    sans: alternativeNames(certificate.subjectAltName),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    isCa: certificate.ca,
    serverAuth: isGoodFor(serverAuth, usages),
    clientAuth: isGoodFor(clientAuth, usages),
    keyMatches: key === null ? null : keyBelongs(certificate, key),
    signedByCa: isSignedBy(certificate, ca),
    unreadable: null,
  };
}

/**
 * The authorities above a leaf, PEM, its own issuer first and up to the root as far as `pool` has them; empty where none of `pool`
 * issued it or something cannot be read.
 */
export function issuersOf(leaf: string, pool: readonly string[]): readonly string[] {
  try {
    const authorities = pool
      .flatMap((text) => extractPem(text) ?? [])
      .map((pem) => ({ pem, certificate: new X509Certificate(pem) }));
    const found: typeof authorities = [];
    let current = new X509Certificate(extractPem(leaf) ?? '');
    for (;;) {
      const issuer = authorities.find(({ certificate }) => isIssuer(certificate, current));
      // The root is its own.
      if (issuer === undefined || issuer.certificate.fingerprint256 === current.fingerprint256) break;
      if (found.includes(issuer)) break;
      found.push(issuer);
      current = issuer.certificate;
    }
    return found.map(({ pem }) => pem);
  } catch {
    return [];
  }
}

const isIssuer = (authority: X509Certificate, certificate: X509Certificate): boolean =>
  authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

function isSignedBy(certificate: X509Certificate, ca: string | null): boolean {
  const issuerPem = ca === null ? null : extractPem(ca);
  if (issuerPem === null) return false;
  try {
    const issuer = new X509Certificate(issuerPem);
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
