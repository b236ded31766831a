import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface Leaf {
  readonly certificate: string;
  readonly key: string;
}

/** A throw-away certificate authority that signs for 127.0.0.1. */
export class Authority {
  readonly #keys = keyPair();
  readonly certificate: string;
  #serial = 1;

  constructor(readonly name: string) {
    this.certificate = this.#sign(name, this.#keys.public, [{ name: 'basicConstraints', cA: true }]);
  }

  issue(name: string): Leaf {
    const keys = keyPair();
    const extensions = [
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ];
    return { certificate: this.#sign(name, keys.public, extensions), key: keys.privatePem };
  }

  #sign(name: string, publicKey: forge.pki.PublicKey, extensions: object[]): string {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = publicKey;
    certificate.serialNumber = (this.#serial++).toString(16).padStart(2, '0');
    certificate.validity.notBefore = new Date(Date.now() - 60_000);
    certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
    certificate.setSubject([{ name: 'commonName', value: name }]);
    certificate.setIssuer([{ name: 'commonName', value: this.name }]);
    certificate.setExtensions(extensions);
    certificate.sign(this.#keys.private, forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  }
}

/** OpenSSL makes keys a hundred times faster than forge. */
function keyPair(): { public: forge.pki.PublicKey; private: forge.pki.rsa.PrivateKey; privatePem: string } {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    public: forge.pki.publicKeyFromPem(pair.publicKey),
    private: forge.pki.privateKeyFromPem(pair.privateKey),
    privatePem: pair.privateKey,
  };
}
