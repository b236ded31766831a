import type { CertificateAnswer, CertificateFacts, CertificateRequest } from '../domain/observed';

/** PEM texts as received: only this port and the executor that writes them ever hold them. */
export interface CertificateMaterial {
  readonly ca: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** What the provider gave for a client with a name of its own, judged. */
export interface ClientCertificateAnswer {
  readonly ca: CertificateFacts | null;
  readonly client: CertificateFacts;
}

/** PEM texts of one client certificate: for the executor that packs them, and nobody else. */
export interface ClientCertificateMaterial {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
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
  /** What was asked for a client of this common name, read from the own bag; null where nothing was. */
  clientRequest(relationId: string, commonName: string): Promise<CertificateRequest | null>;
  /** Asks for a certificate for a client outside. Clients of other names keep what was asked for them. */
  askForClient(relationId: string, request: CertificateRequest): Promise<void>;
  /** Reads and judges what the provider gave for this client; null while there is nothing. */
  clientAnswer(relationId: string, request: CertificateRequest): Promise<ClientCertificateAnswer | null>;
  /** The material behind the last `clientAnswer`, if it is still the one with this fingerprint. */
  clientMaterial(fingerprint: string): ClientCertificateMaterial | null;
}
