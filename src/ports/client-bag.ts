import type { RelationBag } from '@juju/charm-helpers-ts';
import type { EtcdVersion } from '../domain/ids';
import type { PublishedClientSet } from '../domain/observed';
import { certificateFacts } from './certificate-facts';
import type { CertificateMaterial } from './certificate-authority';

/** What the `db` relation carries, by the Python charm's names: the full set from every unit (layer-etcd.md section 5). */
export function formatClientBag(
  connectionString: string,
  version: EtcdVersion,
  material: Pick<CertificateMaterial, 'ca' | 'clientCertificate' | 'clientKey'>,
): Record<string, string> {
  return {
    client_ca: material.ca,
    client_cert: material.clientCertificate,
    client_key: material.clientKey,
    connection_string: connectionString,
    version,
  };
}

/** What an own `db` bag holds; null where anything is missing or the key is not the certificate's. */
export function parsePublished(bag: RelationBag): PublishedClientSet | null {
  const {
    client_ca: ca,
    client_cert: certificate,
    client_key: key,
    connection_string: connectionString,
    version,
  } = bag;
  if (ca === undefined || certificate === undefined || key === undefined) return null;
  if (connectionString === undefined || version === undefined) return null;
  const client = certificateFacts(certificate, key, ca);
  if (client.keyMatches !== true) return null;
  const caFingerprint = certificateFacts(ca, null, ca).fingerprint;
  return { connectionString, version, caFingerprint, clientFingerprint: client.fingerprint };
}
