import type { CertificateFacts, CertificateRequest, Observed } from './observed';
import { connectionString } from './plan-relations';

/** The actions that package credentials, and what each calls its package: the second keeps the Python charm's names. */
const packageNames = {
  'generate-client-certificates': { base: 'etcd_client_credentials', directory: null },
  'package-client-credentials': { base: 'etcd_credentials', directory: 'etcd_credentials' },
} as const;

export type PackagingAction = keyof typeof packageNames;

export const isPackagingAction = (name: string): name is PackagingAction => name in packageNames;

export type CredentialsFormat = 'tar' | 'p12';

/** What a package is called and how it is laid out. */
export interface PackageNames {
  /** File name of the package. */
  readonly file: string;
  /** File name of the password of a PKCS#12 file; null for an archive, which needs none. */
  readonly passwordFile: string | null;
  /** Directory that everything in an archive is in; null where it is unpacked into the present directory. */
  readonly directory: string | null;
}

/** Each named client has a file of its own: one may not fetch the key of the other by taking the same command. */
export function namesOfPackage(
  action: PackagingAction,
  format: CredentialsFormat,
  commonName: string | null,
): PackageNames {
  const { base, directory } = packageNames[action];
  const stem = commonName === null ? base : `${base}-${encodeURIComponent(commonName)}`;
  if (format === 'tar') return { file: `${stem}.tar.gz`, passwordFile: null, directory };
  return { file: `${stem}.p12`, passwordFile: `${stem}.p12.password`, directory: null };
}

/** Where clients outside reach the members, client URLs; without quorum as the members last told each other. Empty while nothing is known. */
export function clientEndpoints(observed: Observed): readonly string[] {
  const now = connectionString(observed);
  if (now !== null) return now.split(',');
  const { own, others } = observed.peers;
  const published = [own.value, ...others.values()].flatMap(({ clientUrl, voter }) =>
    voter && clientUrl !== null ? [clientUrl] : [],
  );
  return [...new Set(published)].sort();
}

/** The certificate that the authority shares with all clients. */
export const sharedCommonName = 'client';

/**
 * Why no client may be called so here: authorities of the easyrsa dialect keep one certificate per name, whatever it is for, and
 * would hand out that of a unit. Null where it may.
 */
export function takenName(observed: Observed, commonName: string): string | null {
  if (commonName === sharedCommonName)
    return `${sharedCommonName} is the name of the certificate that all clients share: leave common-name out to get that one`;
  if (commonName === 'ca') return 'ca is the name of the authority itself: choose another name';
  const { members } = observed.cluster;
  const urls = [
    ...(members.known ? members.value.flatMap(({ clientUrls, peerUrls }) => [...clientUrls, ...peerUrls]) : []),
    ...[observed.peers.own.value, ...observed.peers.others.values()].flatMap(({ clientUrl }) => clientUrl ?? []),
  ];
  const server = observed.tls.server?.commonName;
  const hosts = new Set([observed.unit.hostname, server, ...urls.map((url) => /^https?:\/\/(.+):\d+$/.exec(url)?.[1])]);
  return hosts.has(commonName) ? `${commonName} is the name of a unit's server certificate: choose another name` : null;
}

/** SANs that were asked for and are not in the certificate, as authorities of the easyrsa dialect leave them out for clients. */
export const missingSans = (facts: CertificateFacts, request: CertificateRequest): readonly string[] =>
  request.sans.filter((name) => !facts.sans.includes(name));
