import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from './files';
import { readSegment, stateFrame, unreadable, type HardState, type Position, type Segment } from './raft-records';

/** How far the log of a stopped member reaches. */
export interface RaftTail {
  /** Of the last entry: who has the highest has all that any of them was ever told is written. */
  readonly last: Position;
  /** What it had recorded; entries above `commit` may have been agreed on and may not. */
  readonly state: HardState;
  /** File of the last segment, and where the next record would be written. */
  readonly segment: string;
  readonly end: number;
  readonly crc: number;
}

/** Sequence number and first index, in hex (etcd, `walName`). */
const segmentName = /^[0-9a-f]{16}-[0-9a-f]{16}\.wal$/;

/**
 * Reads the end of the log below a data directory, from its last segment backwards until there was an entry and a state: nothing of it
 * may be running. A record that was not written to its end is not counted, for nobody was told of it.
 * @returns null where there is no log, or none that a leader wrote to.
 * @throws CharmError `FILE_FAILED` where it is damaged.
 */
export async function raftTail(files: Files, dataDirectory: string): Promise<RaftTail | null> {
  const directory = join(dataDirectory, 'member', 'wal');
  const names = ((await files.list(directory)) ?? []).filter((name) => segmentName.test(name)).sort();
  const segments: Segment[] = [];
  for (const name of [...names].reverse()) {
    const path = join(directory, name);
    const size = await files.size(path);
    const bytes = size === null ? null : await files.readPart(path, 0, size);
    if (bytes === null) throw unreadable(path, 'it is gone');
    segments.push(readSegment(bytes, path, segments.length === 0));
    if (segments.some(({ entry }) => entry !== null) && segments.some(({ state }) => state !== null)) break;
  }
  const state = segments.find((one) => one.state !== null)?.state ?? null;
  const [newest] = segments;
  if (newest === undefined || state === null) return null;
  // One that a leader sent stands in the place of the entries up to it; one above the commit index was not taken over any more.
  const snapshots = segments.flatMap((one) => one.snapshots).filter(({ index }) => index <= state.commit);
  const entry = segments.find((one) => one.entry !== null)?.entry ?? null;
  const last = [...snapshots, ...(entry === null ? [] : [entry])].reduce<Position>(
    (most, one) => (one.index > most.index ? one : most),
    { term: 0n, index: 0n },
  );
  if (last.index === 0n) return null;
  return { last, state, segment: join(directory, names.at(-1) ?? ''), end: newest.end, crc: newest.crc };
}

/** Entries that force-new-cluster would throw away. */
export const uncommitted = ({ last, state }: RaftTail): number => Number(last.index - state.commit);

/**
 * Writes down that all of this log was agreed on, so that force-new-cluster keeps it all. Only for a copy: what nobody agreed on becomes
 * part of the cluster by it. What was not written to its end is cut off, as etcd's own repair does.
 */
export async function commitAll({ last, state, segment, end, crc }: RaftTail): Promise<void> {
  const file = await open(segment, 'r+');
  try {
    await file.truncate(end);
    const frame = stateFrame({ ...state, commit: last.index }, crc);
    await file.write(frame, 0, frame.length, end);
    await file.sync();
  } finally {
    await file.close();
  }
}
