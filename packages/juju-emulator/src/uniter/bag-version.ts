import { sha256Words } from './sha256';

/** Versions computed lately: every agent looks at every bag that concerns it after each change of the model. */
const known = new Map<string, number>();
const mostKnown = 10_000;

/**
 * Version of a relation bag, from its content: the first 8 hex characters of the SHA-256 of the sorted "key value " pairs, as a
 * little-endian integer (Juju 4.x). 0 for a bag that was never written; one that was written and emptied has another.
 */
export function bagVersion(bag: Readonly<Record<string, string>> | undefined): number {
  if (bag === undefined) return 0;
  const text = Object.keys(bag)
    .sort()
    .map((key) => `${key} ${bag[key] ?? ''} `)
    .join('');
  let version = known.get(text);
  if (version === undefined) {
    const [word = 0] = sha256Words(new TextEncoder().encode(text));
    // Little-endian: the digest's first byte is the lowest.
    version = (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
    if (known.size >= mostKnown) known.clear();
    known.set(text, version);
  }
  return version;
}
