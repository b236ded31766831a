import { generation } from '../../src/domain/ids';
import { known } from '../../src/domain/probe';
import {
  diskSilent,
  given,
  goalStateSilent,
  inCluster,
  joined,
  lonelyFounder,
  noAnswer,
  noData,
  noRecord,
  planned,
  table,
  unreported,
  withBag,
  withDisk,
  withOwnBag,
} from './a-situation';

const noLog = withDisk({ hadLeader: known(false) });

const logSilent = withDisk({ hadLeader: { known: false, reason: 'EIO' } });

table('promise', [
  ['a healthy cluster', () => inCluster(3), []],
  [
    'a founder whose peer is gone, and whose log holds nothing of a leader',
    () => given(lonelyFounder(), noLog),
    ['stop-etcd', 'remember', 'publish-peer'],
  ],
  ['the same, and its log says that it had one: its peer made it the only member and left', lonelyFounder, []],
  ['the same, and its log cannot be read', () => given(lonelyFounder(), logSilent), []],
  ['the same, and goal-state gives no answer', () => given(lonelyFounder(), noLog, goalStateSilent), []],
  [
    'the same, and its peer is only being removed: together they could still elect',
    () =>
      given(
        inCluster(2, 1),
        noAnswer,
        planned({ 0: 'dying' }),
        unreported,
        withBag(0, { memberId: null, generation: null }),
        noRecord,
        noLog,
      ),
    [],
  ],
  [
    'the same, and the leader wrote its member down',
    () => given(inCluster(2, 1), noAnswer, planned({ 0: 'gone' }), unreported, noLog),
    [],
  ],
  [
    'the same, and it said itself that it served',
    () => given(inCluster(2, 1), noAnswer, planned({ 0: 'gone' }), noRecord, noLog),
    [],
  ],
  [
    'a joiner without data, whose founders are gone',
    () => given(inCluster(3, 2), noAnswer, planned({ 0: 'gone', 1: 'gone' }), unreported, noRecord, noData, joined),
    ['stop-etcd', 'remember', 'publish-peer'],
  ],
  [
    'a joiner without data, whose founder has not promised',
    () => given(inCluster(3, 2), noAnswer, planned({ 0: 'gone' }), unreported, noRecord, noData, joined),
    [],
  ],
  [
    'a joiner whose disk gives no answer',
    () => given(inCluster(3, 2), noAnswer, planned({ 0: 'gone', 1: 'gone' }), unreported, noRecord, diskSilent, joined),
    [],
  ],
  [
    'one that promised and sees the generation serve takes it back',
    () => given(inCluster(3, 2), unreported, withOwnBag({ neverElected: generation(1) }), noData),
    ['remember', 'publish-peer'],
  ],
  [
    'one that promised and has data keeps to it, and stays stopped',
    () => given(inCluster(3, 2), unreported, withOwnBag({ neverElected: generation(1) })),
    ['stop-etcd'],
  ],
]);
