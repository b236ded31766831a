import type { FileHandle } from 'node:fs/promises';

/** What a bbolt database says of itself. */
export interface BoltFacts {
  readonly pageSize: number;
  /** Bytes up to the last page that is in use; a shorter file is cut off. */
  readonly usedBytes: number;
  readonly root: bigint;
}

const magic = 0xed0cdaed;
const headerBytes = 16;
const metaBytes = 64;
const flags = { branch: 0x01, leaf: 0x02, bucketValue: 0x01 } as const;
/** Pages are read whole; no key or value of etcd's own small buckets comes near this. */
const longestPage = 16 * 1024 * 1024;

/** FNV-1a, 64 bits: bbolt's checksum of a meta page. */
function fnv64a(bytes: Buffer): bigint {
  let sum = 0xcbf29ce484222325n;
  for (const byte of bytes) sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n);
  return sum;
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** Whether these first bytes of a file are those of a bbolt database (page header, then the meta with its magic). */
export const looksLikeBolt = (head: Buffer): boolean =>
  head.length >= headerBytes + metaBytes && head.readUInt32LE(headerBytes) === magic;

interface Meta extends BoltFacts {
  readonly transaction: bigint;
}

/** go.etcd.io/bbolt, `meta`: magic, version 2, page size, flags, root bucket, free list, high-water page, transaction, checksum. */
function readMeta(page: Buffer): Meta | null {
  if (!looksLikeBolt(page) || page.readUInt32LE(headerBytes + 4) !== 2) return null;
  const meta = page.subarray(headerBytes, headerBytes + metaBytes);
  if (fnv64a(meta.subarray(0, 56)) !== meta.readBigUInt64LE(56)) return null;
  const pageSize = meta.readUInt32LE(8);
  return {
    pageSize,
    usedBytes: Number(meta.readBigUInt64LE(40)) * pageSize,
    root: meta.readBigUInt64LE(16),
    transaction: meta.readBigUInt64LE(48),
  };
}

/** The newer of the two valid metas; null where neither is. */
export async function readBolt(file: FileHandle): Promise<BoltFacts | null> {
  const first = await readAt(file, 0, headerBytes + metaBytes);
  // The second meta is one page on; where the first is torn, at one of the usual sizes.
  const sizes = looksLikeBolt(first) ? [first.readUInt32LE(headerBytes + 8)] : [4096, 8192, 16_384, 65_536];
  const others = await Promise.all(sizes.map((size) => readAt(file, size, headerBytes + metaBytes)));
  const metas = [first, ...others].flatMap((page) => readMeta(page) ?? []);
  return metas.sort((one, other) => (one.transaction < other.transaction ? 1 : -1))[0] ?? null;
}

interface Page {
  readonly bytes: Buffer;
  readonly leaf: boolean;
  readonly count: number;
}

function asPage(bytes: Buffer): Page | null {
  const kind = bytes.readUInt16LE(8);
  if ((kind & (flags.branch | flags.leaf)) === 0) return null;
  return { bytes, leaf: (kind & flags.leaf) !== 0, count: bytes.readUInt16LE(10) };
}

async function readPage(file: FileHandle, { pageSize }: BoltFacts, id: bigint): Promise<Page | null> {
  const offset = Number(id) * pageSize;
  const head = await readAt(file, offset, headerBytes);
  if (head.length < headerBytes) return null;
  const length = (head.readUInt32LE(12) + 1) * pageSize;
  if (length > longestPage) return null;
  const bytes = await readAt(file, offset, length);
  return bytes.length === length ? asPage(bytes) : null;
}

/** Looks a key up in the tree below a page; elements are 16 bytes each, positions count from the element. */
async function find(
  file: FileHandle,
  facts: BoltFacts,
  page: Page | null,
  key: Buffer,
  depth = 0,
): Promise<{ readonly value: Buffer; readonly bucket: boolean } | null> {
  if (page === null || depth > 32) return null;
  const { bytes, leaf, count } = page;
  let below: bigint | null = null;
  for (let index = 0; index < count; index++) {
    const at = headerBytes + index * 16;
    const [start, size] = leaf
      ? [at + bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 8)]
      : [at + bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    const order = Buffer.compare(bytes.subarray(start, start + size), key);
    if (!leaf) {
      if (order > 0) break;
      below = bytes.readBigUInt64LE(at + 8);
    } else if (order === 0) {
      const value = bytes.subarray(start + size, start + size + bytes.readUInt32LE(at + 12));
      return { value, bucket: (bytes.readUInt32LE(at) & flags.bucketValue) !== 0 };
    }
  }
  return below === null ? null : find(file, facts, await readPage(file, facts, below), key, depth + 1);
}

/** The root page of a top-level bucket; null where there is none. */
async function bucketPage(file: FileHandle, facts: BoltFacts, bucket: string): Promise<Page | null> {
  const found = await find(file, facts, await readPage(file, facts, facts.root), Buffer.from(bucket));
  if (found?.bucket !== true) return null;
  const root = found.value.readBigUInt64LE(0);
  // A small bucket lies inside its parent's page: its own page follows its header.
  return root === 0n ? asPage(found.value.subarray(16)) : await readPage(file, facts, root);
}

/** The greatest key of a top-level bucket; null where it has none or the pages on the way are damaged. */
export async function lastBoltKey(file: FileHandle, facts: BoltFacts, bucket: string): Promise<Buffer | null> {
  try {
    let page = await bucketPage(file, facts, bucket);
    for (let depth = 0; page !== null && page.count > 0 && depth <= 32; depth += 1) {
      const { bytes, leaf, count } = page;
      const at = headerBytes + (count - 1) * 16;
      if (leaf) {
        const start = at + bytes.readUInt32LE(at + 4);
        return bytes.subarray(start, start + bytes.readUInt32LE(at + 8));
      }
      page = await readPage(file, facts, bytes.readBigUInt64LE(at + 8));
    }
    return null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The value of a key in a top-level bucket; null where it is not there or the pages on the way are damaged. */
export async function readBoltValue(
  file: FileHandle,
  facts: BoltFacts,
  bucket: string,
  key: string,
): Promise<Buffer | null> {
  try {
    return (await find(file, facts, await bucketPage(file, facts, bucket), Buffer.from(key)))?.value ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
