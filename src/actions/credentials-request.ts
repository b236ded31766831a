import { isIP } from 'node:net';
import type { CredentialsFormat } from '../domain/client-credentials';
import { canonicalAddress } from '../ports/certificate-facts';
import type { ActionParameters } from './parameters';

/** What the caller wants packaged. */
export interface CredentialsRequest {
  readonly format: CredentialsFormat;
  /** null for the certificate that all clients share. */
  readonly commonName: string | null;
  /** Sorted, without duplicates. */
  readonly sans: readonly string[];
}

/** X.509's upper bound for a common name. */
const longestName = 64;
const mostSans = 50;
/** Enough for names of users and of Kubernetes' kind, and nothing that a shell, openssl or a file name would take for something else. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;
/** RFC 1123, with a wildcard in front. */
const hostName = /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

const shown = (text: string): string => {
  const json = JSON.stringify(text);
  return json.length > 80 ? `${json.slice(0, 76)}..."` : json;
};

/** Reads the parameters, or gives the line that says what is wrong with them. */
export function readCredentialsRequest(parameters: ActionParameters): CredentialsRequest | string {
  const format = parameters.text('format', 'tar');
  if (format !== 'tar' && format !== 'p12')
    return `The format ${shown(format)} is not known: choose tar (for etcdctl) or p12 (PKCS#12).`;
  const commonName = parameters.text('common-name');
  const names = parameters.text('sans').trim();
  const sans = names === '' ? [] : names.split(',').map((name) => canonicalAddress(name.trim()));
  if (commonName === '') {
    if (sans.length === 0) return { format, commonName: null, sans };
    return 'SANs are those of a certificate with a name of its own: give a common-name, too, or leave sans out.';
  }
  const wrong = wrongCommonName(commonName) ?? wrongSans(sans);
  return wrong ?? { format, commonName, sans: [...new Set(sans)].sort() };
}

function wrongCommonName(name: string): string | null {
  if (name.length > longestName)
    return `The common-name ${shown(name)} has ${name.length} characters; a certificate takes at most ${longestName}.`;
  if (!plainName.test(name))
    return `The common-name ${shown(name)} is refused: begin with a letter or digit and use letters, digits and . _ : @ - only.`;
  if (isIP(name) !== 0)
    return `The common-name ${shown(name)} is refused: addresses are names of servers. Choose a name for the client, and put addresses into sans.`;
  return null;
}

function wrongSans(sans: readonly string[]): string | null {
  if (sans.length > mostSans) return `${sans.length} SANs are refused: give at most ${mostSans}.`;
  const wrong = sans.find((name) => isIP(name) === 0 && !(name.length <= 253 && hostName.test(name)));
  if (wrong === undefined) return null;
  return `The SAN ${shown(wrong)} is refused: give host names and addresses with commas between them, as in sans=backup.example.com,10.0.0.7.`;
}
