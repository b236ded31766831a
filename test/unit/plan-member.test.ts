import { generation, unitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import type { Recreation } from '../../src/domain/recreation';
import {
  given,
  inCluster,
  listSilent,
  markerOf,
  memberOf,
  nextFounding,
  noQuorum,
  second,
  silent,
  stopped,
  table,
  withApplication,
  withBag,
  withDisk,
  withOwnBag,
  withService,
} from './a-situation';

const oldOptions = (observed: Observed): Observed => ({
  ...observed,
  config: { ...observed.config, heartbeat_interval: 77 },
});

/** Every other unit has published that it runs with the options of now. */
const othersDone = (observed: Observed): Observed => {
  const settings = String(observed.peers.own.value.settings).replace(/^(\d+:\d+):\d+/, '$1:77');
  return [...observed.peers.others.keys()].reduce(
    (so, name) => withBag(Number(name.split('/')[1]), { settings })(so),
    observed,
  );
};

const turnOf =
  (name: string, purpose = 'restart') =>
  (observed: Observed): Observed => ({
    ...observed,
    cluster: { ...observed.cluster, turn: known({ unit: unitName(name), lease: '1', purpose }) },
  });

const recreatedByOperator = (observed: Observed): Observed => {
  const { founding } = observed.peers.application.value;
  return founding === null ? observed : withApplication({ founding: { ...founding, recreated: true } })(observed);
};

/** Its founding says no word of it: each master started empty. */
const recoveredEmpty = (observed: Observed): Observed => {
  const token = observed.peers.application.value.founding?.token ?? '';
  const recreation = { token, generation: second, phase: 'done' } as unknown as Recreation;
  return withApplication({ recreation })(observed);
};

const leads =
  (number: number) =>
  (observed: Observed): Observed => {
    const { id } = memberOf(observed, number);
    const statuses = [...observed.cluster.statuses].map(
      ([key, one]) => [key, one.known ? known({ ...one.value, leaderId: id }) : one] as const,
    );
    return { ...observed, cluster: { ...observed.cluster, statuses: new Map(statuses) } };
  };

table('member', [
  ['healthy and unchanged', () => inCluster(3, 1), []],
  [
    'it serves without quorum: nobody gets a hook when that is back',
    () => given(inCluster(3, 1), noQuorum),
    ['wake-later'],
  ],
  ['it serves, and nobody tells the list', () => given(inCluster(3, 1), listSilent), ['wake-later']],
  ['it is down', () => given(inCluster(3, 1), silent(1), stopped), ['start-etcd', 'await-serving']],
  [
    'it is down, and options changed',
    () => given(inCluster(3, 1), silent(1), stopped, oldOptions),
    ['write-etcd-config', 'start-etcd', 'await-serving'],
  ],
  ['systemd gives no answer', () => given(inCluster(3, 1), silent(1), withService({ state: 'unknown' })), []],
  ['it promised to stay out', () => given(inCluster(3, 1), stopped, withOwnBag({ neverElected: generation(1) })), []],
  [
    'data of an older generation',
    () =>
      given(
        inCluster(3, 1),
        stopped,
        withDisk({ marker: known({ ...markerOf(inCluster(3, 1)), generation: generation(0 + 1) }) }),
        nextFounding,
      ),
    [],
  ],
  [
    'it runs and does not answer',
    () => given(inCluster(3, 1), silent(1)),
    ['wake-later', 'wait for etcd to serve on this unit'],
  ],
  [
    'options changed: a follower takes its turn',
    () => given(inCluster(3, 1), oldOptions, leads(0)),
    ['wake-later', 'take-turn'],
  ],
  [
    'it has the turn',
    () => given(inCluster(3, 1), oldOptions, leads(0), turnOf('etcd/1')),
    ['write-etcd-config', 'restart-etcd', 'await-serving'],
  ],
  [
    'another has the turn',
    () => given(inCluster(3, 1), oldOptions, leads(0), turnOf('etcd/2')),
    ['wake-later', 'wait for etcd/2 to finish its restart'],
  ],
  [
    'another defragments',
    () => given(inCluster(3, 1), oldOptions, leads(0), turnOf('etcd/2', 'defragment')),
    ['wake-later', 'wait for etcd/2 to finish its defragment'],
  ],
  [
    'its own turn is that of an action that was killed: no turn to restart',
    () => given(inCluster(3, 1), oldOptions, leads(0), turnOf('etcd/1', 'defragment')),
    ['release-turn', 'publish-peer'],
  ],
  [
    'nothing to restart for, and an action that was killed left its turn behind',
    () => given(inCluster(3, 1), turnOf('etcd/1', 'defragment')),
    ['release-turn', 'publish-peer'],
  ],
  [
    'whose turn it is is not known',
    () =>
      given(inCluster(3, 1), oldOptions, (so) => ({
        ...so,
        cluster: { ...so.cluster, turn: { known: false, reason: '' } },
      })),
    ['wake-later', 'wait to know whose turn it is to restart'],
  ],
  [
    'another voter is down',
    () => given(inCluster(3, 1), oldOptions, silent(2)),
    ['wake-later', 'wait for etcd/2 to answer before it restarts with the new configuration'],
  ],
  [
    'no quorum',
    () => given(inCluster(3, 1), oldOptions, noQuorum),
    ['wake-later', 'wait for quorum before it restarts'],
  ],
  [
    'its own answer is missing: it may well serve others',
    () => given(inCluster(3, 1), oldOptions, silent(1)),
    ['wake-later', 'wait for its member to answer before it is restarted with the new configuration'],
  ],
  [
    'the etcd leader goes last',
    () => given(inCluster(3, 1), oldOptions, leads(1)),
    ['wake-later', 'wait for etcd/0, etcd/2 to restart before the leader'],
  ],
  [
    'one that took its turn and became the leader gives it back',
    () => given(inCluster(3, 1), oldOptions, leads(1), turnOf('etcd/1')),
    ['release-turn', 'publish-peer', 'wake-later', 'wait for etcd/0, etcd/2 to restart before the leader'],
  ],
  [
    'the etcd leader hands leadership over before its turn',
    () => given(inCluster(3, 1), oldOptions, leads(1), turnOf('etcd/1'), othersDone),
    ['move-leadership'],
  ],
  [
    'two voters: the operator asked for the gap',
    () => given(inCluster(2, 1), oldOptions, leads(0), turnOf('etcd/1')),
    ['write-etcd-config', 'restart-etcd', 'await-serving'],
  ],
  [
    'two voters, one down: not even then',
    () => given(inCluster(2, 1), oldOptions, silent(0)),
    ['wake-later', 'wait for etcd/0 to answer before it restarts with the new configuration'],
  ],
  [
    'a turn that a killed hook left behind',
    () => given(inCluster(3, 1), turnOf('etcd/1')),
    ['release-turn', 'publish-peer'],
  ],
]);

table('old-data', [
  ['data of now', () => inCluster(3, 1), []],
  [
    'data of an older generation',
    () => given(inCluster(3, 1), nextFounding, silent(1)),
    ['stop-etcd', 'move-data-aside'],
  ],
  [
    'an older generation still serves on this unit',
    () => given(inCluster(3, 1), nextFounding),
    ['block A cluster of the older generation 1 serves on this unit'],
  ],
  [
    'a majority of what the operator gave up came back and serves on this unit',
    () => given(inCluster(3, 1), nextFounding, recreatedByOperator),
    ['stop-etcd', 'move-data-aside'],
  ],
  [
    'it serves on this unit, and the masters of a recovery began empty',
    () => given(inCluster(3, 1), nextFounding, recoveredEmpty),
    ['stop-etcd', 'move-data-aside'],
  ],
  [
    'data newer than what the application knows',
    () => given(inCluster(3, 1), withDisk({ marker: known({ ...markerOf(inCluster(3, 1)), generation: second }) })),
    ["block The data are of generation 2, newer than the application's 1"],
  ],
  [
    'data without a marker',
    () => given(inCluster(3, 1), withDisk({ marker: known(null) })),
    ['block Data of unknown origin are in /var/lib/etcd/data: move them away'],
  ],
  [
    'the marker cannot be read',
    () => given(inCluster(3, 1), nextFounding, withDisk({ marker: { known: false, reason: 'EIO' } })),
    [],
  ],
  [
    'the decision was written in this very hook',
    () =>
      given(
        inCluster(3, 1),
        nextFounding,
        silent(1),
        withApplication({ founding: foundingOf(nextFounding(inCluster(3, 1))) }, true),
      ),
    [],
  ],
]);
function foundingOf(observed: Observed) {
  return observed.peers.application.value.founding;
}
