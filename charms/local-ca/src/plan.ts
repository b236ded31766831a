import type { Entry, Request } from './entries';

export interface Plan {
  /** Entries that stay, as they are to be. */
  readonly keep: readonly Entry[];
  readonly sign: readonly Request[];
}

/** What this hook may do besides taking out what nobody asks for any more. */
export type Permission = 'sign' | 'nothing' | 'revoke';

/**
 * What becomes of one relation. A request that has a certificate keeps it; one that was withdrawn or replaced loses it; revoked ones
 * are replaced as soon as anything is signed.
 */
export function plan(requests: readonly Request[], entries: readonly Entry[], may: Permission): Plan {
  const open = new Map(requests.map((request) => [request.csr, request]));
  const asked = entries.filter((entry) => open.has(entry.certificate_signing_request));
  if (may === 'revoke') return { keep: asked.map((entry) => ({ ...entry, revoked: true })), sign: [] };
  if (may === 'nothing') return { keep: asked, sign: [] };
  const keep = asked.filter(({ revoked }) => revoked !== true);
  for (const entry of keep) open.delete(entry.certificate_signing_request);
  return { keep, sign: [...open.values()] };
}
