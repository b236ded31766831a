/** State of one node of a data store, in the words that Clearwater's cluster manager keeps in etcd. */
export const nodeStates = [
  'waiting to join',
  'joining',
  'joining, acknowledged change',
  'joining, config changed',
  'normal',
  'normal, acknowledged change',
  'normal, config changed',
  'waiting to leave',
  'leaving',
  'leaving, acknowledged change',
  'leaving, config changed',
  'finished',
  'error',
] as const;

export type NodeState = (typeof nodeStates)[number];

export const isNodeState = (text: unknown): text is NodeState => nodeStates.some((state) => state === text);

/** What the states of all nodes together mean to the cluster manager. */
export type ClusterState =
  | 'empty'
  | 'stable'
  | 'stable with errors'
  | 'join pending'
  | 'started joining'
  | 'joining, config changing'
  | 'joining, resyncing'
  | 'leave pending'
  | 'started leaving'
  | 'leaving, config changing'
  | 'leaving, resyncing'
  | 'finished leaving'
  | 'invalid cluster state';

/** At least one node in one of `some`, and no node in any state but these and `others`; the first row that fits counts. */
const rows: readonly {
  readonly means: ClusterState;
  readonly some: readonly NodeState[];
  readonly others: readonly NodeState[];
}[] = [
  { means: 'join pending', some: ['waiting to join'], others: ['normal'] },
  {
    means: 'started joining',
    some: ['normal', 'joining'],
    others: ['normal, acknowledged change', 'joining, acknowledged change'],
  },
  {
    means: 'joining, config changing',
    some: ['normal, acknowledged change', 'joining, acknowledged change'],
    others: ['normal, config changed', 'joining, config changed'],
  },
  {
    means: 'joining, resyncing',
    some: ['normal, config changed', 'joining, config changed'],
    others: ['normal'],
  },
  { means: 'leave pending', some: ['waiting to leave'], others: ['normal'] },
  {
    means: 'started leaving',
    some: ['normal', 'leaving'],
    others: ['normal, acknowledged change', 'leaving, acknowledged change'],
  },
  {
    means: 'leaving, config changing',
    some: ['normal, acknowledged change', 'leaving, acknowledged change'],
    others: ['normal, config changed', 'leaving, config changed'],
  },
  {
    means: 'leaving, resyncing',
    some: ['normal, config changed', 'leaving, config changed'],
    others: ['normal', 'finished'],
  },
  { means: 'finished leaving', some: ['finished'], others: ['normal'] },
];

/** The cluster manager's table (clearwater-etcd, cluster_manager): nodes in error count only where all others are normal. */
export function clusterStateOf(states: Iterable<NodeState>): ClusterState {
  const all = [...states];
  if (all.length === 0) return 'empty';
  const working = new Set<NodeState>(all.filter((state) => state !== 'error'));
  if ([...working].every((state) => state === 'normal')) return all.includes('error') ? 'stable with errors' : 'stable';
  const row = rows.find(
    ({ some, others }) =>
      some.some((state) => working.has(state)) &&
      [...working].every((state) => some.includes(state) || others.includes(state)),
  );
  return row?.means ?? 'invalid cluster state';
}
