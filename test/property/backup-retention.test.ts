import * as fc from 'fast-check';
import {
  formatLadder,
  keptBackups,
  parseLadder,
  type DatedBackup,
  type Ladder,
} from '../../src/domain/backup-retention';
import { shuffled } from '../support/shuffled';
import { drawFrom } from './draw';

const exhaustive = process.env['EXHAUSTIVE'] === '1';
const usualSeed = 11;
const seed = Number(process.env['SEED'] ?? (exhaustive ? Math.floor(Math.random() * 0x7fffffff) : usualSeed));
const numRuns = exhaustive ? 20_000 : 500;
beforeAll(() => console.log(`backup-retention.test.ts: SEED=${seed}`));

const hour = 3_600_000;
const start = Date.parse('2026-02-25T00:00:00Z');
const now = start + 60 * 24 * hour;

const ladders: fc.Arbitrary<Ladder> = fc
  .record({ hours: fc.nat(6), days: fc.nat(6), weeks: fc.nat(6) })
  .filter(({ hours, days, weeks }) => hours + days + weeks > 0);

/** Any clocks and any history: clusters, revisions and times need not go together. */
const wild: fc.Arbitrary<readonly DatedBackup[]> = fc
  .array(
    fc.record({
      time: fc.integer({ min: start, max: now + 48 * hour }),
      revision: fc.bigInt({ min: 1n, max: 20n }),
      cluster: fc.constantFrom('a', 'b', 'c'),
    }),
    { maxLength: 60 },
  )
  .map((list) => list.map((one, index) => ({ ...one, path: `/backups/${index}` })));

/** One cluster whose clock goes right: each backup is later than the one before and has as much or more. */
const tame: fc.Arbitrary<readonly DatedBackup[]> = fc
  .array(fc.record({ gap: fc.integer({ min: 1000, max: 30 * hour }), more: fc.bigInt({ min: 0n, max: 9n }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((list) => {
    let time = start;
    let revision = 1n;
    return list.map(({ gap, more }, index) => {
      time += gap;
      revision += more;
      return { path: `/backups/${index}`, time, revision, cluster: 'a' };
    });
  });

const check = <T extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<T>): void =>
  fc.assert(property, { seed, numRuns });

const pathsOf = (list: readonly DatedBackup[], ladder: Ladder, at = now): readonly string[] =>
  [...keptBackups(list, ladder, at).keys()].sort();

test('of each cluster the backup that holds most stays, whatever the clocks say', () => {
  check(
    fc.property(wild, ladders, (list, ladder) => {
      const kept = new Set(pathsOf(list, ladder));
      for (const cluster of new Set(list.map((one) => one.cluster))) {
        const all = list.filter((one) => one.cluster === cluster);
        const most = all.map(({ revision }) => revision).reduce((one, other) => (one > other ? one : other));
        const staying = all.filter(({ path, revision }) => kept.has(path) && revision === most);
        expect(staying).not.toHaveLength(0);
        const latest = Math.max(...all.filter(({ revision }) => revision === most).map(({ time }) => time));
        expect(staying.map(({ time }) => time)).toContain(latest);
      }
    }),
  );
});

test('no more stay than the ladder, the clusters and clocks that are ahead account for; nothing stays that is not there', () => {
  check(
    fc.property(wild, ladders, (list, ladder) => {
      const kept = keptBackups(list, ladder, now);
      const ahead = list.filter(({ time }) => time > now).length;
      const clusters = new Set(list.map(({ cluster }) => cluster)).size;
      expect(kept.size).toBeLessThanOrEqual(ladder.hours + ladder.days + ladder.weeks + clusters + ahead);
      const there = new Set(list.map(({ path }) => path));
      for (const path of kept.keys()) expect(there).toContain(path);
    }),
  );
});

test('the order of a directory does not matter, and pruning what was pruned removes nothing', () => {
  check(
    fc.property(wild, ladders, fc.nat(), (list, ladder, order) => {
      const once = pathsOf(list, ladder);
      expect(pathsOf(shuffled(list, order), ladder)).toEqual(once);
      expect(
        pathsOf(
          list.filter(({ path }) => once.includes(path)),
          ladder,
        ),
      ).toEqual(once);
    }),
  );
});

test('whoever is killed in the middle of it goes on to the same end', () => {
  check(
    fc.property(wild, ladders, fc.nat(), (list, ladder, chosen) => {
      const kept = pathsOf(list, ladder);
      const draw = drawFrom(chosen);
      const rest = list.filter(({ path }) => kept.includes(path) || draw(2) === 0);
      expect(pathsOf(rest, ladder)).toEqual(kept);
    }),
  );
});

test('pruning after each backup keeps what pruning once at the end would', () => {
  check(
    fc.property(tame, ladders, (list, ladder) => {
      let directory: readonly DatedBackup[] = [];
      for (const backup of list) {
        const all = [...directory, backup];
        const kept = keptBackups(all, ladder, backup.time);
        directory = all.filter(({ path }) => kept.has(path));
      }
      expect(directory.map(({ path }) => path).sort()).toEqual(pathsOf(list, ladder, list.at(-1)?.time));
    }),
  );
});

test('each of the last so many hours, days and weeks that have a backup keeps its newest, and nothing else stays', () => {
  const lengths: readonly (readonly [keyof Ladder, (time: number) => string])[] = [
    ['hours', (time) => new Date(time).toISOString().slice(0, 13)],
    ['days', (time) => new Date(time).toISOString().slice(0, 10)],
    [
      'weeks',
      (time) => {
        const monday = new Date(time);
        monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
        return monday.toISOString().slice(0, 10);
      },
    ],
  ];
  check(
    fc.property(tame, ladders, (list, ladder) => {
      const wanted = new Set([list.at(-1)?.path]);
      for (const [rung, named] of lengths) {
        const newestOf = new Map(list.map((one) => [named(one.time), one.path]));
        for (const path of [...newestOf.values()].reverse().slice(0, ladder[rung])) wanted.add(path);
      }
      expect(new Set(pathsOf(list, ladder))).toEqual(wanted);
    }),
  );
});

test('a ladder is what it is written as', () => {
  check(fc.property(ladders, (ladder) => expect(parseLadder(formatLadder(ladder))).toEqual(ladder)));
});
