import { execFileSync } from 'node:child_process';
import { TestAuthority, type Issued } from './pki';

const certificatePattern =
  /<CERT (c\d+) CN=(.*?) by CN=(.*?)( CA)? san=\[(.*?)\] eku=\[(.*?)\] days=(\d+) key=(k\d+)>/g;
const dumpMark = '<openssl text dump of the next cert>\n';

/**
 * Makes whole PEMs of the placeholders in partners/easyrsa.jsonl: one generated key per `kN` and one certificate per `cN`, with the
 * stated names, usages and days, and an `openssl x509 -text` dump in front where the recording has one. One object per recording:
 * the same number is always the same bytes.
 */
export class RecordedCertificates {
  private readonly authorities = new Map<string, TestAuthority>();
  private readonly issued = new Map<string, Issued>();
  private readonly keys = new Map<string, string>();

  /** A value of a bag with its placeholders filled. Certificates must be expanded before their keys. */
  expand(value: string): string {
    const withCertificates = value.replaceAll(certificatePattern, (mark: string) => this.certificate(mark).trimEnd());
    const withDumps = withCertificates.replaceAll(
      new RegExp(`${dumpMark}(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----)`, 'g'),
      (_, pem: string) => execFileSync('openssl', ['x509', '-text'], { input: pem, encoding: 'utf8' }).trimEnd(),
    );
    return withDumps.replaceAll(
      /<PRIVATE KEY (k\d+) RSA-2048>/g,
      (_, key: string) => this.keys.get(key)?.trimEnd() ?? '',
    );
  }

  private certificate(mark: string): string {
    const [, id = '', commonName = '', issuer = '', ca, sans = '', usages = '', days = '', key = ''] =
      new RegExp(certificatePattern.source).exec(mark) ?? [];
    if (ca !== undefined) return this.authority(issuer).certificate;
    const known = this.issued.get(id);
    if (known !== undefined) return known.certificate;
    const made = this.authority(issuer).issue({
      commonName,
      sans: sans.split(',').filter((name) => name !== ''),
      usages: usages.split(',').filter((usage) => usage !== '') as ('serverAuth' | 'clientAuth')[],
      days: Number(days),
    });
    this.issued.set(id, made);
    this.keys.set(key, made.key);
    return made.certificate;
  }

  private authority(commonName: string): TestAuthority {
    const known = this.authorities.get(commonName) ?? new TestAuthority(commonName);
    this.authorities.set(commonName, known);
    return known;
  }
}
