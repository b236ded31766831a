import type { RelationBag, RelationId } from '@juju/charm-helpers-ts';
import type { Faults } from './faults';
import type { CertificateRequest } from './request';

/** A certificate as it goes over the wire: with openssl's readable print in front of the PEM; the key is PKCS#8 PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface Answered {
  readonly request: CertificateRequest;
  readonly certificate: IssuedCertificate;
}

/**
 * What is to be written into the own bag of one relation: only keys whose value is new. Nothing is ever taken out.
 * @param bag the own unit's bag as it is
 * @param all the answered requests of all relations
 */
export function changedKeys(
  relation: RelationId,
  bag: RelationBag,
  ca: string,
  client: IssuedCertificate,
  all: readonly Answered[],
  faults: Faults,
): Readonly<Record<string, string>> {
  const wanted: Record<string, string> = { ca, 'client.cert': client.cert, 'client.key': client.key };
  const here = all.filter(({ request }) => request.relation === relation);
  for (const { request, certificate } of here) {
    if (atTopLevel(request, faults)) {
      wanted[`${request.answerAs}.server.cert`] = certificate.cert;
      wanted[`${request.answerAs}.server.key`] = certificate.key;
    } else {
      const key = `${request.answerAs}.${request.place === 'client-list' ? 'processed_client_requests' : 'processed_requests'}`;
      wanted[key] = withEntry(wanted[key] ?? bag[key] ?? '{}', request.commonName, certificate);
    }
  }
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => bag[key] !== value));
}

/** The reactive charm answers at top level whatever has the name of the top-level request. */
function atTopLevel(request: CertificateRequest, faults: Faults): boolean {
  if (request.place === 'server') return true;
  return faults.endlessReissue && request.place === 'server-list' && request.topLevelName === request.commonName;
}

function withEntry(json: string, commonName: string, certificate: IssuedCertificate): string {
  const entries = Object.entries({ ...(JSON.parse(json) as Record<string, unknown>), [commonName]: certificate });
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}
