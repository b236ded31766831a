import { createHash } from 'node:crypto';
import type { Faults } from './faults';
import type { CertificateRequest } from './request';

/**
 * The name that a certificate has in the PKI. It is made of everything that decides whether a certificate answers a
 * request, so the list of issued certificates is all that has to be remembered.
 */
export interface CertificateName {
  /** Whose certificate: at most one of a subject is good at a time. */
  readonly subject: string;
  /** Subject and SANs. */
  readonly full: string;
}

/** The order of the SANs and repetitions do not matter. Client certificates are shared by all who ask for that name. */
export function certificateName(request: CertificateRequest, faults: Faults): CertificateName {
  if (request.place === 'client-list') return clientName(request.commonName);
  const { relation, unit, commonName } = request;
  const place = faults.endlessReissue ? [] : [request.place];
  const subject = `server-${digest([relation, unit, commonName, ...place])}`;
  return { subject, full: `${subject}-${digest([...new Set(request.sans)].sort())}` };
}

/** A client certificate has no SANs: there is one per common name. */
export function clientName(commonName: string): CertificateName {
  const name = `client-${digest([commonName])}`;
  return { subject: name, full: name };
}

const digest = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
