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
    return { relationId: null, request: { value: null, pending: false }, answer: known(null) };
  }
  const [request, answer] = await Promise.all([
    authority.request(relationId),
    probing(() => authority.answer(relationId)),
  ]);
  return { relationId, request: { value: request, pending: pending.certificateRequest }, answer };
}
