import type { Observed } from '../../src/domain/observed';
import { connectionString, planEndpoints } from '../../src/domain/plan-relations';
import { departing, given, inCluster, noRecord, planned, table, unlisted, withMembers } from './a-situation';

/** What the unit remembers next; null where it remembers nothing new. */
function remembered(observed: Observed): readonly string[] | null {
  const [step] = planEndpoints(observed);
  return step?.kind === 'remember' ? step.memory.endpoints : null;
}

table('endpoints', [
  ['all are remembered', () => inCluster(3), []],
  ['one is being removed: its member still votes', () => given(inCluster(3), planned({ 2: 'dying' })), []],
]);

describe('where the other voters are', () => {
  test('a unit that is gone does not count, though its member is still listed: nobody gets a hook when that is removed', () => {
    const gone = given(inCluster(3, 0, departing(2)), planned({ 2: 'gone' }));
    expect(remembered(gone)).toEqual(['https://10.0.0.2:2379']);
  });

  test('nor one that has left the relation, though its member votes until its stop', () => {
    expect(remembered(given(inCluster(3), unlisted(2)))).toEqual(['https://10.0.0.2:2379']);
    expect(connectionString(given(inCluster(3), unlisted(2)))).toBe('https://10.0.0.1:2379,https://10.0.0.2:2379');
  });

  test('clients are told the same', () => {
    const gone = given(inCluster(3, 0, departing(2)), planned({ 2: 'gone' }));
    expect(connectionString(gone)).toBe('https://10.0.0.1:2379,https://10.0.0.2:2379');
  });

  test('a member of unknown origin counts: it can tell a leaver that it is out', () => {
    const foreign = given(
      inCluster(3),
      noRecord,
      planned({ 2: 'gone' }),
      withMembers((all) => all.map((one) => (one.name === 'etcd2' ? { ...one, peerUrls: [] } : one))),
    );
    expect(planEndpoints(foreign)).toEqual([]);
  });
});
