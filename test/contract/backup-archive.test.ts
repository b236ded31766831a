import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchiveWriter, type Haste } from '../../src/ports/backup-archive';

const chunkBytes = 200_000;
const text = (at: number): Buffer => Buffer.from(`object ${at} `.repeat(chunkBytes).slice(0, chunkBytes));
/** What shrinks and what does not, in turns; sizes that no block divides. */
const chunks = Array.from({ length: 40 }, (_, at) => (at % 4 === 3 ? randomBytes(chunkBytes + at) : text(at)));
const whole = Buffer.concat(chunks);

const largeGibibytes = process.env['EXHAUSTIVE'] === '1' ? 4 : 2;
jest.setTimeout(600_000);

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backup-archive-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function archive(haste: Haste): Promise<{ path: string; size: number; sha256: string }> {
  const path = join(directory, 'one.tar.gz');
  const writer = await ArchiveWriter.create(path, new Date(0), haste);
  await writer.entry('./db', whole.length, chunks);
  await writer.flush();
  await writer.entry('./manifest.json', 3, [Buffer.from('{}\n')]);
  return { path, ...(await writer.finish()) };
}

const tar = (path: string, entry: string): Buffer =>
  execFileSync('tar', ['-xzOf', path, entry], { maxBuffer: 1024 ** 3 });

const ways: Readonly<Record<string, Haste>> = {
  'all that shrinks is compressed': { smallBytes: whole.length, spare: 0 },
  'some of it is': { smallBytes: 0, spare: 1 },
  'nothing is': { smallBytes: 0, spare: 0 },
};

test.each(Object.entries(ways))('%s: plain tar and gzip read it to its last byte', async (_, haste) => {
  const { path, size, sha256 } = await archive(haste);
  execFileSync('gzip', ['-t', path]);
  expect(execFileSync('tar', ['-tzf', path], { encoding: 'utf8' }).split('\n').filter(Boolean)).toEqual([
    './db',
    './manifest.json',
  ]);
  expect(tar(path, './db').equals(whole)).toBe(true);
  expect(tar(path, './manifest.json').toString()).toBe('{}\n');
  expect(statSync(path).size).toBe(size);
  expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256);
});

test('what is small is made smaller, and what must not wait is not', async () => {
  const { size: small } = await archive(ways['all that shrinks is compressed'] as Haste);
  rmSync(join(directory, 'one.tar.gz'));
  const { size: large } = await archive(ways['nothing is'] as Haste);
  expect(small).toBeLessThan(whole.length / 2);
  expect(large).toBeGreaterThan(whole.length);
});

test('bytes that are not as many as announced are refused, and the file can be let go', async () => {
  const writer = await ArchiveWriter.create(join(directory, 'one.tar.gz'), new Date(0));
  await expect(writer.entry('./db', 5, [Buffer.from('four')])).rejects.toThrow('./db has 4 bytes instead of 5');
  await writer.abandon();
});

/** With EXHAUSTIVE=1 also where the length in gzip's trailer begins anew. */
test(`a database of more than ${largeGibibytes} GiB comes out as it went in`, async () => {
  const path = join(directory, 'large.tar.gz');
  const mebibyte = Buffer.alloc(1024 ** 2);
  const last = Buffer.from('the last byte is here');
  const size = largeGibibytes * 1024 ** 3 + last.length;
  const writer = await ArchiveWriter.create(path, new Date(0), { smallBytes: size, spare: 0 });
  const zeros = function* (): Generator<Buffer> {
    for (let count = 0; count < largeGibibytes * 1024; count += 1) yield mebibyte;
    yield last;
  };
  await writer.entry('./db', size, zeros());
  await writer.finish();
  // Its last bytes, and after them how many there were.
  const read = 'tar -xzOf "$0" ./db | { tee /dev/fd/3 | wc -c >&2; } 3>&1 2>"$0.count" | tail -c 21';
  expect(execFileSync('bash', ['-c', read, path], { encoding: 'utf8' })).toBe(last.toString());
  expect(Number(readFileSync(`${path}.count`, 'utf8'))).toBe(size);
});
