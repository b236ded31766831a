import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { ZlibOptions } from 'node:zlib';

const block = 512;
/** A chunk is compressed where a sample of it comes down to less than this part. */
const worthwhile = 0.6;
const sampleBytes = 16 * 1024;
const fastest = 1;
/** What has at most so many bytes is compressed whatever that takes: a second or two. */
const smallBytes = 256 * 1024 * 1024;
/** Chunks that wait until they can be written; memory is bounded by them. */
const mostWaiting = 4;
/** So much is sent to the disk at once while more comes: left to the end, that would take longer than all the rest on a slow disk. */
const bytesToSync = 64 * 1024 * 1024;

/** RFC 1952: magic, deflate, no flags, no time, fastest, Unix. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);
/** RFC 1951: an empty block without compression that is the last one. */
const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff]);
const mostStored = 0xffff;

const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** The head of a block without compression (RFC 1951, 3.2.4): its kind, its length and the complement of that. */
function storedHead(length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(~length & 0xffff, 3);
  return head;
}

/** Blocks without compression; the data are not copied. */
function stored(data: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; at += mostStored) {
    const part = data.subarray(at, at + mostStored);
    parts.push(storedHead(part.length), part);
  }
  return parts;
}

/** A system call for all of them; a disk that takes less at once is asked again. */
export async function writeAll(file: FileHandle, parts: readonly Buffer[]): Promise<void> {
  let left = parts;
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    left = left.flatMap((part) => {
      const done = Math.min(bytesWritten, part.length);
      bytesWritten -= done;
      return done === part.length ? [] : [part.subarray(done)];
    });
  }
}

/** How an archive trades size for time. */
export interface Haste {
  /** Entries of at most so many bytes are compressed whatever that takes. */
  readonly smallBytes: number;
  /** Processors that may compress chunks of larger ones. */
  readonly spare: number;
}

interface Zlib {
  readonly crc32: (data: Buffer, before: number) => number;
  /** Whole blocks that end at a byte, so that what is made of each chunk by itself is one stream together. */
  readonly deflate: (data: Buffer) => Promise<Buffer>;
}

async function loadZlib(): Promise<Zlib> {
  const { constants, crc32, deflateRaw } = await import('node:zlib');
  const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);
  const options = { level: fastest, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024 };
  return { crc32, deflate: (data) => deflate(data, options) };
}

/**
 * A tar.gz that is written while its contents come, in constant memory, with its sha256 made on the way. Chunks are compressed beside
 * each other, but those that a sample says are not worth it. Those of a large entry only on processors that neither etcd nor this process needs:
 * one that comes while there are none goes in as it is, so that a large backup takes no longer than etcd needs to give it.
 */
export class ArchiveWriter {
  private readonly file: FileHandle;
  private readonly hash: Hash = createHash('sha256');
  private readonly zlib: Zlib;
  private readonly header: (path: string, size: number) => Buffer;
  private readonly haste: Haste;
  private compressing = 0;
  /** Writes that have not ended, in order; each begins after the one before. */
  private readonly writes: Promise<void>[] = [];
  private last: Promise<void> = Promise.resolve();
  private checksum = 0;
  /** Bytes of the tar. */
  private length = 0;
  private written = 0;
  private synced = 0;
  private syncing: Promise<void> | null = null;
  private syncError: Error | null = null;

  private constructor(parts: {
    readonly file: FileHandle;
    readonly zlib: Zlib;
    readonly header: (path: string, size: number) => Buffer;
    readonly haste: Haste;
  }) {
    this.file = parts.file;
    this.zlib = parts.zlib;
    this.header = parts.header;
    this.haste = parts.haste;
  }

  /** Begins an archive in a new file that only its owner may read; entries are dated `mtime`. */
  static async create(
    path: string,
    mtime: Date,
    haste: Haste = { smallBytes, spare: availableParallelism() - 2 },
  ): Promise<ArchiveWriter> {
    const [{ Header }, zlib] = await Promise.all([import('tar'), loadZlib()]);
    const file = await open(path, 'wx', 0o600);
    const archive = new ArchiveWriter({
      file,
      zlib,
      haste,
      header: (path, size) => {
        const made = Buffer.alloc(block);
        // Sizes from 8 GiB on are written in base 256, as GNU tar, bsdtar, Go and Python read them.
        new Header({ path, type: 'File', mode: 0o644, uid: 0, gid: 0, size, mtime }).encode(made, 0);
        return made;
      },
    });
    archive.enqueue([gzipHeader]);
    return archive;
  }

  /** One entry of a size that is known before; throws where other bytes come. A chunk belongs to the archive from then on. */
  async entry(path: string, size: number, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    await this.push(this.header(path, size));
    let count = 0;
    for await (const chunk of chunks) {
      await this.push(chunk, size <= this.haste.smallBytes);
      count += chunk.length;
    }
    if (count !== size) throw new Error(`${path} has ${count} bytes instead of ${size}`);
    await this.push(padding(size));
  }

  /** Waits until all that was put in is on the disk, for whoever has something else to do meanwhile. */
  async flush(): Promise<void> {
    await this.last;
    await this.syncing;
    if (this.syncError !== null) throw this.syncError;
    await this.file.datasync();
  }

  /** Ends the archive and waits until it is on the disk; gives its size and sha256. The file is not renamed. */
  async finish(): Promise<{ readonly size: number; readonly sha256: string }> {
    await this.push(Buffer.alloc(2 * block));
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.checksum, 0);
    trailer.writeUInt32LE(this.length % 2 ** 32, 4);
    this.enqueue([lastBlock, trailer]);
    await this.flush();
    await this.file.sync();
    await this.file.close();
    return { size: this.written, sha256: this.hash.digest('hex') };
  }

  /** Lets go of the file, whatever is in it. */
  async abandon(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.syncing;
    await this.file.close().catch(() => undefined);
  }

  private async push(data: Buffer, small = true): Promise<void> {
    if (data.length === 0) return;
    this.checksum = this.zlib.crc32(data, this.checksum);
    this.length += data.length;
    this.enqueue(small || this.compressing < this.haste.spare ? this.compressed(data) : stored(data));
    while (this.writes.length > mostWaiting) await this.writes.shift();
  }

  private async compressed(data: Buffer): Promise<readonly Buffer[]> {
    this.compressing += 1;
    try {
      const middle = Math.max(0, (data.length - sampleBytes) >> 1);
      const sample = data.subarray(middle, middle + sampleBytes);
      const shrunk = await this.zlib.deflate(sample);
      if (sample.length === data.length && shrunk.length < data.length) return [shrunk];
      return shrunk.length < worthwhile * sample.length ? [await this.zlib.deflate(data)] : stored(data);
    } finally {
      this.compressing -= 1;
    }
  }

  private enqueue(made: readonly Buffer[] | Promise<readonly Buffer[]>): void {
    const writing = Promise.all([made, this.last]).then(([parts]) => this.write(parts));
    // Told to whoever puts in more or finishes; until then nobody listens.
    writing.catch(() => undefined);
    this.last = writing;
    this.writes.push(writing);
  }

  private async write(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      this.hash.update(part);
      this.written += part.length;
    }
    await writeAll(this.file, parts);
    if (this.syncing === null && this.written - this.synced >= bytesToSync) this.syncing = this.sync();
  }

  /** Nobody waits for it; an error of the disk is told once, so that it has to be kept for the end. */
  private async sync(): Promise<void> {
    this.synced = this.written;
    try {
      await this.file.datasync();
    } catch (error) {
      this.syncError ??= error as Error;
    }
    this.syncing = null;
  }
}
