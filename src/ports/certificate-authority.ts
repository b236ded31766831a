import type { CertificateAnswer, CertificateRequest } from '../domain/observed';

/** PEM texts as received: only this port and the executor that writes them ever hold them. */
export interface CertificateMaterial {
  readonly ca: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** A certificate provider behind the `certificates` relation; one adapter per dialect (easyrsa/vault now, CSR later). */
export interface CertificateAuthority {
  readonly dialect: 'easyrsa' | 'csr';
  /** What this unit asked for, read from its own bag. */
  request(relationId: string): Promise<CertificateRequest | null>;
  ask(relationId: string, request: CertificateRequest): Promise<void>;
  /** Reads and judges what the provider gave; null when there is nothing yet. */
  answer(relationId: string): Promise<CertificateAnswer | null>;
  /** The material behind the last `answer`, if it is still the one with these fingerprints. */
  material(fingerprints: {
    readonly ca: string;
    readonly server: string;
    readonly client: string;
  }): CertificateMaterial | null;
}
