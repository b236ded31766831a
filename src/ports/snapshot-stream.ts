import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import type { PemCredentials } from './pem-credentials';

/** What a snapshot consists of: the size of the whole first, then the bytes. */
export interface SnapshotStream {
  /** Bytes of the database and its trailing sha256. */
  readonly size: number;
  /** Chunks of about one mebibyte. */
  readonly chunks: AsyncIterable<Buffer>;
}

const operation = 'snapshot';
const trailingHash = 32;
/** What etcd may send ahead: with less it waits for this process, with more this process needs more memory. */
const windowBytes = 4 * 1024 * 1024;
const chunkBytes = 1024 * 1024;
/** A member that sends nothing for so long is given up, milliseconds. Reading a large database from a slow disk takes seconds. */
const silenceMs = 60_000;

/** Protobuf wire types (protobuf.dev, encoding). */
const varint = 0;
const bytes = 2;
/** `etcdserverpb.SnapshotResponse`: remaining_bytes 2, blob 3. */
const remainingField = 2;
const blobField = 3;

const failure = (endpoint: Url, why: string, cause?: unknown): CharmError =>
  new CharmError({
    code: 'ETCD_UNAVAILABLE',
    operation,
    message: `etcd at ${endpoint} did not give its snapshot: ${why}`,
    cause,
    retryable: true,
  });

/** Reads a varint; null where it is not all there yet. */
function readVarint(buffer: Buffer, at: number): { readonly value: bigint; readonly next: number } | null {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = buffer[at + index];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  throw new Error('a number has more than ten bytes');
}

/**
 * Takes the messages of a gRPC stream (five bytes of frame, then the message) apart as they come, without putting them together: what
 * belongs to a blob is handed on in place.
 */
class SnapshotReader {
  /** Remaining bytes as the first message that has a blob says it, and its blob: the size of the database. */
  databaseSize: number | null = null;
  private pending: Buffer = Buffer.alloc(0);
  private messageLeft = 0;
  private blobLeft = 0;
  private skipLeft = 0;
  private remaining = 0n;

  /** Parts of blobs in this piece, in order. */
  *read(piece: Buffer): Generator<Buffer> {
    let data = this.pending.length === 0 ? piece : Buffer.concat([this.pending, piece]);
    while (data.length > 0) {
      if (this.blobLeft > 0 || this.skipLeft > 0) {
        const take = Math.min(data.length, this.blobLeft || this.skipLeft);
        if (this.blobLeft > 0) {
          this.blobLeft -= take;
          yield data.subarray(0, take);
        } else this.skipLeft -= take;
        this.messageLeft -= take;
        data = data.subarray(take);
        continue;
      }
      const used = this.messageLeft === 0 ? this.readFrame(data) : this.readField(data);
      if (used === 0) break;
      data = data.subarray(used);
    }
    this.pending = data;
  }

  /** Whether the stream may end here. */
  get atRest(): boolean {
    return this.messageLeft === 0 && this.pending.length === 0;
  }

  private readFrame(data: Buffer): number {
    if (data.length < 5) return 0;
    if (data[0] !== 0) throw new Error('a message is compressed, and none was asked for');
    this.messageLeft = data.readUInt32BE(1);
    this.remaining = 0n;
    return 5;
  }

  private readField(data: Buffer): number {
    const tag = readVarint(data, 0);
    const number = tag === null ? null : readVarint(data, tag.next);
    if (tag === null || number === null) return 0;
    const [field, wire] = [Number(tag.value >> 3n), Number(tag.value & 7n)];
    this.messageLeft -= number.next;
    if (wire === bytes && field === blobField) {
      this.blobLeft = Number(number.value);
      this.databaseSize ??= Number(this.remaining) + this.blobLeft;
    } else if (wire === bytes) this.skipLeft = Number(number.value);
    else if (wire !== varint) throw new Error(`a message has a field of wire type ${wire}`);
    else if (field === remainingField) this.remaining = number.value;
    return number.next;
  }
}

/** One stream of `etcdserverpb.Maintenance/Snapshot` over HTTP/2, as gRPC puts it there (grpc.io, PROTOCOL-HTTP2). */
function callSnapshot(session: ClientHttp2Session): ClientHttp2Stream {
  session.on('connect', () => session.setLocalWindowSize(windowBytes));
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/etcdserverpb.Maintenance/Snapshot',
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
    [constants.HTTP2_HEADER_TE]: 'trailers',
  });
  // An empty message: no compression, length zero.
  stream.end(Buffer.alloc(5));
  return stream;
}

/**
 * Asks one member for a snapshot of its database. Read straight from HTTP/2: the gRPC library for Node takes four times the processor
 * time for the same bytes (benchmark/snapshot.bench.ts). Memory is bounded by the window; nothing is read ahead of who takes the chunks.
 * Throws `ETCD_UNAVAILABLE`, or `ETCD_REFUSED` with etcd's words.
 */
export async function withSnapshot<T>(
  endpoint: Url,
  { ca, certificate, key }: PemCredentials,
  take: (snapshot: SnapshotStream) => Promise<T>,
): Promise<T> {
  const session = connect(endpoint, {
    ca,
    cert: certificate,
    key,
    settings: { initialWindowSize: windowBytes, enablePush: false },
  });
  // Told by the stream, too; without a listener it would end the process.
  session.on('error', () => undefined);
  try {
    const stream = callSnapshot(session);
    stream.setTimeout(silenceMs, () => stream.destroy(new Error(`it sent nothing for ${silenceMs / 1000} s`)));
    const said: { status: string | undefined; message: string } = { status: undefined, message: '' };
    const note = (headers: Readonly<Record<string, unknown>>): void => {
      if (typeof headers['grpc-status'] !== 'string') return;
      said.status = headers['grpc-status'];
      const words = headers['grpc-message'];
      said.message = typeof words === 'string' ? decodeURIComponent(words) : '';
    };
    stream.on('response', note);
    stream.on('trailers', note);
    const reader = new SnapshotReader();
    const chunks = gather(stream, reader, () => verdictOf(endpoint, said));
    const first = await chunks.next();
    if (first.done === true) throw failure(endpoint, 'it was empty');
    const size = (reader.databaseSize ?? 0) + trailingHash;
    return await take({ size, chunks: rest(first.value, chunks) });
  } catch (error) {
    throw error instanceof CharmError ? error : failure(endpoint, error instanceof Error ? error.message : '', error);
  } finally {
    session.destroy();
  }
}

async function* rest(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

/** Puts parts together to chunks that are worth a system call, and looks at how the stream ended. */
async function* gather(stream: ClientHttp2Stream, reader: SnapshotReader, check: () => void): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    for (const part of reader.read(piece as Buffer)) {
      parts.push(part);
      length += part.length;
      if (length < chunkBytes) continue;
      yield Buffer.concat(parts);
      parts = [];
      length = 0;
    }
  }
  check();
  if (!reader.atRest) throw new Error('it broke off in the middle of a message');
  if (length > 0) yield Buffer.concat(parts);
}

/** Throws what gRPC's trailers say where it is not success. */
function verdictOf(
  endpoint: Url,
  { status, message }: { readonly status: string | undefined; readonly message: string },
): void {
  if (status === '0') return;
  if (status === undefined) throw failure(endpoint, 'the connection ended before it was whole');
  throw new CharmError({
    code: 'ETCD_REFUSED',
    operation,
    message: `etcd at ${endpoint} refused a snapshot: ${message || `gRPC status ${status}`}`,
    retryable: false,
  });
}
