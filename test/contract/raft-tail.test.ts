import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '../../src/ports/crc32c';
import { NodeFiles } from '../../src/ports/files-node';
import { reachesFurther } from '../../src/domain/recovery';
import { commitAll, raftTail, uncommitted, type RaftTail } from '../../src/ports/raft-tail';

/** Writes segments as etcd's encoder does, by its own code here: what is tested must not make its own input. */
class Segments {
  readonly bytes: Buffer[] = [];
  private sum = 0;

  private add(kind: number, data: readonly number[], sum?: number): this {
    this.sum = sum ?? crc32c(Buffer.from(data), this.sum);
    const body = [0x08, kind, 0x10, ...varint(this.sum), 0x1a, ...varint(data.length), ...data];
    const padding = (8 - (body.length % 8)) % 8;
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(BigInt(body.length) | (BigInt(padding === 0 ? 0 : 0x80 | padding) << 56n));
    this.bytes.push(Buffer.concat([word, Buffer.from(body), Buffer.alloc(padding)]));
    return this;
  }
  /** The beginning of a segment: the sum so far, and who the log is of. */
  begin(): this {
    return this.add(4, [], this.sum).add(1, [0x08, 1, 0x10, 2]);
  }
  entry(term: number, index: number, length = 10): this {
    const data = Array.from({ length }, (_, at) => (at % 250) + 1);
    return this.add(2, [0x08, 0, 0x10, ...varint(term), 0x18, ...varint(index), 0x22, ...varint(length), ...data]);
  }
  state(term: number, commit: number): this {
    return this.add(3, [0x08, ...varint(term), 0x10, 7, 0x18, ...varint(commit)]);
  }
  snapshot(term: number, index: number): this {
    return this.add(5, [0x08, ...varint(index), 0x10, ...varint(term)]);
  }
  /** What was written since the last call, followed by what etcd makes room with. */
  end(zeros = 4096): Buffer {
    return Buffer.concat([...this.bytes.splice(0), Buffer.alloc(zeros)]);
  }
}

const varint = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))];

const files = new NodeFiles();
let directory: string;
const nameOf = (number: number): string => `${String(number).padStart(16, '0')}-0000000000000000.wal`;
const pathOf = (number: number): string => join(directory, 'member', 'wal', nameOf(number));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raft-tail-'));
  await mkdir(join(directory, 'member', 'wal'), { recursive: true });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The tail of a log of these segments, in short. */
async function tailOf(...segments: readonly Buffer[]): Promise<string> {
  for (const [number, bytes] of segments.entries()) await writeFile(pathOf(number), bytes);
  const tail = await raftTail(files, directory);
  return tail === null ? 'none' : `${tail.last.term}/${tail.last.index} commit ${tail.state.commit}`;
}

test('the sum is Castagnoli’s, as RFC 3720 has it, and goes on from what was before', () => {
  const zeros = Buffer.alloc(32);
  const rising = Buffer.from([...Array(32).keys()]);
  expect(crc32c(zeros, 0)).toBe(0x8a9136aa);
  expect(crc32c(rising, 0)).toBe(0x46dd794e);
  expect(crc32c(Buffer.from('123456789'), 0)).toBe(0xe3069283);
  expect(crc32c(rising, crc32c(zeros, 0))).toBe(crc32c(Buffer.concat([zeros, rising]), 0));
});

describe('how far a log reaches', () => {
  const plain = (): Segments => new Segments().begin().snapshot(0, 0).state(2, 1).entry(2, 2).entry(2, 3).state(2, 2);

  test.each<[string, () => readonly Buffer[], string]>([
    ['no log', () => [], 'none'],
    ['nothing but its beginning', () => [new Segments().begin().snapshot(0, 0).end()], 'none'],
    ['the last entry is above the commit index', () => [plain().end()], '2/3 commit 2'],
    ['not a zero behind it', () => [plain().end(0)], '2/3 commit 2'],
    [
      'entries that a new leader replaced, and what was behind them',
      () => [plain().entry(2, 4).entry(2, 5).state(3, 3).entry(3, 4).end()],
      '3/4 commit 3',
    ],
    [
      'the last segment has but its beginning',
      () => {
        const log = plain();
        return [log.end(), log.begin().state(2, 3).end()];
      },
      '2/3 commit 3',
    ],
    [
      'several segments',
      () => {
        const log = plain();
        return [log.end(), log.begin().state(2, 3).entry(2, 4).end(), log.begin().state(2, 4).entry(5, 5).end()];
      },
      '5/5 commit 4',
    ],
    [
      'a leader’s snapshot in the place of entries',
      () => [plain().snapshot(4, 90).state(4, 90).end()],
      '4/90 commit 90',
    ],
    ['a snapshot of its own is behind the log', () => [plain().snapshot(2, 2).end()], '2/3 commit 2'],
    ['a snapshot that was not taken over', () => [plain().snapshot(4, 90).end()], '2/3 commit 2'],
  ])('%s', async (_, segments, expected) => {
    expect(await tailOf(...segments())).toBe(expected);
  });

  test('a record that was not written to its end is none; one that was damaged since is an error', async () => {
    const log = plain();
    const whole = log.end(0);
    const next = log.entry(2, 4, 2000).end(0);
    for (const written of [4, 8, 16, 600, 1500]) {
      const torn = Buffer.concat([whole, next.subarray(0, written), Buffer.alloc(4096)]);
      expect([written, await tailOf(torn)]).toEqual([written, '2/3 commit 2']);
    }
    // The file ends in the middle of it.
    expect(await tailOf(Buffer.concat([whole, next.subarray(0, 1500)]))).toBe('2/3 commit 2');
    const flipped = Buffer.concat([whole, next, Buffer.alloc(4096)]);
    flipped.writeUInt8(flipped.readUInt8(whole.length + 700) ^ 1, whole.length + 700);
    await expect(tailOf(flipped)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });

  test('a record that is cut off with a segment behind it, and sums that do not go on', async () => {
    const log = plain();
    const first = log.end(0);
    await expect(tailOf(first.subarray(0, -8), log.begin().end())).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const joined = Buffer.concat([plain().end(0), new Segments().entry(2, 9).begin().end()]);
    await expect(tailOf(joined)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });
});

test('something else is no log', async () => {
  expect(await tailOf(Buffer.from('no log at all, but long enough to be taken for a frame.'.repeat(99)))).toBe('none');
});

test('who is further: the term of the last entry before its index', () => {
  const at = (term: bigint, index: bigint): { term: bigint; index: bigint } => ({ term, index });
  expect(reachesFurther(at(3n, 5n), at(2n, 9n))).toBe(true);
  expect(reachesFurther(at(2n, 9n), at(3n, 5n))).toBe(false);
  expect(reachesFurther(at(3n, 6n), at(3n, 5n))).toBe(true);
  expect(reachesFurther(at(3n, 5n), at(3n, 5n))).toBe(false);
});

test('marking all as agreed on: what was torn goes, and the log goes on behind it', async () => {
  const log = new Segments().begin().snapshot(0, 0).state(2, 1).entry(2, 2).entry(2, 3).entry(2, 4).state(2, 2);
  const whole = log.end(0);
  await writeFile(pathOf(0), Buffer.concat([whole, log.entry(2, 5, 3000).end(0).subarray(0, 900), Buffer.alloc(9000)]));
  const before = (await raftTail(files, directory)) as RaftTail;
  expect(uncommitted(before)).toBe(2);
  await commitAll(before);
  const after = (await raftTail(files, directory)) as RaftTail;
  expect([after.last, after.state]).toEqual([before.last, { ...before.state, commit: 4n }]);
  expect(uncommitted(after)).toBe(0);
  expect((await stat(pathOf(0))).size).toBe(after.end);
});
