import type { HookTools } from '@juju/charm-helpers-ts';
import type { CertificateAuthorityFacts } from '../domain/observed';
import { known } from '../domain/probe';
import type { CertificateAuthority } from '../ports/certificate-authority';
import type { PendingWrites } from '../ports/pending-writes';
import { probing } from './probing';

/** The `certificates` relation: what was asked and what was answered. */
export async function observeCertificateAuthority(
  tools: HookTools,
  authority: CertificateAuthority,
  pending: PendingWrites,
): Promise<CertificateAuthorityFacts> {
  const [relationId] = await tools.relationIds('certificates');
  if (relationId === undefined) {
    const nothing = { value: null, pending: false };
    return { relationId: null, dialect: null, request: nothing, answer: known(null), signing: null };
  }
  const [dialect, request, answer, signing] = await Promise.all([
    authority.dialect(relationId),
    authority.request(relationId),
    probing(() => authority.answer(relationId)),
    authority.signing(relationId),
  ]);
  return { relationId, dialect, request: { value: request, pending: pending.certificateRequest }, answer, signing };
}
