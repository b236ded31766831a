import { gapOf, nextDefragmentation, toDefragment } from '../../src/actions/defragmentation';
import { callMember } from '../../src/domain/member';
import type { MemberId } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { asLearner, given, inCluster, memberOf, noQuorum, silent, unused } from './a-situation';

/** `wait ...`, `nothing`, `etcd/1`, or `etcd/0 -> etcd/1` for leadership. */
function nextOf(observed: Observed, pending: ReadonlySet<MemberId>): string {
  const next = nextDefragmentation(observed, pending);
  switch (next.kind) {
    case 'nothing':
      return 'nothing';
    case 'wait':
      return `wait: ${next.why}`;
    case 'defragment':
      return callMember(observed, next.member);
    case 'move-leadership':
      return `${callMember(observed, next.from)} -> ${callMember(observed, next.to)}`;
  }
}

const ids = (observed: Observed, ...numbers: readonly number[]): ReadonlySet<MemberId> =>
  new Set(numbers.map((number) => memberOf(observed, number).id));

/** The model's first unit leads. */
describe('defragmenting a whole cluster', () => {
  test('followers by number, then leadership moves, then the one that led', () => {
    const observed = inCluster(3);
    expect([...toDefragment(observed, true)]).toHaveLength(3);
    expect(nextOf(observed, ids(observed, 0, 1, 2))).toBe('etcd/1');
    expect(nextOf(observed, ids(observed, 0, 2))).toBe('etcd/2');
    expect(nextOf(observed, ids(observed, 0))).toMatch(/^etcd\/0 -> etcd\/[12]$/);
    expect(nextOf(observed, ids(observed))).toBe('nothing');
  });

  test.each<[string, () => Observed, readonly number[], string]>([
    ['another voter is down', () => given(inCluster(3), silent(2)), [1], 'wait: etcd/2 does not answer'],
    ['the one itself is down', () => given(inCluster(3), silent(1)), [1], 'wait: etcd/1 does not answer'],
    ['no quorum', () => given(inCluster(3), noQuorum), [1], 'wait: the cluster has no quorum'],
    [
      'a learner has no vote, and may go while a voter is down',
      () => given(inCluster(3), asLearner(2), silent(1)),
      [2],
      'etcd/2',
    ],
    [
      'one that never started is down',
      () => given(inCluster(3), unused(2), silent(2)),
      [1],
      'wait: etcd/2 does not answer',
    ],
    ['alone it has nobody to lead meanwhile', () => inCluster(1), [0], 'etcd/0'],
    ['of two, the follower first', () => inCluster(2), [0, 1], 'etcd/1'],
    ['of two, leadership moves, too', () => inCluster(2), [0], 'etcd/0 -> etcd/1'],
    ['of two, none while the other is down', () => given(inCluster(2), silent(1)), [0], 'wait: etcd/1 does not answer'],
  ])('%s', (_, observed, numbers, next) => {
    const world = observed();
    expect(nextOf(world, ids(world, ...numbers))).toBe(next);
  });

  test('a member that is no more in the cluster is nothing to do', () => {
    const observed = inCluster(3);
    expect(nextOf(observed, new Set(['00000000000000ff' as MemberId]))).toBe('nothing');
  });

  test('this unit alone; one that never started is left out of all', () => {
    expect([...toDefragment(inCluster(3, 1), false)]).toEqual([memberOf(inCluster(3), 1).id]);
    expect([...toDefragment(given(inCluster(3), unused(2)), true)]).toHaveLength(2);
  });

  test.each<[number, RegExp | null]>([
    [1, /the only member answers nobody/],
    [2, /with two voters none can be spared/],
    [3, null],
    [5, null],
  ])('the gap of a cluster of %d', (size, gap) => {
    if (gap === null) expect(gapOf(inCluster(size))).toBeNull();
    else expect(gapOf(inCluster(size))).toMatch(gap);
  });
});
