import type { Files } from './files';
import type { Paths } from './paths';

/** PEM texts with which a program of this unit shows who it is, and the authority that it believes. */
export interface PemCredentials {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** To ask with where there are none: whoever is asked refuses. */
export const noCredentials: PemCredentials = { ca: '', certificate: '', key: '' };

/** This unit's certificates as they are on disk now; null while one of the files is missing. */
export async function readCredentials(
  files: Files,
  { pki }: Paths,
  of: 'client' | 'server',
): Promise<PemCredentials | null> {
  const own = of === 'client' ? [pki.clientCertificate, pki.clientKey] : [pki.serverCertificate, pki.serverKey];
  const [ca, certificate, key] = await Promise.all([pki.ca, ...own].map((path) => files.read(path)));
  return ca && certificate && key ? { ca, certificate, key } : null;
}
