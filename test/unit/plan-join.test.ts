import { generation, unitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import {
  asLearner,
  diskSilent,
  given,
  goalStateSilent,
  inCluster,
  joined,
  listSilent,
  memberOf,
  noAnswer,
  noData,
  noQuorum,
  noRecord,
  ownSilent,
  silent,
  stopped,
  table,
  unlisted,
  unreported,
  unused,
  withApplication,
  withDisk,
  withOwnBag,
  without,
} from './a-situation';

const joiner = (size = 3, number = 2): Observed =>
  given(
    inCluster(size, number),
    joined,
    unreported,
    noData,
    withDisk({ marker: known(null) }),
    stopped,
    without(number),
    ownSilent,
  );

/** Its own member says so. */
const learnerByItself = (observed: Observed): Observed => {
  const { local } = observed.cluster;
  if (!local.known) throw new Error('its member gives no answer');
  return { ...observed, cluster: { ...observed.cluster, local: known({ ...local.value, learner: true }) } };
};

table('join', [
  ['a unit without data, all voters healthy', () => joiner(), ['add-learner']],
  ['a voter is down', () => given(joiner(), silent(1)), ['wake-later', 'wait for all voters to be healthy']],
  ['no quorum', () => given(joiner(), noQuorum), ['wake-later', 'wait for the cluster to have quorum']],
  ['another learner', () => given(joiner(), asLearner(1)), ['wake-later', 'wait for etcd/1 to become a voter first']],
  ['nobody answers', () => given(joiner(), noAnswer), ['wake-later', 'wait for a member of the cluster to answer']],
  ['its disk gives no answer', () => given(joiner(), diskSilent), []],
  [
    'its address is not written down',
    () => given(joiner(), withApplication({ addresses: new Map() })),
    ['wake-later', 'wait for the leader to write its address down'],
  ],
  [
    'its address is written down in this very hook',
    () => ({
      ...joiner(),
      peers: { ...joiner().peers, application: { ...joiner().peers.application, pending: true } },
    }),
    [],
  ],
  [
    'it promised to stay out',
    () => given(joiner(), withOwnBag({ neverElected: generation(1) })),
    ['wait for the cluster to be founded again'],
  ],
  [
    'it promised to stay out, and goal-state gives no answer',
    () => given(joiner(), withOwnBag({ neverElected: generation(1) }), goalStateSilent),
    ['wake-later', 'wait for the cluster to be founded again'],
  ],
  [
    'it promised to stay out, and a unit that has left the relation is not gone yet: nobody gets a hook then',
    () => given(joiner(), withOwnBag({ neverElected: generation(1) }), unlisted(1)),
    ['wake-later', 'wait for the cluster to be founded again, once etcd/1 has joined or is gone'],
  ],
  [
    'it is a learner, and nobody tells the list',
    () => given(inCluster(2, 1), asLearner(1), learnerByItself, listSilent),
    ['wake-later', 'wait for a member of the cluster to answer'],
  ],
  ['it votes, and nobody tells the list', () => given(inCluster(2, 1), listSilent), []],
  [
    'a half-dead hook had added it',
    () =>
      given(
        inCluster(3, 2),
        joined,
        unreported,
        noData,
        withDisk({ marker: known(null) }),
        stopped,
        asLearner(2),
        unused(2),
        ownSilent,
        noRecord,
      ),
    ['write-etcd-config', 'mark-data 1 existing', 'start-etcd', 'await-serving'],
  ],
  [
    'a half-dead hook had started it: in sync or not, it is promoted',
    () => given(inCluster(3, 2), joined, asLearner(2)),
    ['wake-later', 'promote-learner'],
  ],
  [
    'its learner does not answer',
    () => given(inCluster(3, 2), joined, asLearner(2), silent(2)),
    ['wake-later', 'wait for its learner to serve'],
  ],
  [
    'its data are gone: it is replaced',
    () => given(inCluster(3, 2), joined, noData, stopped, silent(2)),
    ['remove-member of etcd/2'],
  ],
  [
    'its data are gone, and the rest would have no quorum',
    () => given(inCluster(3, 2), joined, noData, stopped, silent(2), silent(1)),
    ['wake-later', 'wait for the other members, to replace its own that lost its data'],
  ],
  [
    'another unit left a member at its address',
    () => given(inCluster(3, 2), joined, unreported, noData, stopped, silent(2), recordedAs('etcd/9')),
    ['wake-later', 'wait for the member that etcd/9 left at this address to be removed'],
  ],
  [
    'its member was removed while it was there',
    () => given(inCluster(3, 2), without(2), ownSilent),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'the same, without quorum',
    () => given(inCluster(3, 2), without(2), ownSilent, noQuorum),
    ['wake-later', 'wait for quorum, to know whether its member was removed'],
  ],
  ['it serves and is a voter', () => inCluster(3, 2), []],
]);
function recordedAs(name: string) {
  return (observed: Observed): Observed =>
    withApplication({ members: new Map([[memberOf(observed, 2).id, unitName(name)]]) })(observed);
}
