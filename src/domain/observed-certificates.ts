import type { Written } from './observed-peers';
import type { Probe } from './probe';

export interface CertificateAuthorityFacts {
  /** null without a relation on `certificates`. */
  readonly relationId: string | null;
  /** null while the provider has written nothing that tells: until then both are spoken. */
  readonly dialect: Dialect | null;
  /** What this unit has asked for, as read back from its own bag. */
  readonly request: Written<CertificateRequest | null>;
  /** What the provider answered, judged; null while it has not answered. Unknown where it could not be read. */
  readonly answer: Probe<CertificateAnswer | null>;
  /** The keys and CSRs of the request; null where the provider makes the keys. */
  readonly signing: SigningRequest | null;
}

/** `easyrsa`: the provider makes the keys (also vault). `csr`: this unit makes them (tls-certificates v1 to v4). */
export type Dialect = 'easyrsa' | 'csr';

/** Signing requests with keys of this unit, without the keys. */
export interface SigningRequest {
  /** Names this set of CSRs; another key gives another id. */
  readonly id: string;
  /** When they were made, milliseconds since the epoch. */
  readonly since: number;
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
  /** The provider takes them back: they are not to be used any more. */
  readonly revoked: boolean;
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
