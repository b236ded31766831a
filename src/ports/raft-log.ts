import { join } from 'node:path';
import type { Files } from './files';
import { fieldsOf, record, unreadable } from './raft-records';

/** The segment that a fresh log begins with: sequence number and first index, in hex (etcd server/storage/wal, `walName`). */
const firstSegment = '0000000000000000-0000000000000000.wal';
/** Read at a time. One chunk is enough for any member that ever had a leader. */
const chunkBytes = 65_536;

/** Founding itself is written as entries of term 1, before any election: a leader's first term is 2. */
const foundingTerm = 1n;

/**
 * Whether the raft log below this data directory holds anything that an elected leader wrote. What a majority ever agreed on is in the
 * logs of that majority, synced before it counted: a member whose log has nothing but its founding took part in nothing. etcd itself
 * cannot be asked: without a majority it answers nobody, and after a restart it forgets what it may not apply.
 *
 * Format: frames of a 64-bit little-endian word (length in the lower 56 bits; the lower three bits of the highest byte are padding)
 * and a `walpb.Record`; zeros follow the last one. The same in etcd 3.4 to 3.7.
 * @throws CharmError `FILE_FAILED` where it cannot be read as that.
 */
export async function hadLeader(files: Files, dataDirectory: string): Promise<boolean> {
  const directory = join(dataDirectory, 'member', 'wal');
  const segments = ((await files.list(directory)) ?? []).filter((name) => name.endsWith('.wal'));
  // Made aside and renamed with its beginning synced, so that none is none.
  if (segments.length === 0) return false;
  // Later segments and no first one: there was a snapshot. Several: more than any founding fills.
  if (segments.length > 1 || segments[0] !== firstSegment) return true;
  return readSegment(files, join(directory, firstSegment));
}

async function readSegment(files: Files, path: string): Promise<boolean> {
  let offset = 0;
  let wanted = chunkBytes;
  for (;;) {
    const chunk = await files.readPart(path, offset, wanted);
    if (chunk === null) throw unreadable(path, 'it is gone');
    const endsHere = chunk.length < wanted;
    wanted = chunkBytes;
    let at = 0;
    while (at + 8 <= chunk.length) {
      const word = chunk.readBigUInt64LE(at);
      if (word === 0n) return false;
      const length = Number(word & 0x00ff_ffff_ffff_ffffn);
      const end = at + 8 + length + Number((word >> 56n) & 7n);
      if (end > chunk.length) {
        wanted = Math.max(chunkBytes, end - at);
        break;
      }
      if (ledBy(chunk.subarray(at + 8, at + 8 + length), path)) return true;
      at = end;
    }
    if (endsHere && at < chunk.length) throw unreadable(path, 'its last record is cut off');
    if (endsHere) return false;
    offset += at;
  }
}

/** Whether this `walpb.Record` (type 1, crc 2, data 3) is an entry or a snapshot that took a leader. */
function ledBy(bytes: Buffer, path: string): boolean {
  const fields = fieldsOf(bytes, path);
  const kind = Number(fields.numbers.get(1) ?? 0n);
  if (kind < 1 || kind > record.last) throw unreadable(path, `it has a record of kind ${kind}`);
  if (kind !== record.entry && kind !== record.snapshot) return false;
  const inner = fieldsOf(fields.texts.get(3) ?? Buffer.alloc(0), path).numbers;
  // raftpb.Entry: term 2. walpb.Snapshot: index 1, and a fresh log begins with an empty one.
  return kind === record.entry ? (inner.get(2) ?? 0n) > foundingTerm : (inner.get(1) ?? 0n) > 0n;
}
