import { url } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import {
  asLearner,
  given,
  goalStateSilent,
  inCluster,
  memberOf,
  noAnswer,
  noQuorum,
  noRecord,
  planned,
  silent,
  table,
  unlisted,
  withBag,
} from './a-situation';

table('housekeeping', [
  ['all units are there', () => inCluster(3), []],
  [
    'a unit is gone: its member goes',
    () => given(inCluster(3), planned({ 2: 'gone' }), silent(2)),
    ['remove-member of etcd/2'],
  ],
  ['a unit is being removed: its own to do', () => given(inCluster(3), planned({ 2: 'dying' }), silent(2)), []],
  [
    'a unit has left the relation and did not remove its member yet: nobody gets a hook when it is gone',
    () => given(inCluster(3), unlisted(2), silent(2)),
    ['wake-later', 'wait to know whether etcd/2 has left'],
  ],
  ['a unit is merely down', () => given(inCluster(3), silent(2)), []],
  [
    'goal-state gives no answer: nobody is gone, and it is asked again',
    () => given(inCluster(3), planned({ 2: 'gone' }), goalStateSilent),
    ['wake-later', 'wait to know whether etcd/2 has left'],
  ],
  ['goal-state gives no answer, and every member has its unit', () => given(inCluster(3), goalStateSilent), []],
  [
    'a unit is gone, another is down: the rest would have no quorum',
    () => given(inCluster(3), planned({ 2: 'gone' }), silent(2), silent(1)),
    ['wake-later', 'wait for more healthy members, to remove those of units that are gone'],
  ],
  [
    'no quorum',
    () => given(inCluster(3), planned({ 2: 'gone' }), noQuorum),
    ['wake-later', 'wait for quorum, to remove members of units that are gone'],
  ],
  ['nobody answers', () => given(inCluster(3), planned({ 2: 'gone' }), noAnswer), []],
  [
    "a member that nobody wrote down is nobody's to remove",
    () => given(inCluster(3), planned({ 2: 'gone' }), noRecord, silent(2)),
    [],
  ],
  [
    'a unit that does not lead',
    () => ({
      ...given(inCluster(3), planned({ 2: 'gone' }), silent(2)),
      unit: { ...inCluster(3).unit, isLeader: known(false) },
    }),
    [],
  ],
  [
    'a learner is seen for the first time',
    () => given(inCluster(3), asLearner(2)),
    ['remember', 'wake-later', 'wait for etcd/2 to become a voter'],
  ],
  ['a learner made no progress for five minutes', () => stuck(300_000), ['remove-member of etcd/2 if a learner']],
  ['not quite five', () => stuck(299_000), ['wake-later', 'wait for etcd/2 to become a voter']],
  ['stuck, and no quorum', () => given(stuck(300_000), noQuorum), ['wake-later', 'wait for etcd/2 to become a voter']],
]);
function stuck(since: number): Observed {
  const observed = given(inCluster(3), asLearner(2));
  const { id } = memberOf(observed, 2);
  const status = observed.cluster.statuses.get(id);
  const index = status?.known === true ? status.value.raftAppliedIndex.toString() : '';
  return {
    ...observed,
    memory: { ...observed.memory, learnerSince: { [id]: { since: observed.now - since, index } } },
  };
}

table('record', [
  ['all are written down', () => inCluster(3), []],
  ['members that are not', () => given(inCluster(3), noRecord), ['record-members']],
  [
    "a joiner's address",
    () => given(inCluster(3), withBag(2, { peerUrl: url('https://10.9.9.9:2380') })),
    ['record-members'],
  ],
  ['without quorum the list is not believed', () => given(inCluster(3), noRecord, noQuorum), []],
]);
