import type { RelationId, RelationTools, UnitName } from '@juju/charm-helpers-ts';
import type { CertificateAnswer, CertificateRequest, Dialect, SigningRequest } from '../domain/observed';
import type {
  CertificateAuthority,
  CertificateDialect,
  CertificateMaterial,
  ClientAnswer,
  Fingerprints,
} from './certificate-authority';
import { CsrCertificateAuthority, remoteApplication } from './certificate-authority-csr';
import { EasyrsaCertificateAuthority } from './certificate-authority-easyrsa';
import { relationsOfHook } from './relations-of-hook';
import type { SigningRequests } from './signing-requests';

/**
 * Whatever is related. Its dialect is told by what it writes, and it writes first when it was asked: until then both are written,
 * which either provider understands, because it ignores the keys of the other.
 */
export class RelatedCertificateAuthority implements CertificateAuthority {
  private readonly dialects: { readonly easyrsa: EasyrsaCertificateAuthority; readonly csr: CsrCertificateAuthority };
  private answered: CertificateDialect | null = null;

  private readonly relations: RelationTools;

  constructor(tools: RelationTools, unit: UnitName, requests: SigningRequests) {
    this.relations = relationsOfHook(tools);
    this.dialects = {
      easyrsa: new EasyrsaCertificateAuthority(this.relations, unit),
      csr: new CsrCertificateAuthority(this.relations, unit, requests),
    };
  }

  /** The keys of units first: a provider of the old dialect then costs no look at its application's bag. */
  async dialect(relationId: string): Promise<Dialect | null> {
    if (await this.dialects.easyrsa.isSpoken(relationId)) return 'easyrsa';
    const relation = relationId as RelationId;
    const application = await remoteApplication(this.relations, relation);
    const bag = await this.relations.relationGet({ relation, application });
    return CsrCertificateAuthority.isSpokenIn(bag) ? 'csr' : null;
  }

  async request(relationId: string): Promise<CertificateRequest | null> {
    const spoken = await this.spoken(relationId);
    const [first, ...others] = await Promise.all(spoken.map((dialect) => dialect.request(relationId)));
    const same = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
    return same ? (first ?? null) : null;
  }

  async signing(relationId: string): Promise<SigningRequest | null> {
    return (await this.dialect(relationId)) === 'easyrsa' ? null : this.dialects.csr.signing(relationId);
  }

  async ask(relationId: string, request: CertificateRequest, replaced: string | null): Promise<void> {
    for (const dialect of await this.spoken(relationId)) await dialect.ask(relationId, request, replaced);
  }

  async answer(relationId: string): Promise<CertificateAnswer | null> {
    const dialect = await this.dialect(relationId);
    this.answered = dialect === null ? null : this.dialects[dialect];
    return (await this.answered?.answer(relationId)) ?? null;
  }

  material(fingerprints: Fingerprints): CertificateMaterial | null {
    return this.answered?.material(fingerprints) ?? null;
  }

  async askClient(relationId: string, request: CertificateRequest, replaced: string | null): Promise<void> {
    for (const dialect of await this.spoken(relationId)) await dialect.askClient(relationId, request, replaced);
  }

  async clientAnswer(relationId: string, request: CertificateRequest): Promise<ClientAnswer> {
    const dialect = await this.dialect(relationId);
    return this.dialects[dialect ?? 'csr'].clientAnswer(relationId, request);
  }

  private async spoken(relationId: string): Promise<readonly CertificateDialect[]> {
    const dialect = await this.dialect(relationId);
    return dialect === null ? [this.dialects.csr, this.dialects.easyrsa] : [this.dialects[dialect]];
  }
}
