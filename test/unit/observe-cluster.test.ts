import { clusterId, etcdVersion, memberId, generation, unitName, url, type Url } from '../../src/domain/ids';
import type { ClusterFacts, Member, MemberStatus, PeerFacts, PeerUnitBag } from '../../src/domain/observed';
import { known, unknown, type Probe } from '../../src/domain/probe';
import { observeCluster, observeLocal, type ClusterQuestion, type Patience } from '../../src/observe/observe-cluster';
import type { EtcdProbe } from '../../src/ports/etcd-api';
import { inCluster } from './a-situation';

/** What answers at an address: a member, and the list that it tells. */
interface Answering {
  readonly id: string;
  readonly list: readonly (readonly [id: string, host: string])[];
}

const at = (host: string): Url => url(`https://${host}:2379`);

function status(id: string): MemberStatus {
  return {
    memberId: memberId(id),
    clusterId: clusterId('1'),
    leaderId: memberId(id),
    version: etcdVersion('3.5.16'),
    dbSize: 1,
    dbSizeInUse: 1,
    raftTerm: 1n,
    raftIndex: 1n,
    raftAppliedIndex: 1n,
    revision: 1n,
    learner: false,
    errors: [],
    latency: 1,
  };
}

/** Members as they answer, by host; one that is not named refuses. */
function probeOf(answers: Readonly<Record<string, Answering>>): EtcdProbe {
  const ask = <T>(endpoint: Url, answer: (one: Answering) => T): Promise<T> => {
    const one = answers[new URL(endpoint).hostname];
    return one === undefined ? Promise.reject(new Error('refused')) : Promise.resolve(answer(one));
  };
  const listed = ({ list }: Answering): readonly Member[] =>
    list.map(([id, host]) => ({
      id: memberId(id),
      name: id,
      peerUrls: [url(`https://${host}:2380`)],
      clientUrls: [at(host)],
      learner: false,
    }));
  return {
    status: (endpoint) => ask(endpoint, ({ id }) => status(id)),
    members: (endpoint) => ask(endpoint, listed),
    turn: (endpoint) => ask(endpoint, () => null),
    hasQuorum: (endpoint) => ask(endpoint, () => true),
    alarms: () => Promise.resolve([]),
    close: () => undefined,
  };
}

/** The own member answers before any patience ends, or not at all. */
const atOnce: Patience = { sleep: () => new Promise(() => undefined), hopeless: () => Promise.resolve(false) };

/** A unit without a member of its own, unless it is said what that does, in an application whose cluster is of the second generation. */
function seen(
  answers: Readonly<Record<string, Answering>>,
  others: Readonly<Record<string, Partial<PeerUnitBag>>>,
  own: Partial<Pick<ClusterQuestion, 'own' | 'patience'>> = {},
): Promise<ClusterFacts> {
  const { peers } = inCluster(3);
  const { founding } = peers.application.value;
  if (founding === null) throw new Error('it has a cluster');
  const application = { ...peers.application.value, founding: { ...founding, generation: generation(2) } };
  const facts: PeerFacts = {
    ...peers,
    application: { value: application, pending: false },
    others: new Map(
      Object.entries(others).map(([host, bag]) => [
        unitName(`etcd/${host.charCodeAt(0) - 'a'.charCodeAt(0)}`),
        { ...peers.own.value, clientUrl: at(host), memberId: memberId('1'), ...bag },
      ]),
    ),
    unlisted: new Map(),
  };
  return observeCluster({
    probe: probeOf(answers),
    local: at('x'),
    own: Promise.resolve(unknown('refused')),
    peers: () => Promise.resolve(facts),
    // As last seen: of what was given up, too.
    endpoints: () => Promise.resolve(Object.keys(others).map(at)),
    turnKey: '/turn',
    patience: atOnce,
    ...own,
  });
}

const idsOf = ({ members }: ClusterFacts): unknown => (members.known ? members.value.map(({ id }) => id) : members);

test('members of an older generation that came back are not asked: nobody may join them', async () => {
  const old: Answering = { id: '1', list: [['1', 'a']] };
  const present: Answering = { id: '2', list: [['2', 'b']] };
  const bags = { a: { generation: generation(1) }, b: { generation: generation(2), memberId: memberId('2') } };
  expect(idsOf(await seen({ a: old, b: present }, bags))).toEqual([memberId('2')]);
  const alone = await seen({ a: old }, bags);
  expect([alone.members.known, alone.quorum.known]).toEqual([false, false]);
});

test('what another member says at the address of a member is no word of that one', async () => {
  const list = [
    ['2', 'a'],
    ['3', 'b'],
  ] as const;
  const bags = { a: { generation: generation(2), memberId: memberId('2') }, b: { generation: generation(2) } };
  const { statuses } = await seen({ a: { id: '2', list }, b: { id: '1', list: [['1', 'b']] } }, bags);
  expect([...statuses].map(([id, one]) => [id, one.known ? 'answers' : one.reason])).toEqual([
    [memberId('2'), 'answers'],
    [memberId('3'), `member ${memberId('1')} answers at its address`],
  ]);
});

describe('an own member that does not answer at once', () => {
  const other: Answering = { id: '2', list: [['2', 'b']] };
  const bags = { b: { generation: generation(2), memberId: memberId('2') } };
  const slow = (hopeless: boolean): Patience => ({
    sleep: () => Promise.resolve(),
    hopeless: () => Promise.resolve(hopeless),
  });

  test('the others are asked meanwhile, and its word still comes first', async () => {
    let answer: (own: Probe<MemberStatus>) => void = () => undefined;
    const own = new Promise<Probe<MemberStatus>>((resolve) => (answer = resolve));
    let others = 0;
    const b: Answering = {
      ...other,
      get id() {
        // Were it asked only after the own member, that one would never answer.
        others += 1;
        answer(known(status('1')));
        return '2';
      },
    };
    const x: Answering = { id: '1', list: [['1', 'x']] };
    expect(idsOf(await seen({ b, x }, bags, { own, patience: slow(false) }))).toEqual([memberId('1')]);
    expect(others).toBe(1);
  });

  test('nobody is waited for who was asked in vain for long', async () => {
    const asked: string[] = [];
    const hanging: EtcdProbe = {
      ...probeOf({}),
      status: (endpoint) => {
        asked.push(endpoint);
        return new Promise(() => undefined);
      },
    };
    const own = await observeLocal(hanging, at('x'), slow(true));
    expect(own.known).toBe(false);
    expect(asked).toEqual([at('x')]);
    const facts = await seen({ b: other }, bags, { own: Promise.resolve(own), patience: slow(true) });
    expect([facts.members.known, facts.quorum.known]).toEqual([false, false]);
  });
});
