import { startedWithoutData } from '../../src/domain/member';
import type { Observed } from '../../src/domain/observed';
import { given, inCluster, memberOf, noAnswer, noData, withDisk, withMembers } from './a-situation';
import { unknown } from '../../src/domain/probe';

const notStarted = (observed: Observed): Observed => {
  const { id } = memberOf(observed, 2);
  return withMembers((members) => members.map((one) => (one.id === id ? { ...one, clientUrls: [] } : one)))(observed);
};

// The disk is read while etcd is asked: a member that had started a moment later has its data.
describe('a member that has started, and its data were not seen', () => {
  test.each<[string, Observed, boolean]>([
    ['its data are there', inCluster(3, 2), false],
    ['they are not', given(inCluster(3, 2), noData), true],
    ['it has not started yet', given(inCluster(3, 2), noData, notStarted), false],
    ['nobody tells who the members are', given(inCluster(3, 2), noData, noAnswer), false],
    ['the disk gives no answer', given(inCluster(3, 2), withDisk({ data: unknown('EIO') })), false],
  ])('%s', (_situation, observed, expected) => {
    expect(startedWithoutData(observed)).toBe(expected);
  });
});
