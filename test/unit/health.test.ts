import { clusterId, etcdVersion, memberId, unitName, url, type MemberId } from '../../src/domain/ids';
import type { ClusterFacts, Member, MemberStatus, Observed } from '../../src/domain/observed';
import { known, unknown, type Probe } from '../../src/domain/probe';
import { formatHealth, healthReport, healthResults } from '../../src/actions/health';

const ids = [1, 2, 3].map((number) => memberId(String(number)));
const id = (index: number): MemberId => ids[index] ?? memberId('0');

const member = (index: number, change: Partial<Member> = {}): Member => ({
  id: id(index),
  name: `etcd${index}`,
  peerUrls: [url(`https://10.0.0.${index}:2380`)],
  clientUrls: [url(`https://10.0.0.${index}:2379`)],
  learner: false,
  ...change,
});

const status = (index: number, change: Partial<MemberStatus> = {}): MemberStatus => ({
  memberId: id(index),
  clusterId: clusterId('7'),
  leaderId: id(0),
  version: etcdVersion('3.5.16'),
  dbSize: 20480,
  dbSizeInUse: 16384,
  raftTerm: 2n,
  raftIndex: 40n,
  raftAppliedIndex: 40n,
  revision: 9n,
  learner: false,
  errors: [],
  latency: 1.26,
  ...change,
});

/** Only what the report looks at. */
function world(
  members: readonly Member[],
  statuses: readonly Probe<MemberStatus>[],
  change: Partial<ClusterFacts> = {},
): Observed {
  const cluster: ClusterFacts = {
    local: statuses[0] ?? unknown('etcd is not running'),
    members: known(members),
    statuses: new Map(members.flatMap((one, index) => (statuses[index] ? [[one.id, statuses[index]] as const] : []))),
    quorum: known(true),
    alarms: known([]),
    turn: known(null),
    ...change,
  };
  const application = {
    value: { founding: null, members: new Map(ids.map((one, n) => [one, unitName(`etcd/${n}`)])) },
  };
  const peers = { own: { value: { memberId: null, peerUrl: null } }, others: new Map(), application };
  return { unit: { name: unitName('etcd/0') }, cluster, peers, gate: { heldBack: null } } as unknown as Observed;
}

const three = [member(0), member(1), member(2)];
const healthy = [known(status(0)), known(status(1)), known(status(2))];

describe('the health action', () => {
  test('a healthy cluster: a row per member, the last line as the predecessor wrote it', () => {
    const report = healthReport(world(three, healthy));
    expect(report.problem).toBeNull();
    const lines = formatHealth(report).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toBe('cluster is healthy');
    expect(report.members.map(({ name, unit, role }) => [name, unit, role])).toEqual([
      ['etcd0', 'etcd/0', 'leader'],
      ['etcd1', 'etcd/1', 'follower'],
      ['etcd2', 'etcd/2', 'follower'],
    ]);
    expect(healthResults(report)).toMatchObject({
      members: {
        etcd0: {
          role: 'leader',
          version: '3.5.16',
          'db-size': 20480,
          'raft-term': '2',
          'raft-index': '40',
          'latency-ms': 1.3,
          error: '',
        },
      },
    });
  });

  test.each<[string, Observed, readonly string[]]>([
    [
      'one does not answer',
      world(three, [known(status(0)), unknown('connect ECONNREFUSED'), known(status(2))]),
      ['member etcd1 of etcd/1: connect ECONNREFUSED'],
    ],
    ['no quorum', world(three, healthy, { quorum: known(false) }), ['the cluster has no quorum']],
    [
      'quorum unknown',
      world(three, healthy, { quorum: unknown('user name is empty') }),
      ['unknown whether the cluster has quorum (user name is empty)'],
    ],
    [
      'never started',
      world([member(0), member(1, { name: '', clientUrls: [] })], [known(status(0))]),
      ['member etcd1 of etcd/1: has not started yet'],
    ],
    [
      'an alarm',
      world(three, healthy, { alarms: known([{ memberId: id(2), alarm: 'NOSPACE' }]) }),
      ['member etcd2 of etcd/2 has the alarm NOSPACE'],
    ],
    [
      'an error',
      world(three, [known(status(0, { errors: ['etcdserver: no leader'] })), ...healthy.slice(1)]),
      ['member etcd0 of etcd/0: etcdserver: no leader'],
    ],
    [
      'nobody answers',
      world([], [], { local: unknown('refused'), members: unknown('no member answers') }),
      ['no member of the cluster answers this unit (refused)'],
    ],
  ])('unhealthy: %s', (_, observed, words) => {
    const report = healthReport(observed);
    for (const text of words) expect(report.problem).toContain(text);
    expect(formatHealth(report).split('\n').at(-1)).toBe(`cluster is unhealthy: ${report.problem}`);
    expect(formatHealth(report)).not.toContain('cluster is healthy');
  });

  test('a learner is shown as one and is no problem', () => {
    const report = healthReport(
      world([member(0), member(1, { learner: true })], [known(status(0)), known(status(1, { learner: true }))]),
    );
    expect(report.members.map(({ role }) => role)).toEqual(['leader', 'learner']);
    expect(report.problem).toBeNull();
  });

  test('keys of results are ones that Juju takes, also for a member of unknown origin', () => {
    const stranger = member(1, { id: memberId('99'), name: 'Foreign_Member.1' });
    const observed = world([member(0), stranger], [known(status(0)), known(status(1, { memberId: memberId('99') }))]);
    const keys = Object.keys(healthResults(healthReport(observed))['members'] ?? {});
    expect(keys).toEqual(['foreign-member-1', 'etcd0']);
    expect(healthReport(observed).members[0]).toMatchObject({ unit: 'unknown' });
  });
});
