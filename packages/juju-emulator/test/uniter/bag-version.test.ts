import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { bagVersion } from '../../src/uniter';
import { sha256Words } from '../../src/uniter/sha256';

test('SHA-256 is that of the platform, at every length around the block size', () => {
  for (let length = 0; length < 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    const own = [...sha256Words(message)].map((word) => word.toString(16).padStart(8, '0')).join('');
    expect(own).toBe(createHash('sha256').update(message).digest('hex'));
  }
});

test('a version is the digest of the sorted pairs, read from its lowest byte up', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })), (bag) => {
      const text = Object.keys(bag)
        .sort()
        .map((key) => `${key} ${bag[key] ?? ''} `)
        .join('');
      expect(bagVersion(bag)).toBe(createHash('sha256').update(text).digest().readUInt32LE(0));
    }),
  );
});

test('never written is 0, written and emptied is not', () => {
  expect(bagVersion(undefined)).toBe(0);
  expect(bagVersion({})).not.toBe(0);
});
