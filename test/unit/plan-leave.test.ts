import { generation } from '../../src/domain/ids';
import { healthyVoterUrls } from '../../src/domain/member';
import type { Observed } from '../../src/domain/observed';
import { known, unknown } from '../../src/domain/probe';
import type { Recreation } from '../../src/domain/recreation';
import {
  asLearner,
  departing,
  diskSilent,
  given,
  goalStateSilent,
  inCluster,
  markerOf,
  memberOf,
  newcomer,
  noAnswer,
  noData,
  noQuorum,
  ownSilent,
  planned,
  second,
  silent,
  stopped,
  table,
  unreported,
  withApplication,
  withDisk,
  without,
} from './a-situation';

const stop = { kind: 'stop' };

/** In `stop` nothing of the peer relation can be read. */
const inStop = (size: number, number: number): Observed =>
  given(inCluster(size, number, stop), planned({ [number]: 'dying' }));

const leads =
  (number: number) =>
  (observed: Observed): Observed => {
    const { id } = memberOf(observed, number);
    const statuses = [...observed.cluster.statuses].map(
      ([key, one]) => [key, one.known ? known({ ...one.value, leaderId: id }) : one] as const,
    );
    return { ...observed, cluster: { ...observed.cluster, statuses: new Map(statuses) } };
  };

/** An earlier try wrote where the others are. */
const markedOut =
  (number: number) =>
  (observed: Observed): Observed => {
    const endpoints = healthyVoterUrls(observed, memberOf(observed, number).id).toReversed();
    return { ...observed, disk: { ...observed.disk, marker: known({ ...markerOf(observed), endpoints }) } };
  };

const neverLed = withDisk({ hadLeader: known(false) });

/** It asked to join and got no further, or it did and that was never committed. */
const joiner = (observed: Observed): Observed =>
  given(
    observed,
    withDisk({ marker: known({ ...markerOf(observed), startedAs: 'existing' }), hadLeader: known(false) }),
    unreported,
  );

const led = withDisk({ hadLeader: known(true) });

/** Its part of a recreation was done in this very hook, and is not committed. */
const saying = (observed: Observed): Observed => {
  const recreation = { phase: 'create', generation: second } as Recreation;
  const { peers } = given(observed, withApplication({ recreation }));
  return { ...observed, peers: { ...peers, own: { ...peers.own, pending: true } } };
};

/** Of its removal this is the last hook before `stop`. */
const last = (observed: Observed): Observed => ({ ...observed, peers: { ...observed.peers, present: [] } });

table('leave', [
  [
    'one of three leaves',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' })),
    [
      'mark-data 1 new',
      'remove-member of etcd/2',
      'stop-etcd',
      'mark-data 1 existing',
      'move-data-aside',
      'publish-peer',
    ],
  ],
  [
    'the etcd leader hands leadership over first',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), leads(2)),
    ['move-leadership'],
  ],
  [
    'of three with another one down it stays',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), silent(1)),
    ['wait to leave: the rest would have no quorum'],
  ],
  [
    'and in stop the hook fails',
    () => given(inStop(3, 2), silent(1)),
    ['fail-hook This unit cannot leave the cluster: the rest would have no quorum'],
  ],
  [
    'a hook that died behind the removal goes on with the rest',
    () => given(inStop(3, 2), without(2), ownSilent),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'etcd did not let it go, and the hook is tried again: what stands on the disk is not written again',
    () => given(inStop(3, 2), markedOut(2)),
    ['remove-member of etcd/2', 'stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'without quorum nothing is removed',
    () => given(inStop(3, 2), noQuorum),
    ['fail-hook This unit cannot leave the cluster: the cluster has no quorum'],
  ],
  [
    'no answer of anybody is not "out"',
    () => given(inStop(3, 2), noAnswer),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'no answer, and its etcd is down: it is started to leave',
    () => given(inStop(3, 2), noAnswer, stopped),
    ['start-etcd', 'await-serving', 'fail-hook This unit cannot leave the cluster: its etcd does not serve'],
  ],
  [
    'no answer, and what is on the disk is not known',
    () => given(inStop(3, 2), noAnswer, diskSilent),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  ['no answer, and nothing on the disk is nothing to lose', () => given(inStop(3, 2), noAnswer, noData), ['stop-etcd']],
  [
    'data of a generation that it promised to stay out of are nothing to lose',
    () => ({ ...given(inStop(3, 2), noAnswer), memory: { ...inStop(3, 2).memory, promised: generation(1) } }),
    ['stop-etcd'],
  ],
  [
    'a founder that never had a leader, and the others it needed for one are gone: nothing to lose, and nobody to tell',
    () => given(inStop(3, 2), noAnswer, neverLed, planned({ 0: 'gone', 1: 'gone' }), newcomer),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'the same, while those who are left may still elect one',
    () => given(inStop(3, 2), noAnswer, neverLed, planned({ 0: 'gone' })),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'the same, and it had a leader once',
    () =>
      given(inStop(3, 2), noAnswer, withDisk({ hadLeader: known(true) }), planned({ 0: 'gone', 1: 'gone' }), newcomer),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'the same, and Juju does not say who is left',
    () => given(inStop(3, 2), noAnswer, neverLed, goalStateSilent),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'a joiner that never got anything of its cluster holds nothing: no quorum keeps it',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), noQuorum, joiner),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'the same in stop, and nobody answers',
    () => given(inStop(3, 2), joiner, noAnswer),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'the same, while the cluster takes it out',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), joiner, asLearner(2)),
    [
      'mark-data 1 existing',
      'remove-member of etcd/2 if a learner',
      'stop-etcd',
      'mark-data 1 existing',
      'move-data-aside',
    ],
  ],
  [
    'a joiner that got something may have the last copy of it',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), joiner, led, noAnswer),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'the same in stop',
    () => given(inStop(3, 2), joiner, led, noAnswer),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'a joiner whose log cannot be read may have the last copy of it',
    () =>
      given(
        inCluster(3, 2, departing(2)),
        planned({ 2: 'dying' }),
        joiner,
        withDisk({ hadLeader: unknown('EIO') }),
        noAnswer,
      ),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'a founder that never had a leader, and the others may still elect one with it',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), noAnswer, neverLed, unreported),
    ['fail-hook The member of this unit never served yet'],
  ],
  [
    'what it has done of a recreation in this hook is told, while there is a hook to come',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), joiner, led, noAnswer, saying),
    ['wait to leave: no member answers'],
  ],
  [
    'and it stays where there is none',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), joiner, led, noAnswer, saying, last),
    ['fail-hook This unit cannot leave the cluster: no member answers'],
  ],
  [
    'the only member of an application that stays',
    () => given(inCluster(2, 0, departing(0)), planned({ 0: 'dying' }), without(1)),
    ['wait to leave: its member is the only one, and other units have not joined yet'],
  ],
  [
    'the same, and the others were never told where it is',
    () => given(inCluster(2, 0, departing(0)), planned({ 0: 'dying' }), without(1), unreported),
    [
      'fail-hook This unit has not told the others of its member yet: its member is the only one, and other units have not joined yet',
    ],
  ],
  [
    'the whole application leaves: members stay what they are',
    () => given(inCluster(3, 1, departing(1)), planned({ 0: 'dying', 1: 'dying', 2: 'dying' })),
    ['stop-etcd', 'remember'],
  ],
  [
    'a unit added meanwhile does not change that',
    () => ({ ...inStop(3, 1), memory: { ...inStop(3, 1).memory, left: true } }),
    ['stop-etcd'],
  ],
  [
    'Juju does not say who stays: tried again while bags can be read',
    () => given(inCluster(3, 1, departing(1)), goalStateSilent),
    ['fail-hook Juju does not say which units stay'],
  ],
  [
    'a learner leaves at once',
    () => given(inCluster(3, 2, departing(2)), planned({ 2: 'dying' }), asLearner(2), silent(1)),
    [
      'mark-data 1 new',
      'remove-member of etcd/2 if a learner',
      'stop-etcd',
      'mark-data 1 existing',
      'move-data-aside',
      'publish-peer',
    ],
  ],
]);
