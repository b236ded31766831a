import type {
  CertificateAnswer,
  CertificateFacts,
  CertificateRequest,
  Dialect,
  SigningRequest,
} from '../domain/observed';

/** PEM texts as received: only this port and the executor that writes them ever hold them. */
export interface CertificateMaterial {
  /** The authority's certificate first, then those above it, if there are any. */
  readonly ca: string;
  /** With intermediate authorities behind it, if there are any. */
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** Names the certificates of one answer. */
export interface Fingerprints {
  readonly ca: string;
  readonly server: string;
  readonly client: string;
}

/** What became of the request for one more client certificate. */
export type ClientAnswer =
  | { readonly state: 'not-asked' }
  /** Asked, and not answered yet. */
  | { readonly state: 'pending' }
  /** The authority takes back what it gave. */
  | { readonly state: 'revoked'; readonly signing: SigningRequest }
  | {
      readonly state: 'answered';
      /** null where the provider makes the keys: it gives the same again. */
      readonly signing: SigningRequest | null;
      readonly facts: CertificateFacts;
      /** PEM texts. */
      readonly material: { readonly ca: string; readonly certificate: string; readonly key: string };
    };

/** One dialect of the `certificates` relation: wire format and matching, no decisions. */
export interface CertificateDialect {
  /** What this unit asked for, read from its own bag. */
  request(relationId: string): Promise<CertificateRequest | null>;
  /**
   * Asks for this unit's certificates. Where the keys are made here, those of an unanswered request for the same are used again,
   * but for the one named `replaced`.
   */
  ask(relationId: string, request: CertificateRequest, replaced: string | null): Promise<void>;
  /** Reads and judges what the provider gave; null when there is nothing yet. */
  answer(relationId: string): Promise<CertificateAnswer | null>;
  /** The material behind the last `answer`, if it is still the one with these fingerprints. */
  material(fingerprints: Fingerprints): CertificateMaterial | null;
  /** Asks for one more client certificate; the same name and SANs are the same request, but for the one named `replaced`. */
  askClient(relationId: string, request: CertificateRequest, replaced: string | null): Promise<void>;
  clientAnswer(relationId: string, request: CertificateRequest): Promise<ClientAnswer>;
}

/** The certificate provider behind the `certificates` relation, whichever dialect it speaks. */
export interface CertificateAuthority extends CertificateDialect {
  /** null while the provider has written nothing that tells. */
  dialect(relationId: string): Promise<Dialect | null>;
  /** The keys and signing requests that this unit made for itself and that the bag holds; null where it made none. */
  signing(relationId: string): Promise<SigningRequest | null>;
}
