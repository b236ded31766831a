import { quotaOf, spaceCause } from '../../src/actions/alarm-cause';
import { formatAlarms } from '../../src/actions/alarm-list-action';
import { compactRefusal, parseRevision } from '../../src/actions/compact-action';
import { memberListResults } from '../../src/actions/member-list-action';
import { memberRefusal, quorumRefusal } from '../../src/actions/refusals';
import { chooseSuccessor } from '../../src/actions/successor';
import { formatBytes } from '../../src/actions/table';
import { CharmError } from '../../src/domain/errors';
import { memberId, unitName } from '../../src/domain/ids';
import type { MemberStatus, Observed } from '../../src/domain/observed';
import { known, unknown } from '../../src/domain/probe';
import {
  asLearner,
  departing,
  given,
  inCluster,
  memberOf,
  noAnswer,
  noQuorum,
  silent,
  unused,
  withApplication,
  type Change,
} from './a-situation';

const withStatusOf =
  (number: number, change: Partial<MemberStatus>): Change =>
  (observed) => {
    const { id } = memberOf(observed, number);
    const before = observed.cluster.statuses.get(id);
    if (before?.known !== true) throw new Error(`etcd/${number} does not answer`);
    const statuses = new Map([...observed.cluster.statuses, [id, known({ ...before.value, ...change })] as const]);
    return { ...observed, cluster: { ...observed.cluster, statuses } };
  };

/** Whose member leads in the model. */
const leaderOf = (observed: Observed): number => {
  const status = [...observed.cluster.statuses.values()].find((one) => one.known);
  const id = status?.known === true ? status.value.leaderId : null;
  return [0, 1, 2].find((number) => memberOf(observed, number).id === id) ?? -1;
};
const leader = leaderOf(inCluster(3));
const [follower = -1, other = -1] = [0, 1, 2].filter((number) => number !== leader);

describe('what an action refuses before it asks for anything', () => {
  test.each<[string, () => Observed, RegExp | null]>([
    ['a healthy unit', () => inCluster(3), null],
    ['its unit is being removed', () => inCluster(3, 1, departing(1)), /^etcd\/1 is being removed/],
    [
      'no certificates',
      () => given(inCluster(3), (o) => ({ ...o, tls: { ca: null, server: null, client: null } })),
      /^etcd\/0 has no certificates yet: relate etcd:certificates/,
    ],
    ['not founded', () => given(inCluster(3), noAnswer, withApplication({ founding: null })), /not founded yet/],
    ['its member is down', () => given(inCluster(3), silent(0)), /^etcd on etcd\/0 does not answer \(refused\)/],
    [
      'held back by its start gate',
      () =>
        given(inCluster(3), noAnswer, (o) => ({
          ...o,
          gate: { ...o.gate, heldBack: { unit: unitName('etcd/2'), newest: 2, own: 1 } as never },
        })),
      /^etcd\/0: /,
    ],
  ])('%s', (_, observed, line) => {
    const refusal = memberRefusal(observed());
    if (line === null) expect(refusal).toBeNull();
    else expect(refusal).toMatch(line);
  });

  test('without quorum it names whom to start', () => {
    expect(quorumRefusal(inCluster(3))).toBeNull();
    const lost = given(inCluster(3), silent(1), silent(2), noQuorum);
    expect(quorumRefusal(lost)).toBe('The cluster has no quorum: start etcd/1 and etcd/2 first, then try again.');
    const unsure = given(inCluster(3), (o) => ({ ...o, cluster: { ...o.cluster, quorum: unknown('no right') } }));
    expect(quorumRefusal(unsure)).toMatch(/unknown whether the cluster has quorum \(no right\)/);
  });
});

describe('who leads next', () => {
  test.each<[string, () => Observed, string, string | RegExp]>([
    ['by name', () => inCluster(3), `etcd/${other}`, `etcd${other}`],
    ['the one that leads already', () => inCluster(3), `etcd/${leader}`, `etcd${leader}`],
    [
      'the follower that is furthest',
      () => given(inCluster(3), withStatusOf(other, { raftAppliedIndex: 900n })),
      '',
      `etcd${other}`,
    ],
    ['not a learner', () => given(inCluster(3), asLearner(follower)), '', `etcd${other}`],
    ['not one that is down', () => given(inCluster(3), silent(follower)), '', `etcd${other}`],
    [
      'not one that never started, which has no name and no address',
      () => given(inCluster(3), unused(follower), silent(follower)),
      '',
      `etcd${other}`,
    ],
    ['a unit that is not there', () => inCluster(3), 'etcd/7', /^etcd\/7 has no member in this cluster .* may\)/],
    ['a learner by name', () => given(inCluster(3), asLearner(other)), `etcd/${other}`, /is a learner/],
    [
      'one that is down, by name: only the other follower is offered',
      () => given(inCluster(3), silent(other)),
      `etcd/${other}`,
      new RegExp(`^etcd/${other} does not answer and cannot lead \\(etcd/${follower} may\\); nothing`),
    ],
    [
      'one that lags far behind, by name',
      () => given(inCluster(3), withStatusOf(leader, { raftAppliedIndex: 90_000n })),
      `etcd/${other}`,
      /lacks \d+ entries: wait until it has caught up/,
    ],
    ['nobody, alone', () => inCluster(1), '', /one voter.*nobody to move/],
    ['nobody, all others down', () => given(inCluster(3), silent(follower), silent(other)), '', /No follower answers/],
  ])('%s', (_, observed, to, expected) => {
    const chosen = chooseSuccessor(observed(), to);
    if (typeof expected === 'string') expect(chosen).toMatchObject({ member: { name: expected } });
    else expect(chosen).toMatchObject({ refusal: expect.stringMatching(expected) as string });
  });
});

describe('compact', () => {
  test.each([
    ['', null],
    ['5', 5n],
    ['9223372036854775807', 9223372036854775807n],
  ])('"%s" is revision %s', (text, revision) => expect(parseRevision(text)).toBe(revision));

  test.each(['0', '-1', '1.5', 'latest', '1e3', '9223372036854775808', '99999999999999999999', '0x10'])(
    '"%s" is refused with what to type',
    (text) => expect(() => parseRevision(text)).toThrow(/must be a whole number above 0, or empty for the newest/),
  );

  const says = (text: string): CharmError =>
    new CharmError({
      code: 'ETCD_REFUSED',
      operation: 'compact',
      message: text,
      cause: { text, grpcCode: 11 },
      retryable: false,
    });
  test.each([
    ['etcdserver: mvcc: required revision is a future revision', /Revision 7 is to come: the newest is 5/],
    ['etcdserver: mvcc: required revision has been compacted', /already compacted to revision 7 or a later one/],
    ['etcdserver: corrupt cluster', /alarm CORRUPT.*check-consistency/],
  ])('%s: one line with what to do', (text, line) => expect(compactRefusal(says(text), 7n, 5n)).toMatch(line));

  test('what else goes wrong is not taken for a refusal', () =>
    expect(compactRefusal(says('etcdserver: request timed out'), 7n, 5n)).toBeNull());
});

describe('disarming NOSPACE', () => {
  const quota = 2 * 1024 ** 3;
  const raised = (observed: Observed) => [{ memberId: memberOf(observed, 1).id, alarm: 'NOSPACE' as const }];

  test.each<[string, () => Observed, RegExp | null]>([
    ['below its quota', () => inCluster(3), null],
    [
      'full of live keys',
      () => given(inCluster(3), withStatusOf(1, { dbSize: quota + 5, dbSizeInUse: quota })),
      /^The database of etcd\/1 is still over its quota \(2\.00 GiB of 2\.00 GiB\): delete keys, run compact, then defrag/,
    ],
    [
      'full of what was deleted',
      () => given(inCluster(3), withStatusOf(1, { dbSize: quota, dbSizeInUse: 5 })),
      /: run compact, then defrag cluster=true, then disarm/,
    ],
    [
      'over the quota that the member itself tells',
      () => given(inCluster(3), withStatusOf(2, { dbSize: 4_000_000, dbSizeInUse: 5, dbSizeQuota: 3_000_000 })),
      /of etcd\/2 is still over its quota \(3\.81 MiB of 2\.86 MiB\)/,
    ],
    [
      'the one that raised it does not answer',
      () => given(inCluster(3), silent(1)),
      /^etcd\/1 raised the alarm and does/,
    ],
    ['another one does not answer', () => given(inCluster(3), silent(2)), null],
  ])('%s', (_, observed, line) => {
    const world = observed();
    const cause = spaceCause(world, raised(world));
    if (line === null) expect(cause).toBeNull();
    else expect(cause).toMatch(line);
  });

  test('a member that is gone keeps no alarm alive', () =>
    expect(spaceCause(inCluster(3), [{ memberId: memberId('12345'), alarm: 'NOSPACE' }])).toBeNull());

  test('the quota is what the member tells, else what is configured, else etcd’s default', () => {
    expect(quotaOf(5, 'quota-backend-bytes: 7')).toBe(5);
    expect(quotaOf(undefined, 'quota-backend-bytes: 7')).toBe(7);
    expect(quotaOf(0, 'name: etcd0')).toBe(quota);
  });
});

test('alarms are printed as etcdctl does', () =>
  expect(
    formatAlarms([
      { memberId: memberId('8630161756594109333'), alarm: 'NOSPACE' },
      { memberId: memberId('7'), alarm: 'CORRUPT' },
    ]),
  ).toBe('memberID:8630161756594109333 alarm:NOSPACE\nmemberID:7 alarm:CORRUPT'));

test('a member that never started, without a name and addresses for clients, is listed by its unit', () => {
  const observed = given(inCluster(3), unused(2), (o) => ({
    ...o,
    cluster: {
      ...o.cluster,
      members: o.cluster.members.known
        ? known(o.cluster.members.value.map((one) => (one.name === 'etcd2' ? { ...one, name: '' } : one)))
        : o.cluster.members,
    },
  }));
  const { members, output } = memberListResults(observed) as {
    members: Record<string, { unit: string; started: boolean }>;
    output: string;
  };
  expect(members['etcd2']).toMatchObject({ unit: 'etcd/2', started: false, 'client-urls': '' });
  expect(output).toMatch(/unstarted {2}etcd2 {2}etcd\/2/);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [20480, '20.0 KiB'],
  [3 * 1024 ** 3, '3.00 GiB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
