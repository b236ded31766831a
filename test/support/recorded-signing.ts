import { makeSigningKey, type SigningKey } from '../../src/ports/signing-key';
import { TestAuthority } from './pki';

/** One answer of a provider of the CSR dialect, PEMs or the placeholders of a recording. */
interface Entry {
  readonly ca: string;
  readonly certificate_signing_request: string;
  readonly certificate: string;
  readonly chain: readonly string[];
  readonly revoked?: boolean;
}

const leafPattern = /^<CERT (c\d+) CN=(.*?) by CN=.*? san=\[(.*?)\] eku=\[(.*?)\] days=(\d+) key=k\d+>$/;

/**
 * Makes whole PEMs of the placeholders in partners/self-signed.jsonl: a key for each `rN`, and a certificate for it for each `cN`
 * with the stated names, usages and days. One object per recording: the same number is always the same bytes.
 */
export class RecordedSigning {
  private readonly keys = new Map<string, Promise<SigningKey>>();
  private readonly authorities = new Map<string, TestAuthority>();
  private readonly certificates = new Map<string, Promise<string>>();

  /** The key and CSR called `rN`. */
  key(id: string): Promise<SigningKey> {
    const known = this.keys.get(id) ?? makeSigningKey({ commonName: id, sans: [] }, []);
    this.keys.set(id, known);
    return known;
  }

  /** A recorded list of answers with its placeholders filled; like the provider's, without newlines at the ends. */
  async expand(certificates: string): Promise<string> {
    const entries = JSON.parse(certificates) as readonly Entry[];
    const filled = await Promise.all(entries.map((entry) => this.entry(entry)));
    return JSON.stringify(filled);
  }

  private async entry(entry: Entry): Promise<Entry> {
    const { csr } = await this.key(/^<CSR (r\d+) /.exec(entry.certificate_signing_request)?.[1] ?? '');
    const ca = this.authority(entry.ca).certificate.trim();
    const certificate = await this.certificate(entry);
    return { ...entry, ca, certificate, certificate_signing_request: csr, chain: [certificate, ca] };
  }

  private certificate(entry: Entry): Promise<string> {
    const id = leafPattern.exec(entry.certificate)?.[1] ?? entry.certificate;
    const known = this.certificates.get(id) ?? this.issue(entry);
    this.certificates.set(id, known);
    return known;
  }

  private async issue(entry: Entry): Promise<string> {
    const [, , commonName = '', sans = '', usages = '', days = ''] = leafPattern.exec(entry.certificate) ?? [];
    const { key } = await this.key(/^<CSR (r\d+) /.exec(entry.certificate_signing_request)?.[1] ?? '');
    const issued = this.authority(entry.ca).issue({
      commonName,
      sans: sans.split(',').filter((name) => name !== ''),
      usages: usages.split(',').filter((usage) => usage !== '') as ('serverAuth' | 'clientAuth')[],
      days: Number(days),
      key,
    });
    return issued.certificate.replaceAll('\r', '').trim();
  }

  private authority(mark: string): TestAuthority {
    const [, id = mark, commonName = ''] = /^<CERT (c\d+) CN=(.*?) by /.exec(mark) ?? [];
    const known = this.authorities.get(id) ?? new TestAuthority(commonName);
    this.authorities.set(id, known);
    return known;
  }
}
