import { failedMember, refusalOfTheRest, removalOf } from '../../src/domain/failed-member';
import type { Observed } from '../../src/domain/observed';
import { asLearner, given, inCluster, memberOf, noAnswer, noRecord, silent, withMembers } from './a-situation';

/** The member of etcd/2, where it may be gone; else the line. */
function verdict(observed: Observed, unit = 'etcd/2'): string {
  const found = failedMember(observed, unit);
  if ('refusal' in found) return found.refusal;
  return refusalOfTheRest(observed, found.member) ?? `remove ${found.member.name}`;
}

describe('a member that has failed', () => {
  test.each<[string, () => Observed, string | RegExp]>([
    ['one of three is silent', () => given(inCluster(3), silent(2)), 'remove etcd2'],
    ['it answers', () => inCluster(3), /answers, it is not dead: juju remove-unit etcd\/2/],
    ['one of five, another is down as well', () => given(inCluster(5), silent(2), silent(3)), 'remove etcd2'],
    [
      'one of four, another is down as well: two of three stay',
      () => given(inCluster(4), silent(2), silent(3)),
      'remove etcd2',
    ],
    [
      'one of three, another is down as well',
      () => given(inCluster(3), silent(1), silent(2)),
      'Without it 1 of 2 voters would be healthy, which is no quorum: start etcd/1 first.',
    ],
    [
      'a learner has no vote that anybody could miss',
      () => given(inCluster(3), silent(1), silent(2), asLearner(2)),
      'remove etcd2',
    ],
    ['nobody knows the members', () => given(inCluster(3), noAnswer), /^The member list cannot be read \(no member/],
  ])('%s', (_, observed, expected) => {
    if (typeof expected === 'string') expect(verdict(observed())).toBe(expected);
    else expect(verdict(observed())).toMatch(expected);
  });

  test('a unit without a member, and one whose name is the beginning of another', () => {
    const observed = given(inCluster(3), silent(2));
    expect(verdict(observed, 'etcd/7')).toBe(
      'etcd/7 has no member in this cluster (etcd/0, etcd/1, etcd/2 have): nothing to remove.',
    );
    expect(verdict(observed, 'etcd/20')).toMatch(/^etcd\/20 has no member/);
  });

  test('a member of unknown origin is no unit’s', () => {
    const external = given(
      inCluster(3),
      silent(2),
      noRecord,
      withMembers((all) => [
        ...all,
        {
          id: 'ab' as never,
          name: 'etcd9',
          peerUrls: ['https://10.9.9.9:2380' as never],
          clientUrls: [],
          learner: false,
        },
      ]),
    );
    expect(verdict(external, 'etcd/9')).toMatch(/^etcd\/9 has no member/);
  });

  test('it is removed through the others', () => {
    const observed = given(inCluster(3), silent(2));
    const member = memberOf(observed, 2);
    const step = removalOf(observed, member);
    expect(step).toMatchObject({ memberId: member.id, unit: 'etcd/2', onlyIfLearner: false });
    expect([...step.via].sort()).toEqual([0, 1].map((number) => memberOf(observed, number).clientUrls[0]).sort());
  });
});
