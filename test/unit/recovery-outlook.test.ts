import { unitName, type UnitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { lossPatience } from '../../src/domain/quorum-loss';
import type { Recovery } from '../../src/domain/recovery';
import { describeOutlook, filesOutlook, outlookOf } from '../../src/domain/recovery-outlook';
import { planRemains, type Remains } from '../../src/domain/remains';
import { formatRemains, parseRemains } from '../../src/ports/remains-bag';
import { given, inCluster, noQuorum, silent, withBag, withOwnBag, type Change } from './a-situation';

const unit = (number: number): UnitName => unitName(`etcd/${number}`);
const units = [unit(0), unit(1), unit(2)];
const left = (term: number, index: number, changes: Partial<Remains> = {}): Remains => ({
  log: { term: BigInt(term), index: BigInt(index), commit: BigInt(index) },
  revision: BigInt(index - 3),
  size: 4096,
  backup: null,
  files: [],
  ...changes,
});
const lost: readonly Change[] = [silent(1), silent(2), noQuorum];
const lostFor =
  (ms: number | null): Change =>
  (observed) => ({
    ...observed,
    memory: { ...observed.memory, quorumLostSince: ms === null ? null : observed.now - ms },
  });
const reads =
  (remains: Remains | null): Change =>
  (observed) => ({ ...observed, remains });
const published = (observed: Observed): Remains | null | 'nothing' => {
  const [step] = planRemains(observed);
  return step?.kind === 'publish-peer' ? step.bag.remains : 'nothing';
};

describe('what is left is told', () => {
  const here = left(2, 9);
  test.each<[string, () => Observed, Remains | null | 'nothing']>([
    ['while all is well', () => inCluster(3), 'nothing'],
    ['quorum went just now', () => given(inCluster(3), ...lost, lostFor(1000), reads(here)), 'nothing'],
    ['quorum is lost', () => given(inCluster(3), ...lost, lostFor(lossPatience), reads(here)), here],
    ['it came back before', () => given(inCluster(3), lostFor(lossPatience), reads(here)), 'nothing'],
    [
      'once',
      () => given(inCluster(3), ...lost, lostFor(lossPatience), reads(left(2, 10)), withOwnBag({ remains: here })),
      'nothing',
    ],
    ['taken back with quorum', () => given(inCluster(3), withOwnBag({ remains: here })), null],
    ['not without', () => given(inCluster(3), ...lost, withOwnBag({ remains: here })), 'nothing'],
  ])('%s', (_, observed, expected) => expect(published(observed())).toEqual(expected));

  test('the bag holds it, also what is not known; what cannot be read was not told', () => {
    const files = [
      { file: '/a', sha256: 'aa' },
      { file: '/b', sha256: null },
    ];
    const all = [left(3, 2 ** 40, { files, backup: { takenAt: 1000, revision: 2n ** 60n } })];
    const none = { log: null, revision: null, size: null, backup: null, files: [] };
    for (const one of [...all, none]) expect(parseRemains(formatRemains(one))).toEqual(one);
    expect(parseRemains(undefined)).toBeNull();
    for (const text of ['', '{}', '[]', '{"log":{"term":1}}', '{"log":null,"revision":null,"backup":null,"files":[1]}'])
      expect(parseRemains(text)).toBeNull();
  });
});

test('each unit that takes part: read here, told, answered, or nothing known', () => {
  const observed = given(inCluster(4), silent(3), withBag(1, { remains: left(3, 50) }));
  const all = outlookOf(observed, [...units, unit(3)], left(2, 40));
  expect(all.map(({ unit: name, from, term, index }) => [name, from, term, index])).toEqual([
    ['etcd/0', 'read', 2n, 40n],
    ['etcd/1', 'told', 3n, 50n],
    ['etcd/2', 'answered', 1n, null],
    ['etcd/3', 'nothing', null, null],
  ]);
});

describe('with what it would begin and what would be lost', () => {
  const asked = { wanted: 'auto', failed: [], masters: [] } as const;
  const told = (...all: readonly (Remains | null)[]) =>
    outlookOf(
      given(
        inCluster(3),
        silent(1),
        silent(2),
        ...all.slice(1).map((one, index) => withBag(index + 1, { remains: one })),
      ),
      units.slice(0, all.length),
      all[0] ?? left(1, 1),
    );
  const said = (request: Partial<Recovery>, ...all: readonly (Remains | null)[]): string =>
    describeOutlook({ ...asked, ...request }, told(...all)).join(' ');
  const nothing = left(1, 1, { log: null, revision: null });
  const backup = (takenAt: number, revision: bigint): Partial<Remains> => ({ backup: { takenAt, revision } });

  test('the furthest log, what of it is unsure, and what only lost machines had', () => {
    const unsure = left(3, 50, { log: { term: 3n, index: 50n, commit: 47n } });
    const words = said({ failed: [unit(2)] }, left(2, 90), unsure);
    expect(words).toMatch(/what etcd\/1 has: its log reaches furthest \(term 3, index 50\)/);
    expect(words).toMatch(/Kept: its last 3 entries, too/);
    expect(words).toMatch(/Lost: what only etcd\/2 had/);
  });

  test('who has not told yet may reach further', () => {
    expect(said({}, left(2, 90), null)).toMatch(/Not known yet: how far etcd\/1 reaches/);
    expect(said({}, left(2, 90), left(2, 80))).not.toMatch(/Not known yet/);
  });

  test('no log: the newest backup, with the revisions that it lacks', () => {
    const words = said(
      {},
      { ...nothing, ...backup(1_800_000_000_000, 20n), revision: 45n },
      { ...nothing, ...backup(5, 40n) },
    );
    expect(words).toMatch(/Where none is found once all have stopped \(etcd\/0, etcd\/1\)/);
    expect(words).toMatch(/newest good backup: of 2027-01-15 .*, revision 20, on etcd\/0/);
    expect(words).toMatch(/Lost: revisions 21 to 45/);
    expect(said({ wanted: 'survivor' }, nothing)).not.toMatch(/backup/);
    expect(said({ wanted: 'snapshot' }, left(2, 90))).toMatch(/No unit has told of a good backup/);
    expect(said({ wanted: 'snapshot' }, { ...nothing, ...backup(5, 40n) })).toMatch(/how much is not known/);
    expect(said({ wanted: 'snapshot' }, left(2, 43, backup(5, 40n)))).toMatch(/nothing that the units know of/);
  });

  test('files: all keys that are in no file; whose files become keys, and who has others', () => {
    const words = said({ wanted: 'files', masters: [unit(0)] }, left(2, 43));
    expect(words).toMatch(/empty, founded together by etcd\/0\. No unit has told of a mirrored file/);
    expect(words).toMatch(/Lost: all keys up to revision 40 that are not in a mirrored file/);
    const has = (...sums: readonly (string | null)[]): Remains =>
      left(2, 43, { files: sums.map((sha256, index) => ({ file: `/${index}`, sha256 })) });
    const differing = said({ wanted: 'files' }, has('1', null), has('2', '5'));
    expect(differing).toMatch(/come back from the files of etcd\/1\./);
    expect(differing).toMatch(/\/0 is not the same on all units: that of etcd\/1 becomes the key, etcd\/0 has another/);
  });

  test('a file that differs has a row for each content', () => {
    const of = (...sums: readonly (string | null)[]) =>
      sums.map((sha256, index) => ({ file: index === 0 ? '/a' : '/b', sha256 }));
    const all = told(
      left(1, 4, { files: of('1', '5') }),
      left(1, 4, { files: of('2', '5') }),
      left(1, 4, { files: of('1', null) }),
    );
    expect(filesOutlook(all)).toEqual([
      { file: '/a', sha256: '1', units: ['etcd/0', 'etcd/2'] },
      { file: '/a', sha256: '2', units: ['etcd/1'] },
      { file: '/b', sha256: '5', units: ['etcd/0', 'etcd/1'] },
      { file: '/b', sha256: null, units: ['etcd/2'] },
    ]);
  });
});
