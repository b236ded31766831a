import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { DeflateRaw } from 'node:zlib';
import { promisify } from 'node:util';

const block = 512;
/** A chunk is compressed where a sample of it comes down to less than this part. */
const worthwhile = 0.6;
const sampleBytes = 16 * 1024;
const fastest = 1;

/** RFC 1952: magic, deflate, no flags, no time, fastest, Unix. Made by hand because zlib changes its level in a bare deflate stream only. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);

const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/**
 * A tar.gz that is written while its contents come, in constant memory, with its sha256 made on the way. The level is chosen chunk by
 * chunk: the fastest where a sample shrinks, none where it does not; random bytes would cost ten times as long for nothing.
 */
export class ArchiveWriter {
  private readonly file: FileHandle;
  private readonly hash: Hash = createHash('sha256');
  private readonly deflate: DeflateRaw;
  private readonly crc32: (data: Buffer, before: number) => number;
  private readonly shrinks: (sample: Buffer) => Promise<boolean>;
  private readonly header: (path: string, size: number) => Buffer;
  private readonly drained: Promise<void>;
  private level = 0;
  private checksum = 0;
  /** Bytes of the tar. */
  private length = 0;
  private written = 0;

  private constructor(parts: {
    readonly file: FileHandle;
    readonly deflate: DeflateRaw;
    readonly crc32: (data: Buffer, before: number) => number;
    readonly shrinks: (sample: Buffer) => Promise<boolean>;
    readonly header: (path: string, size: number) => Buffer;
  }) {
    this.file = parts.file;
    this.deflate = parts.deflate;
    this.crc32 = parts.crc32;
    this.shrinks = parts.shrinks;
    this.header = parts.header;
    this.drained = this.drain();
    // Told to whoever writes or finishes; until then nobody listens.
    this.drained.catch((error: unknown) => this.deflate.destroy(error as Error));
    this.deflate.on('error', () => undefined);
  }

  /** Begins an archive in a new file that only its owner may read; entries are dated `mtime`. */
  static async create(path: string, mtime: Date): Promise<ArchiveWriter> {
    const [{ Header }, zlib] = await Promise.all([import('tar'), import('node:zlib')]);
    const sampled = promisify(
      zlib.deflateRaw as (data: Buffer, options: object, done: (error: Error | null, result: Buffer) => void) => void,
    );
    const file = await open(path, 'wx', 0o600);
    return new ArchiveWriter({
      file,
      deflate: zlib.createDeflateRaw({ level: 0, chunkSize: 256 * 1024 }),
      crc32: zlib.crc32,
      shrinks: async (sample) => (await sampled(sample, { level: fastest })).length < worthwhile * sample.length,
      header: (path, size) => {
        const made = Buffer.alloc(block);
        // Sizes from 8 GiB on are written in base 256, as GNU tar, bsdtar, Go and Python read them.
        new Header({ path, type: 'File', mode: 0o644, uid: 0, gid: 0, size, mtime }).encode(made, 0);
        return made;
      },
    });
  }

  /** One entry of a size that is known before; throws where other bytes come. */
  async entry(path: string, size: number, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    await this.push(this.header(path, size));
    let count = 0;
    for await (const chunk of chunks) {
      await this.fit(chunk);
      await this.push(chunk);
      count += chunk.length;
    }
    if (count !== size) throw new Error(`${path} has ${count} bytes instead of ${size}`);
    await this.push(padding(size));
  }

  /** Ends the archive and waits until it is on the disk; gives its size and sha256. The file is not renamed. */
  async finish(): Promise<{ readonly size: number; readonly sha256: string }> {
    await this.push(Buffer.alloc(2 * block));
    this.deflate.end();
    await this.drained;
    await this.file.sync();
    await this.file.close();
    return { size: this.written, sha256: this.hash.digest('hex') };
  }

  /** Lets go of the file, whatever is in it. */
  async abandon(): Promise<void> {
    this.deflate.destroy();
    await this.drained.catch(() => undefined);
    await this.file.close().catch(() => undefined);
  }

  private async fit(chunk: Buffer): Promise<void> {
    const middle = Math.max(0, (chunk.length - sampleBytes) >> 1);
    const level = (await this.shrinks(chunk.subarray(middle, middle + sampleBytes))) ? fastest : 0;
    if (level === this.level) return;
    this.level = level;
    await new Promise<void>((resolve) => this.deflate.params(level, 0, resolve));
  }

  private async push(data: Buffer): Promise<void> {
    if (data.length === 0) return;
    if (this.deflate.destroyed) await this.drained;
    this.checksum = this.crc32(data, this.checksum);
    this.length += data.length;
    if (this.deflate.write(data)) return;
    await Promise.race([new Promise<void>((resolve) => this.deflate.once('drain', resolve)), this.drained]);
  }

  private async drain(): Promise<void> {
    await this.write(gzipHeader);
    for await (const chunk of this.deflate as AsyncIterable<Buffer>) await this.write(chunk);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.checksum, 0);
    trailer.writeUInt32LE(this.length % 2 ** 32, 4);
    await this.write(trailer);
  }

  private async write(data: Buffer): Promise<void> {
    this.hash.update(data);
    await this.file.appendFile(data);
    this.written += data.length;
  }
}
