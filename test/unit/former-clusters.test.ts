import { clusterId, url, type ClusterId, type Url } from '../../src/domain/ids';
import {
  describeServing,
  formerRemarks,
  planFormerClusters,
  type FormerMember,
} from '../../src/domain/former-clusters';
import type { Memory, MemberStatus, Observed, ObservedEvent } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import { statusOf } from '../../src/domain/status';
import { observeFormer } from '../../src/observe/observe-former';
import type { EtcdProbe } from '../../src/ports/etcd-api';
import { aStatus } from './an-observed';
import { given, inCluster, noQuorum, type Change } from './a-situation';

const at = (host: number): Url => url(`https://10.0.0.${host}:2379`);
const [before, present] = [clusterId('7'), clusterId('8')];

const remembers =
  (memory: Partial<Memory>): Change =>
  (observed) => ({ ...observed, memory: { ...observed.memory, ...memory } });

/** The own member answers as one of this cluster. */
const ofCluster =
  (id: ClusterId): Change =>
  (observed) => {
    const { local } = observed.cluster;
    if (!local.known) throw new Error('it does not answer');
    return { ...observed, cluster: { ...observed.cluster, local: known({ ...local.value, clusterId: id }) } };
  };
const answered =
  (former: readonly FormerMember[] | null): Change =>
  (observed) => ({ ...observed, former });

const learned = (observed: Observed): Partial<Memory> | 'nothing' => {
  const step = planFormerClusters(observed).find(({ kind }) => kind === 'remember');
  if (step?.kind !== 'remember') return 'nothing';
  const { cluster, former, formerMembers } = step.memory;
  return { cluster, former, formerMembers };
};
const outside = [{ cluster: before, endpoints: [at(101), at(102)] }];
const recovered = (...changes: readonly Change[]): Observed =>
  given(inCluster(3), ofCluster(present), remembers({ cluster: present, former: outside }), ...changes);

describe('the clusters before', () => {
  test('the first one has none before it; then nothing is to be done', () => {
    const first = given(inCluster(3), ofCluster(present), remembers({ cluster: null, former: [] }));
    expect(learned(first)).toEqual({ cluster: present, former: [], formerMembers: [] });
    expect(learned(given(first, remembers({ cluster: present })))).toBe('nothing');
  });

  test('another cluster answers here: where the others of the one before were is kept, but not who joined', () => {
    const joined = inCluster(3).cluster.members;
    const own = joined.known ? (joined.value[1]?.clientUrls[0] ?? at(0)) : at(0);
    const changed = given(
      inCluster(3),
      ofCluster(present),
      remembers({ cluster: before, endpoints: [at(101), own, at(102)] }),
    );
    expect(learned(changed)).toEqual({ cluster: present, former: outside, formerMembers: [] });
  });

  test('without quorum nothing is learned: a straggler alone knows no better', () => {
    const alone = given(
      inCluster(3),
      ofCluster(present),
      noQuorum,
      remembers({ cluster: before, endpoints: [at(101)] }),
    );
    expect(learned(alone)).toBe('nothing');
  });

  test('who joins the present cluster is asked no more, and the last one ends it', () => {
    const members = inCluster(3).cluster.members;
    const [one] = members.known ? members.value.flatMap(({ clientUrls }) => clientUrls) : [];
    const waiting = (endpoints: readonly Url[]): Observed =>
      recovered(remembers({ former: [{ cluster: before, endpoints }] }));
    expect(learned(waiting([one ?? at(0), at(102)]))).toMatchObject({
      former: [{ cluster: before, endpoints: [at(102)] }],
    });
    expect(learned(waiting([one ?? at(0)]))).toMatchObject({ former: [] });
  });

  test('several recoveries: all that may come back are asked', () => {
    const third = clusterId('9');
    const changed = recovered(ofCluster(third), remembers({ endpoints: [at(103)] }));
    expect(learned(changed)).toMatchObject({
      cluster: third,
      former: [...outside, { cluster: present, endpoints: [at(103)] }],
    });
  });

  test('what answered is kept until it is asked again', () => {
    const serving = [{ endpoint: at(101), serves: true }];
    const found = recovered(answered(serving));
    expect(learned(found)).toMatchObject({ formerMembers: serving });
    expect(planFormerClusters(found).map(({ kind }) => kind)).toEqual(['wake-later', 'remember']);
    expect(learned(recovered(answered(null), remembers({ formerMembers: serving })))).toBe('nothing');
    expect(learned(recovered(answered([]), remembers({ formerMembers: serving })))).toMatchObject({
      formerMembers: [],
    });
  });
});

describe('the status', () => {
  const found = (...members: readonly FormerMember[]): Observed => recovered(remembers({ formerMembers: members }));

  test('an old cluster that serves blocks, with its addresses and what to do, beside how the present one is', () => {
    const two = found({ endpoint: at(102), serves: true }, { endpoint: at(101), serves: true });
    expect(describeServing(two)).toMatch(
      /^an old cluster serves at https:\/\/10\.0\.0\.101:2379, https:\/\/10\.0\.0\.102:2379, .*: power those machines off/,
    );
    expect(statusOf(two)).toEqual({
      word: 'blocked',
      message: expect.stringMatching(/^an old cluster serves at .*; cluster is healthy \(3 of 3 members\)/) as string,
    });
  });

  test('one without a majority is told, and blocks nothing', () => {
    const idle = found({ endpoint: at(101), serves: false });
    expect(describeServing(idle)).toBeNull();
    expect(formerRemarks(idle)).toEqual([
      'members of an old cluster run without a majority at https://10.0.0.101:2379',
    ]);
    expect(statusOf(idle).word).toBe('active');
    expect(statusOf(found()).message).toBe('cluster is healthy (3 of 3 members)');
  });
});

describe('asking them', () => {
  const hook = (kind: string): ObservedEvent => ({ kind, endpoint: null, departingUnit: null });
  const memory = { ...inCluster(3).memory, former: outside };
  function probe(answers: Readonly<Record<string, Partial<MemberStatus>>>): {
    readonly asked: string[];
    of: EtcdProbe;
  } {
    const asked: string[] = [];
    const status = (endpoint: Url): Promise<MemberStatus> => {
      asked.push(endpoint);
      const answer = answers[endpoint];
      return answer === undefined ? Promise.reject(new Error('refused')) : Promise.resolve(aStatus(0, answer));
    };
    return { asked, of: { status } as Partial<EtcdProbe> as EtcdProbe };
  }

  test('all at once, in update-status alone, and only while there are some', async () => {
    const { asked, of } = probe({});
    expect(await observeFormer(of, hook('config-changed'), memory)).toBeNull();
    expect(await observeFormer(of, hook('update-status'), { ...memory, former: [] })).toBeNull();
    expect(asked).toEqual([]);
    expect(await observeFormer(of, hook('update-status'), memory)).toEqual([]);
    expect(asked).toEqual([at(101), at(102)]);
  });

  test.each<[string, Partial<MemberStatus>, readonly FormerMember[]]>([
    ['of the old cluster, with a leader', { clusterId: before }, [{ endpoint: at(101), serves: true }]],
    ['of the old cluster, alone', { clusterId: before, leaderId: null }, [{ endpoint: at(101), serves: false }]],
    ['of the present one', { clusterId: present }, []],
    ['of a stranger that got the address', { clusterId: clusterId('66') }, []],
  ])('a member %s', async (_, status, expected) => {
    expect(await observeFormer(probe({ [at(101)]: status }).of, hook('update-status'), memory)).toEqual(expected);
  });
});
