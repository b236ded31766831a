import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadEntry } from 'tar';
import { parseManifest, type BackupForm, type BackupManifest } from '../domain/backup';
import { writeAll } from './backup-archive';
import { looksLikeBolt } from './bolt-file';

/** The database of a backup as it was copied out. */
export interface UnpackedDb {
  readonly form: BackupForm;
  readonly size: number;
  /** Hex, of all bytes. */
  readonly sha256: string;
  /** Whether the last 32 bytes are the sha256 of those before; null where the size says that there is none. */
  readonly trailingHash: 'right' | 'wrong' | null;
  readonly manifest: BackupManifest | null;
}

/** Why a file is no backup: the end of a sentence that begins with its path. */
export class NoBackup extends Error {}

const hashBytes = 32;
const sector = 512;
const manifestLimit = 64 * 1024;
/** Archives of databases have two or three entries; a thousand are something else. */
const entryLimit = 64;
const chunkBytes = 1024 * 1024;

/** A snapshot's size is whole sectors and a sha256 (etcdutl snapshot, `hasChecksum`). */
const sizeSaysHash = (size: number): boolean => size % sector === hashBytes;

/** Copies a database of a known size into a file, hashing on the way; memory stays at a few chunks. */
async function copyOut(
  source: AsyncIterable<Buffer>,
  size: number,
  to: string,
): Promise<Omit<UnpackedDb, 'form' | 'manifest'>> {
  const hash = createHash('sha256');
  const hashed = sizeSaysHash(size) ? size - hashBytes : size;
  const file = await open(to, 'w', 0o600);
  let at = 0;
  let body: Buffer | null = null;
  const tail: Buffer[] = [];
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of source) {
      await writing;
      writing = writeAll(file, [chunk]);
      // Told with the next chunk, or at the end.
      writing.catch(() => undefined);
      const split = Math.max(0, Math.min(chunk.length, hashed - at));
      hash.update(chunk.subarray(0, split));
      if (split < chunk.length) {
        body ??= hash.copy().digest();
        hash.update(chunk.subarray(split));
        tail.push(chunk.subarray(split));
      }
      at += chunk.length;
    }
    await writing;
  } finally {
    await writing.catch(() => undefined);
    await file.close();
  }
  if (at !== size) throw new NoBackup('is truncated');
  const trailingHash = body === null ? null : body.equals(Buffer.concat(tail)) ? 'right' : 'wrong';
  return { size, sha256: hash.digest('hex'), trailingHash };
}

async function readAll(entry: ReadEntry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** What an entry is to us; refusals end the whole archive. */
function roleOf(entry: ReadEntry): 'db' | 'manifest' | 'other' {
  const path = entry.path.replace(/\/+$/, '');
  const name = posix.normalize(path === '' ? '/' : path);
  if (path.startsWith('/') || name === '..' || name.startsWith('../') || path.includes('\\') || path.includes('\0'))
    throw new NoBackup(`has an entry outside of the archive (${JSON.stringify(entry.path)}): it is not taken`);
  if (/^(.*\/)?member\/(wal|snap\/.*\.snap)(\/|$)/.test(name))
    throw new NoBackup(
      'is an archive of v2 keys or of a whole data directory (it has member/wal): only v3 snapshots can be restored',
    );
  if (entry.type === 'Directory') return 'other';
  if (entry.type !== 'File' && entry.type !== 'OldFile' && entry.type !== 'ContiguousFile')
    throw new NoBackup(`has a link or device in it (${JSON.stringify(entry.path)}): it is not taken`);
  return name === 'db' ? 'db' : name === 'manifest.json' ? 'manifest' : 'other';
}

/** What was found so far while an archive is read. */
interface Found {
  db: Promise<Omit<UnpackedDb, 'form' | 'manifest'>> | null;
  manifest: BackupManifest | null;
  entries: number;
  reading: ReadEntry | null;
  ended: boolean;
}

async function fromTar(
  path: string,
  compressed: boolean,
  to: string,
  roomFor: (bytes: number) => Promise<void>,
): Promise<UnpackedDb> {
  const [{ Parser }, { createGunzip }] = await Promise.all([import('tar'), import('node:zlib')]);
  const found: Found = { db: null, manifest: null, entries: 0, reading: null, ended: false };
  const take = async (entry: ReadEntry): Promise<void> => {
    if (++found.entries > entryLimit)
      throw new NoBackup(`has more than ${entryLimit} entries: it is no archive of a snapshot`);
    const role = roleOf(entry);
    if (role === 'db') {
      if (found.db !== null) throw new NoBackup('has two databases in it: it is not taken');
      found.reading = entry;
      // Also after its last reader is gone.
      entry.on('error', () => undefined);
      found.db = roomFor(entry.size).then(() => copyOut(entry, entry.size, to));
      await found.db;
    } else if (role === 'manifest' && entry.size <= manifestLimit) {
      found.manifest = parseManifest(await readAll(entry));
      if (found.manifest === null) throw new NoBackup('has a manifest that this version of the charm does not know');
    } else entry.resume();
  };
  let failure: Error | null = null;
  let wake: () => void = () => undefined;
  const failed = new Promise<void>((resolve) => (wake = resolve));
  const work: Promise<void>[] = [];
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    wake();
  };
  const parser = new Parser({
    strict: true,
    // Databases of zeros shrink a thousandfold; what is written is bounded by the free space instead.
    maxDecompressionRatio: Infinity,
    onReadEntry: (entry) => void work.push(take(entry).catch(fail)),
  });
  parser.on('eof', () => (found.ended = true));
  parser.on('error', fail);
  const finished = new Promise<void>((resolve) => parser.on('end', resolve));
  const sink = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      if (failure !== null) throw failure;
      if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed]);
    }
    parser.end();
    await Promise.race([finished, failed]);
    await Promise.race([Promise.all(work), failed]);
    if (failure !== null) throw failure;
  };
  const source = createReadStream(path, { highWaterMark: chunkBytes });
  try {
    if (compressed) await pipeline(source, createGunzip({ chunkSize: 256 * 1024 }), sink);
    else await pipeline(source, sink);
  } catch (error) {
    // What still waits for the rest of its entry ends with it.
    const unfinished = found.reading;
    if (unfinished?.emittedEnd === false) unfinished.destroy(error);
    await Promise.allSettled(work);
    throw error instanceof NoBackup ? error : readable(error, compressed);
  }
  // Two zero blocks are the end of a tar (POSIX ustar): without them something is missing.
  if (!found.ended) throw new NoBackup('is truncated');
  if (found.db === null) throw new NoBackup('has no ./db in it: it is no archive of an etcd snapshot');
  return { form: 'archive', ...(await found.db), manifest: found.manifest };
}

/** zlib's and tar's words, as words about the file; what the disk says stays as it is. */
function readable(error: unknown, compressed: boolean): Error {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const text = error instanceof Error ? error.message : String(error);
  if (/unexpected end|truncated/i.test(text)) return new NoBackup('is truncated');
  if (code.startsWith('Z_')) return new NoBackup(`is damaged (gzip: ${text})`);
  if (code.startsWith('TAR_') || /checksum|tar/i.test(text))
    return new NoBackup(compressed ? `is damaged or no tar inside its gzip (${text})` : `is damaged (tar: ${text})`);
  return error instanceof Error ? error : new Error(text);
}

/** A tar header has the sum of its bytes, with the sum's own eight taken as blanks (POSIX ustar). */
function looksLikeTar(head: Buffer): boolean {
  if (head.length < sector) return false;
  const stated = Number.parseInt(head.toString('latin1', 148, 156).replaceAll('\0', ' ').trim(), 8);
  let sum = 8 * 0x20;
  for (const [index, byte] of head.subarray(0, sector).entries()) if (index < 148 || index >= 156) sum += byte;
  return stated === sum;
}

/** What foreign files begin with, for a refusal that says more than "unknown". */
function describeHead(head: Buffer): string {
  const start = head.toString('latin1', 0, 6);
  if (start.startsWith('PK')) return 'is a zip file';
  if (start.startsWith('\u00fd7zXZ')) return 'is compressed with xz';
  if (start.startsWith('BZh')) return 'is compressed with bzip2';
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'is compressed with zstd';
  if (start.startsWith('hsqs')) return 'is a snap';
  return 'is no etcd database and no archive of one';
}

/**
 * A bare database that ends with its sha256, where it lies; null for every other form. Whether that sha256 is right is not looked at:
 * the whole file would have to be read for it.
 */
export async function bareDb(path: string): Promise<{ readonly size: number; readonly sha256: string } | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (!sizeSaysHash(size)) return null;
    const head = await file.read(Buffer.alloc(sector), 0, sector, 0);
    if (!looksLikeBolt(head.buffer.subarray(0, head.bytesRead))) return null;
    const { buffer } = await file.read(Buffer.alloc(hashBytes), 0, hashBytes, size - hashBytes);
    return { size, sha256: buffer.toString('hex') };
  } finally {
    await file.close();
  }
}

/**
 * Copies the database of a backup to `to`, whatever form the backup has: a tar or tar.gz with `db` in it, or the bare database.
 * Every byte of the file is read. `roomFor` throws where so many bytes do not fit.
 * @throws NoBackup with the reason; errors of the disk as they are.
 */
export async function unpackDb(
  path: string,
  to: string,
  roomFor: (bytes: number) => Promise<void>,
): Promise<UnpackedDb> {
  const file = await open(path, 'r');
  let head: Buffer;
  let size: number;
  try {
    size = (await file.stat()).size;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(sector), 0, sector, 0);
    head = buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  if (size === 0) throw new NoBackup('is empty');
  if (head[0] === 0x1f && head[1] === 0x8b) return fromTar(path, true, to, roomFor);
  if (looksLikeTar(head)) return fromTar(path, false, to, roomFor);
  if (!looksLikeBolt(head)) throw new NoBackup(describeHead(head));
  await roomFor(size);
  const source = Readable.from(createReadStream(path, { highWaterMark: chunkBytes })) as AsyncIterable<Buffer>;
  return { form: 'db', ...(await copyOut(source, size, to)), manifest: null };
}
