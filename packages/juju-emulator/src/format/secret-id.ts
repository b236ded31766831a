import { createHash } from 'node:crypto';

const alphabet = '0123456789abcdefghijklmnopqrstuv';

/** An id as Juju's secrets have: 12 bytes in base32hex, 20 characters. The same text gives the same id. */
export function secretIdFrom(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 12);
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  // 20 characters hold 100 bits; the last four are zero.
  bits <<= 4n;
  let id = '';
  for (let shift = 95n; shift >= 0n; shift -= 5n) id += alphabet[Number((bits >> shift) & 31n)] ?? '';
  return id;
}
