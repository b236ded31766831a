import { CharmError } from '../domain/errors';
import { crc32c } from './crc32c';

/**
 * One segment of etcd's write-ahead log (server/storage/wal, the same in etcd 3.4 to 3.7): frames of a 64-bit little-endian word (length
 * in the lower 56 bits; the highest byte is 0x80 and the number of padding bytes) and a `walpb.Record` (type 1, crc 2, data 3); zeros
 * follow the last one. The sum of a record is that of its data and of all data before it, and goes on from segment to segment.
 */

/** Kinds of `walpb.Record`. */
export const record = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5, last: 5 } as const;

/** Where the log stands: of an entry, or of a snapshot in its place. */
export interface Position {
  readonly term: bigint;
  readonly index: bigint;
}

/** `raftpb.HardState`: what a member may not forget. */
export interface HardState {
  readonly term: bigint;
  readonly vote: bigint;
  /** Every entry up to here was known to be agreed on. */
  readonly commit: bigint;
}

/** What one segment tells, read to its end. */
export interface Segment {
  /** The last entry that was written: one with a number that was there before replaces it and all behind it. */
  readonly entry: Position | null;
  readonly state: HardState | null;
  readonly snapshots: readonly Position[];
  /** Right behind the last whole record. */
  readonly end: number;
  /** The sum up to there. */
  readonly crc: number;
  /** Its last record was not written to its end: nobody was told of it. */
  readonly torn: boolean;
}

/** Torn writes end at the boundary of a sector (etcd, `minSectorSize`). */
const sector = 512;
const wordBytes = 8;

/** The fields of one protobuf message that has but varints and byte strings. */
export function fieldsOf(bytes: Buffer, path: string): Fields {
  const numbers = new Map<number, bigint>();
  const texts = new Map<number, Buffer>();
  let at = 0;
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw unreadable(path, 'it has a record that is cut off');
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) numbers.set(tag >> 3, varint());
    else if ((tag & 7) === 2) {
      const length = Number(varint());
      texts.set(tag >> 3, bytes.subarray(at, at + length));
      at += length;
    } else throw unreadable(path, 'it has a field of an unknown form');
  }
  return { numbers, texts };
}

export interface Fields {
  readonly numbers: ReadonlyMap<number, bigint>;
  readonly texts: ReadonlyMap<number, Buffer>;
}

export const unreadable = (path: string, why: string): CharmError =>
  new CharmError({
    code: 'FILE_FAILED',
    operation: 'read the raft log',
    message: `${path} cannot be read as etcd's log: ${why}`,
    retryable: true,
  });

/**
 * Reads a whole segment and checks every sum in it.
 * @param last nothing comes after it: only there a torn record is none.
 * @throws CharmError `FILE_FAILED` where it is damaged: etcd would not start from it either.
 */
export function readSegment(bytes: Buffer, path: string, last: boolean): Segment {
  let at = 0;
  let crc = 0;
  let entry: Buffer | null = null;
  let state: Buffer | null = null;
  const snapshots: Buffer[] = [];
  let torn = false;
  while (at + wordBytes <= bytes.length) {
    const word = bytes.readBigUInt64LE(at);
    if (word === 0n) break;
    const start = at + wordBytes;
    const length = Number(word & 0x00ff_ffff_ffff_ffffn);
    const end = start + length + Number((word >> 56n) & 7n);
    if (end > bytes.length) {
      torn = true;
      break;
    }
    const found = parseRecord(bytes, start, start + length);
    const sum = found === null || found.kind === record.crc ? null : crc32c(bytes, crc, found.from, found.to);
    if (found === null || (sum !== null && sum !== found.crc)) {
      if (!isTorn(bytes, start, end)) throw unreadable(path, `the record at byte ${at} is damaged`);
      torn = true;
      break;
    }
    // The first record of a segment says with which sum the one before ended.
    if (sum !== null) crc = sum;
    else if (crc !== 0 && crc !== found.crc)
      throw unreadable(path, `the sum at byte ${at} is not that of what is before`);
    else crc = found.crc;
    const data = bytes.subarray(found.from, found.to);
    if (found.kind === record.entry) entry = data;
    else if (found.kind === record.state) state = data;
    else if (found.kind === record.snapshot) snapshots.push(data);
    else if (found.kind < 1 || found.kind > record.last)
      throw unreadable(path, `it has a record of kind ${found.kind}`);
    at = end;
  }
  if (torn && !last) throw unreadable(path, `the record at byte ${at} is cut off, and another segment follows`);
  return {
    entry: entry === null ? null : positionOf(entry, path, 2, 3),
    state: state === null ? null : stateOf(state, path),
    snapshots: snapshots.map((one) => positionOf(one, path, 2, 1)),
    end: at,
    crc,
    torn,
  };
}

interface FoundRecord {
  readonly kind: number;
  readonly crc: number;
  /** Where its data are. */
  readonly from: number;
  readonly to: number;
}

/** A `walpb.Record`, without big numbers: there are hundreds of thousands in a segment. Null where it is none. */
function parseRecord(bytes: Buffer, start: number, end: number): FoundRecord | null {
  const found = { kind: 0, crc: 0, from: start, to: start };
  let at = start;
  const varint = (): number => {
    for (let value = 0, factor = 1; at < end && factor <= 2 ** 49; factor *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return -1;
  };
  while (at < end) {
    const tag = varint();
    const value = varint();
    if (value < 0) return null;
    if (tag === 0x08) found.kind = value;
    else if (tag === 0x10) found.crc = value;
    else if (tag === 0x1a) {
      if (at + value > end) return null;
      [found.from, found.to] = [at, at + value];
      at += value;
    } else return null;
  }
  return found;
}

/** Whether a sector of this record was never written: all zeros (etcd, `isTornEntry`). */
function isTorn(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const next = Math.min(end, at + sector - (at % sector));
    if (bytes.subarray(at, next).every((byte) => byte === 0)) return true;
    at = next;
  }
  return false;
}

function positionOf(data: Buffer, path: string, term: number, index: number): Position {
  const { numbers } = fieldsOf(data, path);
  return { term: numbers.get(term) ?? 0n, index: numbers.get(index) ?? 0n };
}

function stateOf(data: Buffer, path: string): HardState {
  const { numbers } = fieldsOf(data, path);
  return { term: numbers.get(1) ?? 0n, vote: numbers.get(2) ?? 0n, commit: numbers.get(3) ?? 0n };
}

function varintOf(value: bigint): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

/** The frame of a record of this state, behind records with this sum. */
export function stateFrame({ term, vote, commit }: HardState, crc: number): Buffer {
  const data = Buffer.from([0x08, ...varintOf(term), 0x10, ...varintOf(vote), 0x18, ...varintOf(commit)]);
  const sum = crc32c(data, crc);
  const body = [0x08, record.state, 0x10, ...varintOf(BigInt(sum)), 0x1a, ...varintOf(BigInt(data.length)), ...data];
  const padding = (wordBytes - (body.length % wordBytes)) % wordBytes;
  const word = Buffer.alloc(wordBytes);
  word.writeBigUInt64LE(BigInt(body.length) | (BigInt(padding === 0 ? 0 : 0x80 | padding) << 56n));
  return Buffer.concat([word, Buffer.from(body), Buffer.alloc(padding)]);
}
