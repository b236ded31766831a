import { certificateName, clientName } from './certificate-name';
import type { Faults } from './faults';
import type { CertificateRequest } from './request';

/** A certificate to make. */
export interface Issue {
  /** Its name in the PKI. */
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly commonName: string;
  /** At least one for a server, none for a client. */
  readonly sans: readonly string[];
}

/** A request and the certificate that answers it. */
export interface Answer {
  readonly request: CertificateRequest;
  readonly name: string;
}

export interface Plan {
  readonly issue: readonly Issue[];
  /** Names in the PKI; done after issuing, so that a crash between the two leaves too many good certificates, not too few. */
  readonly revoke: readonly string[];
  readonly answer: readonly Answer[];
}

/** The common name of the client certificate that every relation gets. */
export const sharedClient = 'client';

/**
 * What to issue, revoke and answer for all requests of all relations.
 * - A request counts as handled when a certificate for its place, name and set of SANs exists.
 * - A certificate for the same place and name with other SANs is revoked. Nothing is revoked because a request is gone.
 * @param issued names of the good certificates in the PKI
 */
export function plan(requests: readonly CertificateRequest[], issued: ReadonlySet<string>, faults: Faults): Plan {
  const issue: Issue[] = [];
  const revoked = new Set<string>();
  const good = new Set(issued);
  const add = (made: Issue): void => {
    issue.push(made);
    good.add(made.name);
  };

  const shared = clientName(sharedClient).full;
  if (!good.has(shared)) add({ name: shared, kind: 'client', commonName: sharedClient, sans: [] });

  const named = requests.map((request) => ({ request, name: certificateName(request, faults) }));
  // Decided on what there was before this hook: with the endless re-issue on, both requests for a name get their turn.
  const open = named.filter(({ name }) => !issued.has(name.full));
  for (const { request, name } of faults.endlessReissue ? open : named) {
    if (!good.has(name.full)) add(toIssue(request, name.full));
    for (const other of [...good].filter((one) => one !== name.full && one.startsWith(`${name.subject}-`))) {
      good.delete(other);
      revoked.add(other);
    }
  }
  const answered = (faults.staleAnswer ? open : named).filter(({ name }) => good.has(name.full));
  return {
    issue,
    revoke: [...revoked],
    answer: answered.map(({ request, name }) => ({ request, name: name.full })),
  };
}

function toIssue(request: CertificateRequest, name: string): Issue {
  const { commonName, sans } = request;
  if (request.place === 'client-list') return { name, kind: 'client', commonName, sans: [] };
  // The common name is not added to the SANs that were given, but stands in where none were.
  return { name, kind: 'server', commonName, sans: sans.length > 0 ? sans : [commonName] };
}
