import { generation } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import {
  diskSilent,
  given,
  goalStateSilent,
  inCluster,
  joined,
  markerOf,
  memberOf,
  nextFounding,
  noAnswer,
  noData,
  ownSilent,
  planned,
  second,
  stopped,
  table,
  unlisted,
  unreported,
  unused,
  withApplication,
  withBag,
  withDisk,
  withOwnBag,
  withService,
  without,
} from './a-situation';

const fresh = withApplication({ founding: null, members: new Map() });
const allFresh = (observed: Observed): Observed =>
  [...observed.peers.others.keys()].reduce(
    (so, name) => withBag(Number(name.split('/')[1]), { memberId: null, generation: null, voter: false })(so),
    given(observed, fresh, unreported, noAnswer, noData, withDisk({ marker: known(null) })),
  );

table('found', [
  [
    'all planned units are ready',
    () => allFresh(inCluster(3)),
    ['write-founding 1 with etcd/0,etcd/1,etcd/2', 'wait for the founding decision to be committed'],
  ],
  [
    'one is being removed',
    () => given(allFresh(inCluster(3)), planned({ 2: 'dying' })),
    ['write-founding 1 with etcd/0,etcd/1', 'wait for the founding decision to be committed'],
  ],
  [
    'one is not ready yet: the wait begins',
    () => given(allFresh(inCluster(3)), withBag(1, { peerUrl: null })),
    ['remember'],
  ],
  [
    'a unit that does not lead decides nothing',
    () => ({ ...allFresh(inCluster(3)), unit: { ...inCluster(3).unit, isLeader: known(false) } }),
    [],
  ],
  [
    'whether it leads is not known',
    () => ({ ...allFresh(inCluster(3)), unit: { ...inCluster(3).unit, isLeader: { known: false, reason: '' } } }),
    [],
  ],
  [
    'a unit has a member, and the decision is lost: no second cluster',
    () => given(allFresh(inCluster(3)), withBag(2, { generation: generation(1) })),
    [],
  ],
  ['it stands: nothing', () => inCluster(3), []],
  ['not all promised', () => given(allPromised(inCluster(3)), withBag(2, { neverElected: null })), []],
  [
    'all promised: the next generation, and ids of the old one are forgotten',
    () => allPromised(inCluster(3)),
    ['write-founding 2 with etcd/0,etcd/1,etcd/2', 'record-members', 'wait for the founding decision to be committed'],
  ],
  [
    'all promised, and one has left the relation: its promise can be read until it is gone',
    () => given(allPromised(inCluster(3)), unlisted(2)),
    ['write-founding 2 with etcd/0,etcd/1', 'record-members', 'wait for the founding decision to be committed'],
  ],
  ['all promised, as far as goal-state says anything', () => given(allPromised(inCluster(3)), goalStateSilent), []],
]);
function allPromised(observed: Observed): Observed {
  const promise = { neverElected: generation(1), memberId: null, generation: null, voter: false };
  return [...observed.peers.others.keys()].reduce(
    (so, name) => withBag(Number(name.split('/')[1]), promise)(so),
    given(observed, withOwnBag(promise), noAnswer, noData),
  );
}

const newFounder = (observed: Observed): Observed =>
  given(observed, unreported, noAnswer, noData, withDisk({ marker: known(null) }), stopped);

table('start-founder', [
  [
    'named, read back, no data',
    () => newFounder(inCluster(3, 1)),
    ['write-etcd-config', 'mark-data 1 new', 'start-etcd', 'await-serving'],
  ],
  [
    'a unit that is not named has a member: another decision stood here, and its cluster may serve',
    () => given(newFounder(inCluster(3, 1)), joined),
    [],
  ],
  [
    'a unit that is not named has none yet',
    () => given(newFounder(inCluster(3, 1)), joined, withBag(2, { memberId: null, generation: null })),
    ['write-etcd-config', 'mark-data 1 new', 'start-etcd', 'await-serving'],
  ],
  [
    'a unit that is not named has one of an older generation',
    () => given(newFounder(nextFounding(inCluster(3, 1))), withBag(2, { generation: generation(1) })),
    ['write-etcd-config', 'mark-data 2 new', 'start-etcd', 'await-serving'],
  ],
  ['not read back', () => given(newFounder(inCluster(3, 1)), withApplication({}, true)), []],
  ['not named: a second founder', () => given(newFounder(inCluster(3, 2)), joined), []],
  ['it has data', () => given(inCluster(3, 1), noAnswer, unreported, stopped), []],
  ['whether it has data is not known', () => given(newFounder(inCluster(3, 1)), diskSilent), []],
  [
    'it had a member that served: its data are gone',
    () =>
      given(
        newFounder(inCluster(3, 1)),
        withOwnBag({ generation: generation(1), memberId: memberOf(inCluster(3, 1), 1).id }),
      ),
    [],
  ],
  [
    'its disk says that it joined',
    () =>
      given(
        newFounder(inCluster(3, 1)),
        withDisk({
          marker: {
            ...inCluster(3, 1).disk.marker,
            ...known({ ...markerOf(inCluster(3, 1)), startedAs: 'existing' as const }),
          },
        }),
      ),
    [],
  ],
  [
    'a straggler whose disk knows a newer generation',
    () =>
      given(
        newFounder(inCluster(3, 1)),
        withDisk({ marker: known({ ...markerOf(inCluster(3, 1)), generation: second }) }),
      ),
    [],
  ],
  ['it promised', () => given(newFounder(inCluster(3, 1)), withOwnBag({ neverElected: generation(1) })), []],
  [
    'the others elected without it, and its place is free',
    () => given(inCluster(3, 1), unreported, noData, withDisk({ marker: known(null) }), stopped, unused(1)),
    ['write-etcd-config', 'mark-data 1 new', 'start-etcd', 'await-serving'],
  ],
  [
    'the others elected without it, and removed its place',
    () => given(inCluster(3, 1), unreported, noData, withDisk({ marker: known(null) }), stopped, without(1), ownSilent),
    [],
  ],
  [
    'somebody served at its place',
    () => given(inCluster(3, 1), unreported, noData, withDisk({ marker: known(null) }), stopped),
    [],
  ],
  [
    'a half-dead hook started it, and it does not serve yet',
    () =>
      given(
        newFounder(inCluster(3, 1)),
        withDisk({ marker: inCluster(3, 1).disk.marker }),
        withService({ state: 'running' }),
      ),
    ['wake-later', 'wait for etcd to serve on this unit'],
  ],
]);
