import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../src/execute/journal';
import { systemClock } from '../../src/ports/clock-system';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import { jsonOf } from '../support/json-of';

let root: string;
const files = new NodeFiles(() => Promise.resolve(null));
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const hooksIn = async (path: string): Promise<string[]> =>
  ((await files.read(path)) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => jsonOf<{ hook: string }>(line).hook);

test('the journal is bounded: one old file is kept, every line is whole, and the newest are there in order', async () => {
  const paths = makePaths(root);
  const limit = 2000;
  const written = [...Array(60).keys()].map((number) => `hook-${number}`);
  for (const hook of written) {
    const journal = new Journal(files, paths, systemClock, hook, limit);
    await journal.write({ kind: 'start-etcd', why: 'a test' }, 'done', 1);
  }
  expect((await readdir(paths.journalDirectory)).sort()).toEqual(['steps.1.jsonl', 'steps.jsonl']);
  for (const path of [paths.journal, paths.oldJournal]) {
    const size = (await files.size(path)) ?? 0;
    expect(size).toBeGreaterThan(0);
    // The line that reaches the limit is still written whole.
    expect(size).toBeLessThan(limit + 200);
  }
  const kept = [...(await hooksIn(paths.oldJournal)), ...(await hooksIn(paths.journal))];
  expect(kept.length).toBeGreaterThan(10);
  expect(kept).toEqual(written.slice(-kept.length));
});

test('below its limit it stays one file', async () => {
  const paths = makePaths(root);
  const journal = new Journal(files, paths, systemClock, 'update-status');
  for (let number = 0; number < 5; number++) await journal.write({ kind: 'release-turn' }, 'done', 1);
  expect(await readdir(paths.journalDirectory)).toEqual(['steps.jsonl']);
  expect(await hooksIn(paths.journal)).toHaveLength(5);
});
