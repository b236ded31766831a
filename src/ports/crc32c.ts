/** Castagnoli's polynomial, reflected. */
const polynomial = 0x82f63b78;

/** Eight tables, so that eight bytes are taken in at a time (slicing-by-8). */
const tables: readonly Uint32Array[] = makeTables();

function makeTables(): readonly Uint32Array[] {
  const made = Array.from({ length: 8 }, () => new Uint32Array(256));
  const [first = new Uint32Array(256)] = made;
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
    first[byte] = sum >>> 0;
  }
  for (let table = 1; table < 8; table++)
    for (let byte = 0; byte < 256; byte++) {
      const before = made[table - 1]?.[byte] ?? 0;
      (made[table] as Uint32Array)[byte] = ((before >>> 8) ^ (first[before & 0xff] ?? 0)) >>> 0;
    }
  return made;
}

/** CRC-32C of `bytes[start..end)`, going on from the sum of what came before, as Go's `crc32.Update` does. */
export function crc32c(bytes: Buffer, before: number, start = 0, end = bytes.length): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as readonly [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const at = (table: Uint32Array, index: number): number => table[index & 0xff] as number;
  let sum = ~before;
  let here = start;
  for (; here + 8 <= end; here += 8) {
    const low = sum ^ bytes.readInt32LE(here);
    const high = bytes.readInt32LE(here + 4);
    sum =
      at(t7, low) ^
      at(t6, low >>> 8) ^
      at(t5, low >>> 16) ^
      at(t4, low >>> 24) ^
      at(t3, high) ^
      at(t2, high >>> 8) ^
      at(t1, high >>> 16) ^
      at(t0, high >>> 24);
  }
  for (; here < end; here++) sum = (sum >>> 8) ^ at(t0, sum ^ (bytes[here] as number));
  return ~sum >>> 0;
}
