import { desiredFrom, type Desired } from '../../src/domain/desired';
import { generation, memberId, unitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { beginRecovery, hasNothingToRecover } from '../../src/domain/plan-recover';
import { planRecreationLead, standingOf } from '../../src/domain/plan-recreation-lead';
import { partOf, planRecreation } from '../../src/domain/plan-recreation';
import { known } from '../../src/domain/probe';
import { activeRecreation } from '../../src/domain/recreating';
import { formatAcknowledgement, formatRecreation } from '../../src/ports/recreation-bags';
import { describeEnd, type Recreation, type RecreationPhase } from '../../src/domain/recreation';
import type { LogEnd, Recovery } from '../../src/domain/recovery';
import { backAgain, former, lost, recovered, recovering, request } from './a-recovery';
import {
  departing,
  given,
  inCluster,
  markerOf,
  noAnswer,
  noData,
  noQuorum,
  second,
  silent,
  table,
  withApplication,
  withBag,
  withDisk,
  withOwnBag,
  withService,
  type Change,
} from './a-situation';
import { says } from './an-acknowledgement';

// Machines that were off, frozen or cut off, and whose units come back while their cluster is recovered, or was.

const unit = (number: number) => unitName(`etcd/${number}`);
const foundingOf = ({ peers }: Observed) => peers.application.value.founding;

const measuredFor =
  (measured: string): Change =>
  (observed) => ({ ...observed, memory: { ...observed.memory, measured } });

const tail = (index: bigint): LogEnd => ({ term: 2n, index, commit: index });

describe('while the others are further than `stop`', () => {
  const stepsAt = (phase: RecreationPhase, ...changes: readonly Change[]): readonly string[] => {
    const observed = backAgain(phase, ...changes);
    const { recreation } = observed.peers.application.value;
    const part = partOf(observed, desiredFrom(observed.config).desired as Desired, recreation as Recreation);
    return part.part === 'work' ? part.steps.map(({ kind }) => kind) : [part.part];
  };
  test.each(['validate', 'create', 'verify'] as const)('%s: its old member is stopped first', (phase) => {
    expect(stepsAt(phase)).toEqual(['stop-etcd']);
  });
  test('then its old data are measured and moved aside, before it offers anything', () => {
    const down = withService({ state: 'stopped' });
    const marker = markerOf(inCluster(3, 1));
    const read = withDisk({ marker: known({ ...marker, lastRevision: '7' }) });
    expect(stepsAt('validate', down)).toEqual(['measure-data', 'remember']);
    expect(stepsAt('validate', down, read, measuredFor(recovering('stop').token))).toEqual([
      'mark-data',
      'move-data-aside',
    ]);
    expect(stepsAt('validate', down, read, noData)).toEqual(['stage-newest', 'remember']);
  });
  test('what an attempt before this one measured may have grown since: it was given up, and the member went on', () => {
    const marker = { ...markerOf(inCluster(3, 1)), lastRevision: '7' };
    const read = [withService({ state: 'stopped' }), withDisk({ marker: known(marker) })];
    expect(stepsAt('stop', ...read, measuredFor('etcd-2-before'))).toEqual(['measure-data', 'remember']);
    expect(stepsAt('stop', ...read)).toEqual(['measure-data', 'remember']);
  });
});

test('nothing is built on what a unit has that was given up, though it is back and says so', () => {
  const recreation = recovering('stop', { failed: [unit(2)] });
  const observed = given(
    inCluster(3),
    ...lost,
    withApplication({ recreation }),
    withOwnBag({ recreation: says(recreation, { tail: tail(5n) }) }),
    withBag(1, { recreation: says(recreation, { tail: tail(6n) }) }),
    withBag(2, { recreation: says(recreation, { tail: tail(9n) }) }),
  );
  expect(planRecreationLead(observed)).toMatchObject([{ recreation: { phase: 'validate', creator: 'etcd/1' } }]);
});

describe('begun again', () => {
  const again = (phase: RecreationPhase, chosen: Recovery['chosen'], ...changes: readonly Change[]): number => {
    const before = recovering(phase, { chosen });
    const founded = phase === 'join' ? [recovered, withApplication({ recreation: before })] : [];
    const observed = given(inCluster(3), ...lost, withApplication({ recreation: before }), ...founded, ...changes);
    return beginRecovery(observed, { ...request, failed: [unit(2)] }).replaces;
  };
  const inNew = { generation: second, memberId: memberId('9') };
  test.each<[string, RecreationPhase, Recovery['chosen'], readonly Change[], number]>([
    ['before there was a new cluster', 'create', 'survivor', [], 1],
    ['its new cluster is on a unit that is left', 'join', 'survivor', [withBag(1, inNew)], 2],
    ['its new cluster was only on a unit that is gone', 'join', 'survivor', [], 1],
    ['its new cluster is only on a unit that was given up since', 'join', 'snapshot', [withBag(2, inNew)], 1],
    ['its new cluster began empty and is not whole', 'join', 'files', [withBag(1, inNew)], 1],
  ])('%s', (_, phase, chosen, changes, replaces) => {
    expect(again(phase, chosen, ...changes)).toBe(replaces);
  });

  test('what the attempt before began with is begun with again, where it made nothing', () => {
    const before = { ...recovering('stop'), generation: generation(4), replaces: generation(1), touched: true };
    const observed = given(inCluster(3), ...lost, recovered, withApplication({ recreation: before }));
    expect(beginRecovery(observed, request).replaces).toBe(1);
  });

  const before: Recreation = { ...recovering('join', { chosen: 'survivor', failed: [unit(1)] }), creator: unit(0) };
  const joining = given(inCluster(3), ...lost, recovered, withApplication({ recreation: before }));
  const attempt = beginRecovery(joining, { ...request, failed: [unit(2)] });
  const saw = (recreation: Recreation, quorum: boolean): Observed =>
    given(
      joining,
      withApplication({ recreation }),
      withOwnBag({ recreation: says(recreation, { quorum }) }),
      withBag(1, { recreation: says(recreation) }),
    );
  const written = (observed: Observed): readonly (Recreation | null)[] =>
    planRecreationLead(observed).map((step) => (step.kind === 'write-recreation' ? step.recreation : null));

  test('a unit that began the new cluster and was given up since is not missed once others agree without it', () => {
    const recreation = { ...recovering('join', { chosen: 'survivor', failed: [unit(1)] }), creator: unit(1) };
    const observed = given(
      inCluster(3),
      recovered,
      withApplication({ recreation }),
      withOwnBag({ generation: second }),
    );
    expect(standingOf(observed, recreation).creatorGone).toBe(false);
    expect(standingOf(given(observed, noQuorum), recreation).creatorGone).toBe(true);
    expect(standingOf(given(observed, withOwnBag({ generation: generation(1) })), recreation).creatorGone).toBe(true);
  });

  test('the cluster that the attempt before has founded works: that attempt is gone on with, without whom the operator gave up since', () => {
    const recovery = { ...before.recovery, failed: [unit(1), unit(2)] };
    expect(written(saw(attempt, true))).toEqual([{ ...before, recovery, tried: attempt.generation }]);
    expect(written(saw(attempt, false))).toMatchObject([{ generation: attempt.generation, phase: 'stop' }]);
  });

  test('neither that attempt nor what units say of it is written as it was before: of that Juju would tell nobody', () => {
    const [goneOn] = written(saw(attempt, true));
    const texts = [before, goneOn ?? before].map((recreation) => {
      const member = { generation: second, memberId: memberId('9'), voter: true, recreation: says(attempt) };
      const observed = given(joining, withApplication({ recreation }), withOwnBag(member));
      const said = planRecreation(observed, desiredFrom(observed.config).desired as Desired).flatMap((step) =>
        step.kind === 'publish-peer' && step.bag.recreation !== null
          ? [formatAcknowledgement(step.bag.recreation)]
          : [],
      );
      return [formatRecreation(recreation), ...said];
    });
    expect(texts.map((each) => each.length)).toEqual([2, 2]);
    expect(new Set(texts.flat()).size).toBe(4);
    const third = beginRecovery(given(joining, withApplication({ recreation: goneOn ?? null })), request);
    expect(third.generation).toBe(attempt.generation + 1);
  });

  test('also where an attempt in between founded nothing', () => {
    const third = beginRecovery(
      given(joining, withApplication({ recreation: { ...attempt, phase: 'stop' } })),
      request,
    );
    expect(written(saw(third, true))).toMatchObject([{ token: before.token, phase: 'join' }]);
  });

  test('a cluster that works and is older than the attempt before ends it, and nobody says that nothing was touched', () => {
    const stopped = given(inCluster(3), ...lost, withApplication({ recreation: recovering('stop') }));
    const next = beginRecovery(stopped, request);
    expect(next).toMatchObject({ touched: true, founded: null });
    const [ended] = written(given(saw(next, true), withApplication({ founding: foundingOf(stopped) })));
    expect(ended).toMatchObject({ phase: 'abandoned' });
    expect(describeEnd(ended as Recreation)).toBe('given up: etcd/0 reaches a majority that works');
  });
});

table('join', [
  [
    'members of the cluster that was given up answer, and nobody of the new one',
    former,
    ['wake-later', 'wait for a member of generation 2 to answer: one of an older cluster does'],
  ],
  [
    'its own new member is silent and members of the cluster that was given up answer: its data stay',
    () => {
      const marker = { ...markerOf(former()), generation: second };
      return given(former(), withDisk({ data: known('present'), marker: known(marker) }), silent(1));
    },
    ['wake-later', 'wait for a member of generation 2 to answer: one of an older cluster does'],
  ],
]);

test('a majority of the cluster that was given up is not one of the cluster that is to be recovered', () => {
  expect(hasNothingToRecover(given(inCluster(3), recovered))).toBe(false);
  const reported = withOwnBag({ generation: second });
  expect(hasNothingToRecover(given(inCluster(3), recovered, reported))).toBe(true);
});

test('an attempt that a leader wrote once more, over a newer cluster that is decided, is over', () => {
  const recreation = recovering('resume');
  const { founding } = inCluster(3).peers.application.value;
  if (founding === null) throw new Error('no founding');
  const at = (number: number) =>
    withApplication({ recreation, founding: { ...founding, generation: generation(number) } });
  expect(activeRecreation(given(inCluster(3), at(2)))).toBe(recreation);
  expect(activeRecreation(given(inCluster(3), at(3)))).toBeNull();
});

const heldBack: Change = (observed: Observed) => ({
  ...observed,
  gate: { ...observed.gate, heldBack: { by: unit(2), generation: second, own: generation(1) } },
});

table('leave', [
  [
    'it is removed, and its cluster was given up while its machine was away: it has no part in that any more',
    () => given(inCluster(3, 1, departing(1)), recovered),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside', 'remember'],
  ],
  [
    'in its last hook, which tells nothing, its gate holds it back: a stopped etcd is held back by nothing, so that its data go, too',
    () => given(inCluster(3, 1, { kind: 'stop' }), noAnswer, heldBack, withService({ state: 'starting' })),
    ['stop-etcd', 'mark-data 1 existing', 'move-data-aside'],
  ],
  [
    'in its last hook nobody tells anything: it fails, with the ways out',
    () => given(inCluster(3, 1, { kind: 'stop' }), noAnswer, withService({ state: 'stopped' })),
    ['start-etcd', 'await-serving', 'fail-hook This unit cannot leave the cluster: its etcd does not serve'],
  ],
]);
