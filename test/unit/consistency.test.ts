import { inconsistency, judge, judgeNewest, type HashAnswer } from '../../src/actions/consistency';

const hash = (number: number, value: number, compactRevision = -1n, revision = 9n): HashAnswer => ({
  member: `etcd/${number}`,
  answer: { hash: value, compactRevision, revision },
});
const silent = (number: number): HashAnswer => ({ member: `etcd/${number}`, answer: { problem: 'ECONNREFUSED' } });

describe('hashes of all members at one revision', () => {
  test.each<[string, readonly HashAnswer[], unknown, RegExp | null]>([
    ['three are equal', [hash(0, 1), hash(1, 1), hash(2, 1)], { kind: 'equal', silent: [] }, null],
    ['one alone', [hash(0, 1)], { kind: 'equal', silent: [] }, null],
    [
      'one differs from the majority',
      [hash(0, 1), hash(1, 2), hash(2, 1)],
      { kind: 'different', wrong: ['etcd/1'], silent: [] },
      /^etcd\/1 differs from the majority: take a snapshot on another unit, then replace it \(juju remove-unit etcd\/1/,
    ],
    [
      'two of five differ, each in its own way',
      [hash(0, 1), hash(1, 2), hash(2, 1), hash(3, 3), hash(4, 1)],
      { kind: 'different', wrong: ['etcd/1', 'etcd/3'], silent: [] },
      /^etcd\/1, etcd\/3 differ from the majority/,
    ],
    [
      'two differ, and nobody tells which is right',
      [hash(0, 1), hash(1, 2)],
      { kind: 'different', wrong: null, silent: [] },
      /no majority tells which is right/,
    ],
    [
      'two are equal, one is silent: not all is known',
      [hash(0, 1), silent(1), hash(2, 1)],
      { kind: 'equal', silent: ['etcd/1 (ECONNREFUSED)'] },
      /^Not every member answered: etcd\/1 \(ECONNREFUSED\)/,
    ],
    [
      'two differ while the third is silent: it may be with either',
      [hash(0, 1), silent(1), hash(2, 2)],
      { kind: 'different', wrong: null, silent: ['etcd/1 (ECONNREFUSED)'] },
      /no majority/,
    ],
    [
      'compaction moved between: other hashes say nothing',
      [hash(0, 1, 5n), hash(1, 2, 7n), hash(2, 1, 5n)],
      { kind: 'incomparable' },
      /run the action again/,
    ],
  ])('%s', (_, answers, verdict, says) => {
    const judged = judge(answers);
    expect(judged).toEqual(verdict);
    if (says === null) expect(inconsistency(judged)).toBeNull();
    else expect(inconsistency(judged)).toMatch(says);
  });

  test('hashes of the newest revision count only where nobody wrote between', () => {
    expect(judgeNewest([hash(0, 1), hash(1, 1)], 9n).kind).toBe('equal');
    expect(judgeNewest([hash(0, 1), hash(1, 2, -1n, 10n)], 9n).kind).toBe('incomparable');
  });
});
