import { chooseSuccessor } from '../../src/actions/successor';
import { failedMember } from '../../src/domain/failed-member';
import { unitOfMember } from '../../src/domain/member';
import { given, inCluster, memberOf, silent } from './a-situation';

/** See docs/explanation/bugs-that-this-charm-does-not-have.md. */
describe('etcd/1 and etcd/10 are two units', () => {
  const observed = given(inCluster(11), silent(10));

  test('members are told by the whole name of their unit', () => {
    for (const number of [1, 10]) expect(unitOfMember(observed, memberOf(observed, number))).toBe(`etcd/${number}`);
  });

  test('the one that is down is not offered, the other is', () => {
    expect(chooseSuccessor(observed, 'etcd/1')).toMatchObject({ member: { name: 'etcd1' } });
    expect(chooseSuccessor(observed, 'etcd/10')).toMatchObject({
      refusal: expect.stringMatching(/^etcd\/10 does not/) as string,
    });
  });

  test('the one that has failed is removed, the other stays', () => {
    expect(failedMember(observed, 'etcd/10')).toMatchObject({ member: { name: 'etcd10' } });
    expect(failedMember(observed, 'etcd/1')).toMatchObject({ refusal: expect.stringContaining('etcd/1') as string });
  });
});
