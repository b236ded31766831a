import type { Written } from './observed-peers';
import type { Probe } from './probe';

export interface CertificateAuthorityFacts {
  /** null without a relation on `certificates`. */
  readonly relationId: string | null;
  /** What this unit has asked for, as read back from its own bag. */
  readonly request: Written<CertificateRequest | null>;
  /** What the provider answered, judged; null while it has not answered. Unknown where it could not be read. */
  readonly answer: Probe<CertificateAnswer | null>;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Sorted, without duplicates. */
  readonly sans: readonly string[];
}

/** The provider's answer; PEMs and keys stay with the port, known here by fingerprint. */
export interface CertificateAnswer {
  readonly ca: CertificateFacts | null;
  readonly server: CertificateFacts | null;
  readonly client: CertificateFacts | null;
}

/** One certificate, parsed. */
export interface CertificateFacts {
  /** sha256 of the DER, hex. */
  readonly fingerprint: string;
  readonly commonName: string;
  readonly sans: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  readonly serverAuth: boolean;
  readonly clientAuth: boolean;
  /** The private key beside it belongs to it; null where there is none by nature (a CA). */
  readonly keyMatches: boolean | null;
  /** Its signature verifies with the CA beside it. */
  readonly signedByCa: boolean;
  /** Set where the text could not be parsed; then all else is without meaning. */
  readonly unreadable: string | null;
}

export interface TlsFacts {
  readonly ca: CertificateFacts | null;
  readonly server: CertificateFacts | null;
  readonly client: CertificateFacts | null;
}
