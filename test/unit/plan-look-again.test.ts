import { known, unknown } from '../../src/domain/probe';
import {
  diskSilent,
  given,
  inCluster,
  memberOf,
  noAnswer,
  noQuorum,
  silent,
  table,
  withDisk,
  withService,
  type Change,
} from './a-situation';

/** Its member answers, and knows no leader. */
const leaderless =
  (number: number): Change =>
  (observed) => {
    const { id } = memberOf(observed, number);
    const statuses = [...observed.cluster.statuses].map(
      ([key, one]) => [key, key === id && one.known ? known({ ...one.value, leaderId: null }) : one] as const,
    );
    return { ...observed, cluster: { ...observed.cluster, statuses: new Map(statuses) } };
  };

table('look-again', [
  ['all is known', () => inCluster(3, 1), []],
  ["etcd's silence is looked after by those who ask it", () => given(inCluster(3, 1), noAnswer), []],
  [
    'whether it leads is not known: the founding may wait for it',
    () => ({ ...inCluster(3), unit: { ...inCluster(3).unit, isLeader: unknown('is-leader failed') } }),
    ['wake-later', 'wait to know whether it leads'],
  ],
  [
    'its disk gives no answer',
    () => given(inCluster(3, 1), diskSilent),
    ['wake-later', 'wait to know what is on its disk'],
  ],
  [
    'the marker cannot be read',
    () => given(inCluster(3, 1), withDisk({ marker: unknown('EIO') })),
    ['wake-later', 'wait to know what is on its disk'],
  ],
  [
    'systemd gives no answer',
    () => given(inCluster(3, 1), withService({ state: 'unknown' })),
    ['wake-later', 'wait to know whether etcd runs'],
  ],
  [
    'a member that was cut off answers again, and has no leader yet: nobody gets a hook when it has',
    () => given(inCluster(3, 1), leaderless(2)),
    ['wake-later'],
  ],
  [
    'the same, of itself',
    () => given(inCluster(3, 1), leaderless(0), leaderless(1), leaderless(2), noQuorum),
    ['wake-later'],
  ],
  ['a member that does not answer may never do so again', () => given(inCluster(3, 1), silent(2)), []],
  [
    'too few answer to elect a leader: that is looked after as a loss of quorum',
    () => given(inCluster(3, 1), silent(0), silent(2), leaderless(1), noQuorum),
    [],
  ],
]);
