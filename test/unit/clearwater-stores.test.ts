import { parseCassandraCluster } from '../../src/clearwater/cassandra-cluster';
import { parseChronosCluster } from '../../src/clearwater/chronos-cluster';
import { differences, parseClusterValue, valueOf } from '../../src/clearwater/cluster-value';
import { describeOwnStores, describeStores } from '../../src/clearwater/describe-stores';
import { faultOf, formatFault, type Described } from '../../src/clearwater/described-cluster';
import { parseMemcachedCluster } from '../../src/clearwater/memcached-cluster';
import { clusterStateOf, nodeStates, type ClusterState, type NodeState } from '../../src/clearwater/node-state';
import { planLoad } from '../../src/clearwater/plan-load';
import { placeOf, storeKey } from '../../src/clearwater/store';

/** What the parser reads, or its fault as the operator sees it. */
function said({ nodes, fault }: Described): Record<string, string> | string {
  return nodes === null ? formatFault(fault) : Object.fromEntries(valueOf(nodes));
}

/** Why what was read must not be written; null where it may. */
const refused = (parse: (text: string) => Described, text: string): string | null => {
  const { nodes, fault } = parse(text);
  const wrong = fault ?? faultOf(nodes, text);
  return wrong === null ? null : formatFault(wrong);
};

/** The worked example of the reference: joining and leaving at once. */
const chronosExample = `[identity]
instance_id = 18
deployment_id = 6
[cluster]
localhost = 10.0.0.1
node = 10.0.0.1
node = 10.0.0.2
joining = 10.0.0.3
leaving = 10.0.0.4
`;
const cassandraExample = `Cluster Information:
   Name: Test Cluster
   Snitch: org.apache.cassandra.locator.DynamicEndpointSnitch
   Partitioner: org.apache.cassandra.dht.RandomPartitioner
   Schema versions:
      65e78f0e-e81e-30d8-a631-a65dff93bf82: [10.0.0.1, 10.0.0.2, 10.0.0.3]
`;

describe('chronos_cluster.conf', () => {
  test.each<[string, string, Record<string, string> | string]>([
    [
      'the worked example',
      chronosExample,
      { '10.0.0.1': 'normal', '10.0.0.2': 'normal', '10.0.0.3': 'joining', '10.0.0.4': 'leaving' },
    ],
    [
      'comments, blanks, IPv6, CRLF',
      '# x\r\n\r\n; y\r\nnode=fd00::1\r\n node = 10.0.0.1 \r\n',
      { 'fd00::1': 'normal', '10.0.0.1': 'normal' },
    ],
    ['a node twice in one state', 'node=10.0.0.1\nnode=10.0.0.1\n', { '10.0.0.1': 'normal' }],
    [
      'two = (theirs crashed)',
      'node=10.0.0.1\nnode = 10.0.0.2 = 10.0.0.3\n',
      'line 2 ("node = 10.0.0.2 = 10.0.0.3"): "10.0.0.2 = 10.0.0.3" is not an IP address',
    ],
    ['two = in another name', 'x = y = z\nnode=10.0.0.1\n', { '10.0.0.1': 'normal' }],
    ['no =', 'node=10.0.0.1\nnode 10.0.0.2\n', 'line 2 ("node 10.0.0.2"): there is no "=" in it'],
    ['nothing after =', 'node=\n', 'line 1 ("node="): an address is missing'],
    [
      'one node in two states',
      'node=10.0.0.1\nleaving=10.0.0.1\n',
      'line 2 ("leaving=10.0.0.1"): 10.0.0.1 is leaving here, and normal on line 1',
    ],
    ['no node', '[cluster]\nlocalhost = 10.0.0.1\n', 'it names no node'],
    ['empty', '', 'it names no node'],
  ])('%s', (_, text, wanted) => expect(said(parseChronosCluster(text))).toEqual(wanted));
});

describe('cluster_settings', () => {
  test.each<[string, string, Record<string, string> | string]>([
    [
      'the worked example: nodes on both lists stay normal (theirs: joining)',
      'servers=10.0.0.1:11211,10.0.0.2:11211\nnew_servers=10.0.0.1:11211,10.0.0.2:11211,10.0.0.3:11211\n',
      { '10.0.0.1': 'normal', '10.0.0.2': 'normal', '10.0.0.3': 'joining' },
    ],
    [
      'one leaves',
      'servers=10.0.0.1:11211,10.0.0.2:11211\nnew_servers=10.0.0.1:11211\n',
      { '10.0.0.1': 'normal', '10.0.0.2': 'leaving' },
    ],
    [
      'stable, IPv6',
      '# x\nservers=[fd00::1]:11211, fd00::2, 10.0.0.3\n',
      { 'fd00::1': 'normal', 'fd00::2': 'normal', '10.0.0.3': 'normal' },
    ],
    ['another name', 'tombstone_lifetime=200\nservers=10.0.0.1:11211\n', { '10.0.0.1': 'normal' }],
    [
      'a name that is no address',
      'servers=10.0.0.1:11211,ten:11211\n',
      'line 1 ("servers=10.0.0.1:11211,ten:11211"): "ten" is not an IP address',
    ],
    ['a comma too much', 'servers=10.0.0.1:11211,\n', 'line 1 ("servers=10.0.0.1:11211,"): an address is missing'],
    [
      'twice',
      'servers=10.0.0.1:11211\nservers=10.0.0.2:11211\n',
      'line 2 ("servers=10.0.0.2:11211"): servers is given twice, first on line 1',
    ],
    ['no =', 'servers 10.0.0.1\n', 'line 1 ("servers 10.0.0.1"): there is no "=" in it'],
    ['no servers', 'new_servers=10.0.0.1:11211\n', 'there is no line "servers="'],
    ['empty', '', 'there is no line "servers="'],
  ])('%s', (_, text, wanted) => expect(said(parseMemcachedCluster(text))).toEqual(wanted));
});

describe('nodetool describecluster', () => {
  test.each<[string, string, Record<string, string> | string]>([
    ['the worked example', cassandraExample, { '10.0.0.1': 'normal', '10.0.0.2': 'normal', '10.0.0.3': 'normal' }],
    [
      'options of the JVM above, statistics of newer versions below',
      `xss =  -ea -Xms1G\n${cassandraExample}\nStats for all nodes:\n\tLive: 3\nData Centers:\n\tsite1 #Nodes: 3\n`,
      { '10.0.0.1': 'normal', '10.0.0.2': 'normal', '10.0.0.3': 'normal' },
    ],
    [
      'a second version (theirs: left out)',
      `${cassandraExample}      11111111-e81e-30d8-a631-a65dff93bf82: [10.0.0.4]\n`,
      'line 7 ("11111111-e81e-30d8-a631-a65dff93bf82: [10.0.0.4]"): a second schema version, the first is on line 6: Cassandra must be healthy first',
    ],
    [
      'unreachable nodes (theirs: left out)',
      `${cassandraExample}\n      UNREACHABLE: [10.0.0.4]\n`,
      'line 8 ("UNREACHABLE: [10.0.0.4]"): Cassandra does not reach these nodes: start them, or remove them from its cluster (nodetool removenode), first',
    ],
    ['an error in place of it', 'Failed to connect to 127.0.0.1:7199\n', 'it has no schema version'],
    [
      'cut off',
      'Cluster Information:\n Schema versions:\n  abc: [10.0.0.1, 10.\n',
      'line 3 ("abc: [10.0.0.1, 10."): it is not "<schema version>: [<addresses>]"',
    ],
    ['an empty version', 'Schema versions:\n a: []\n', 'line 2 ("a: []"): an address is missing'],
  ])('%s', (_, text, wanted) => expect(said(parseCassandraCluster(text))).toEqual(wanted));
});

describe('what the cluster manager could not go on from is refused, with the line at fault', () => {
  test.each<[string, () => string | null, string | null]>([
    [
      'joining and leaving at once',
      () => refused(parseChronosCluster, chronosExample),
      'line 9 ("leaving = 10.0.0.4"): 10.0.0.4 is leaving while others are normal and joining: the cluster manager knows no such state',
    ],
    ['joining alone beside normal', () => refused(parseChronosCluster, 'node=10.0.0.1\njoining=10.0.0.2\n'), null],
    ['leaving alone beside normal', () => refused(parseChronosCluster, 'leaving=10.0.0.2\nnode=10.0.0.1\n'), null],
    [
      'nobody normal',
      () => refused(parseMemcachedCluster, 'servers=\nnew_servers=10.0.0.1:11211\n'),
      'line 2 ("new_servers=10.0.0.1:11211"): 10.0.0.1 is joining and no node is normal: no server would be left',
    ],
    [
      'all replaced at once',
      () => refused(parseMemcachedCluster, 'servers=10.0.0.1:11211\nnew_servers=10.0.0.2:11211\n'),
      'line 2 ("new_servers=10.0.0.2:11211"): 10.0.0.2 is joining while others are leaving: the cluster manager knows no such state',
    ],
    ['all normal', () => refused(parseCassandraCluster, cassandraExample), null],
  ])('%s', (_, refusal, wanted) => expect(refusal()).toBe(wanted));
});

describe('state of a cluster', () => {
  test.each<[readonly NodeState[], ClusterState]>([
    [[], 'empty'],
    [['normal', 'normal'], 'stable'],
    [['normal', 'error'], 'stable with errors'],
    [['error'], 'stable with errors'],
    [['normal', 'waiting to join'], 'join pending'],
    [['waiting to join'], 'join pending'],
    [['normal', 'joining'], 'started joining'],
    [['normal', 'joining, acknowledged change', 'error'], 'started joining'],
    [['normal, acknowledged change', 'joining, acknowledged change'], 'joining, config changing'],
    [['normal, acknowledged change', 'joining, config changed'], 'joining, config changing'],
    [['normal, config changed', 'joining, config changed'], 'joining, resyncing'],
    [['normal', 'joining, config changed'], 'joining, resyncing'],
    [['normal', 'waiting to leave'], 'leave pending'],
    [['normal', 'leaving'], 'started leaving'],
    [['normal', 'leaving, acknowledged change'], 'started leaving'],
    [['normal, acknowledged change', 'leaving, acknowledged change'], 'leaving, config changing'],
    [['normal, config changed', 'leaving, config changed'], 'leaving, resyncing'],
    [['normal, config changed', 'finished'], 'leaving, resyncing'],
    [['normal', 'finished'], 'finished leaving'],
    [['joining', 'leaving', 'normal'], 'invalid cluster state'],
    [['waiting to join', 'waiting to leave'], 'invalid cluster state'],
    [['joining', 'joining, config changed'], 'invalid cluster state'],
  ])('%p is %s', (states, wanted) => {
    expect(clusterStateOf(states)).toBe(wanted);
    expect(clusterStateOf([...states].reverse())).toBe(wanted);
  });
});

describe('keys', () => {
  test.each([
    ['/clearwater/site1/vellum/clustering/chronos', { store: 'chronos', nodeType: 'vellum', site: 'site1' }],
    ['/clearwater/vellum/clustering/cassandra', { store: 'cassandra', nodeType: 'vellum', site: null }],
    ['/clearwater/site1/vellum/clustering/redis', null],
    ['/clearwater/site1/configuration/shared_config', null],
    ['/clearwater/a/b/c/clustering/chronos', null],
    ['/clearwater/clustering/chronos', null],
    ['/other/site1/vellum/clustering/chronos', null],
    ['clearwater/site1/vellum/clustering/chronos', null],
  ] as const)('%s', (key, place) => {
    expect(placeOf('clearwater', key)).toEqual(place);
    if (place !== null) expect(storeKey('clearwater', place)).toBe(key);
  });
});

describe('what is done with a key', () => {
  const wanted = new Map<string, NodeState>([['10.0.0.1', 'normal']]);
  const value = '{"10.0.0.1":"normal"}';
  const present = (text: string) => ({ text, modRevision: 7n });
  test.each([
    ['absent', null, false, { kind: 'write', value, expected: null }],
    ['empty, as a cluster manager creates it', present('{}'), false, { kind: 'write', value, expected: 7n }],
    ['equal', present('{ "10.0.0.1": "normal" }'), true, { kind: 'same' }],
    [
      'other data win',
      present('{"10.0.0.1":"leaving","10.0.0.2":"normal"}'),
      false,
      {
        kind: 'kept',
        differences: [
          '10.0.0.1 is leaving in etcd and normal on disk',
          '10.0.0.2 is normal in etcd and not there on disk',
        ],
        modRevision: 7n,
      },
    ],
    ['other data, replaced', present('{"10.0.0.1":"leaving"}'), true, { kind: 'write', value, expected: 7n }],
    [
      'unreadable',
      present('nonsense'),
      false,
      { kind: 'kept', differences: ['the value in etcd cannot be read: it is not JSON'], modRevision: 7n },
    ],
    ['unreadable, replaced', present('[]'), true, { kind: 'write', value, expected: 7n }],
  ])('%s', (_, there, replace, plan) => expect(planLoad(there, wanted, replace)).toEqual(plan));

  test('values that are none', () => {
    expect(parseClusterValue('[]').problem).toBe('it is not a JSON object');
    expect(parseClusterValue('{"10.0.0.1":"great"}').problem).toBe('10.0.0.1 is in the unknown state "great"');
    expect(
      parseClusterValue(JSON.stringify(Object.fromEntries(nodeStates.map((state) => [state, state])))).problem,
    ).toBeNull();
    expect(differences(wanted, wanted)).toEqual([]);
  });
});

describe('check-cluster-state', () => {
  test('two sites of one store are two clusters (theirs: one)', () => {
    const reports = describeStores(
      'clearwater',
      new Map([
        ['/clearwater/site2/vellum/clustering/memcached', '{"10.1.0.1":"normal","10.1.0.2":"error"}'],
        ['/clearwater/site1/vellum/clustering/memcached', '{"10.0.0.1":"normal"}'],
        ['/clearwater/vellum/clustering/cassandra', 'no'],
        ['/clearwater/site1/configuration/shared_config', 'a=b'],
      ]),
    );
    expect(reports.map(({ stable }) => stable)).toEqual([true, false, false]);
    expect(reports.flatMap(({ lines }) => lines)).toEqual([
      'Describing the Memcached cluster of vellum in site site1:',
      '  The cluster is stable.',
      '    10.0.0.1 is in state normal.',
      'Describing the Memcached cluster of vellum in site site2:',
      '  The cluster is *not* stable. (stable with errors)',
      '    10.1.0.1 is in state normal.',
      '    10.1.0.2 is in state error.',
      'Describing the Cassandra cluster of vellum:',
      '  The cluster is *not* stable.',
      '    /clearwater/vellum/clustering/cassandra cannot be read: it is not JSON.',
    ]);
  });

  test.each([
    [[], 'This node (10.0.0.1) should not be in any cluster.'],
    [['cassandra'], 'This node (10.0.0.1) should be in the Cassandra cluster.'],
    [
      ['cassandra', 'chronos', 'memcached'],
      'This node (10.0.0.1) should be in the Chronos, Memcached and Cassandra clusters.',
    ],
  ] as const)('stores of a node: %p', (own, line) => expect(describeOwnStores('10.0.0.1', own)).toBe(line));
});
