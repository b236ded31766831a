import { desiredFrom, type Desired } from '../../src/domain/desired';
import { unitName, type UnitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { seekQuorum } from '../../src/domain/plan-recovery';
import { hasNothingToRecover, recoveryRefusal } from '../../src/domain/plan-recover';
import { chooseAnother, chooseAnotherSeeder, decideRecovery, emptyFounding } from '../../src/domain/plan-recovery-lead';
import { planRecreationLead, standingOf } from '../../src/domain/plan-recreation-lead';
import { lossAdvice, lossPatience, planQuorumWatch } from '../../src/domain/quorum-loss';
import { recreationStatus } from '../../src/domain/status-recreation';
import { choiceOf, describeLoss, type Acknowledgement, type Recreation } from '../../src/domain/recreation';
import { chooseMasters, chooseSource, reachesFurther, type LogEnd, type Recovery } from '../../src/domain/recovery';
import {
  formatAcknowledgement,
  formatRecreation,
  parseAcknowledgement,
  parseRecreation,
} from '../../src/ports/recreation-bags';
import {
  departing,
  given,
  goalStateSilent,
  inCluster,
  newcomer,
  noAnswer,
  noQuorum,
  planned,
  silent,
  withApplication,
  withBag,
  withOwnBag,
  type Change,
} from './a-situation';
import { lost, recovering } from './a-recovery';
import { says } from './an-acknowledgement';

const end = (term: number, index: number, commit = index): LogEnd => ({
  term: BigInt(term),
  index: BigInt(index),
  commit: BigInt(commit),
});
const asked: Recovery = {
  wanted: 'auto',
  chosen: null,
  why: null,
  failed: [],
  masters: [],
  kept: null,
  seeder: null,
  unusable: [],
};
const unit = (number: number): UnitName => unitName(`etcd/${number}`);
const said = (...all: readonly (Acknowledgement | null)[]): ReadonlyMap<UnitName, Acknowledgement | null> =>
  new Map(all.map((one, number) => [unit(number), one]));
const snapshot = (revision: bigint) => ({ sha256: 'aa', revision, keys: 1, hash: 1 });

describe('which survivor', () => {
  test('a later term wins over a longer log, and in one term the longer log', () => {
    expect(reachesFurther(end(3, 5), end(2, 9))).toBe(true);
    expect(reachesFurther(end(2, 9), end(2, 8))).toBe(true);
    expect(reachesFurther(end(2, 8), end(2, 8))).toBe(false);
  });

  const two = [
    { unit: unit(0), has: end(2, 9, 9) },
    { unit: unit(1), has: end(3, 5, 4) },
  ];
  test.each([
    ['auto', two, { chosen: 'survivor', creator: 'etcd/1' }],
    ['survivor', two.slice(0, 1), { chosen: 'survivor', creator: 'etcd/0' }],
    ['auto', [], { chosen: 'snapshot', creator: null }],
    ['snapshot', two, { chosen: 'snapshot', creator: null }],
    ['files', two, { chosen: 'files', creator: null }],
    ['survivor', [], { problem: 'no unit has data of the cluster that can be read' }],
  ] as const)('source=%s with %j', (wanted, all, expected) => {
    expect(chooseSource({ ...asked, wanted }, all)).toMatchObject(expected);
  });
});

describe('a survivor that cannot be read', () => {
  const validating = (wanted: 'auto' | 'survivor', ...others: readonly number[]) => {
    const recovery: Recovery = { ...asked, wanted, chosen: 'survivor', why: 'so' };
    const one = { ...recovering('validate', recovery), creator: unit(0) };
    const broken = says(one, {
      phase: 'validate',
      problem: 'etcd does not start',
      damaged: true,
      tail: end(2, 9),
      choice: choiceOf(one),
    });
    const heard = said(broken, ...others.map((index) => says(one, { phase: 'validate', tail: end(2, index) })));
    return { one, recovery, heard };
  };
  const chosen = ({ one, recovery, heard }: ReturnType<typeof validating>): unknown => {
    const change = chooseAnother(one, recovery, heard);
    return change === null ? null : [change.recovery?.chosen, change.creator, change.recovery?.why];
  };

  test('another survivor is next, and then with auto a backup; what happened is told', () => {
    expect(chosen(validating('auto', 7, 8))).toEqual([
      'survivor',
      'etcd/2',
      'etcd/0 could not be used (etcd does not start); its log reaches furthest (term 2, index 8) of etcd/1, etcd/2',
    ]);
    expect(chosen(validating('auto'))).toEqual(['snapshot', null, 'etcd/0 could not be used (etcd does not start)']);
    expect(chosen(validating('survivor', 7))).toEqual(['survivor', 'etcd/1', expect.any(String)]);
    expect(chosen(validating('survivor'))).toBeNull();
  });

  test('a full disk is no reason for another source', () => {
    const { one, recovery } = validating('auto');
    const full = says(one, { phase: 'validate', problem: 'the disk is full', tail: end(2, 9) });
    expect(chooseAnother(one, recovery, said(full))).toBeNull();
  });

  test('the leader chooses anew, the words about the first choice count no more, and every unit looks at the second', () => {
    const { one, heard } = validating('auto');
    const told = heard.get(unit(0)) ?? null;
    const change = (recreation: Recreation): Observed =>
      given(inCluster(1), withApplication({ recreation }), withOwnBag({ recreation: told }));
    const [write] = planRecreationLead(change({ ...one, units: [unit(0)] }));
    expect(write).toMatchObject({
      kind: 'write-recreation',
      recreation: {
        phase: 'validate',
        creator: null,
        recovery: { chosen: 'snapshot', unusable: [{ unit: 'etcd/0' }] },
      },
    });
    if (write?.kind !== 'write-recreation') throw new Error('nothing is written');
    const next = change(write.recreation);
    expect(standingOf(next, write.recreation)).toMatchObject({ problems: [], waitsFor: ['etcd/0'] });
    expect(planRecreationLead(next).map(({ kind }) => kind)).toEqual(['wait']);
    expect(
      describeLoss({
        ...write.recreation,
        recovery: { ...asked, chosen: 'survivor', unusable: [{ unit: unit(0), why: 'x' }] },
      }),
    ).toMatch(/; the data of etcd\/0 could not be read$/);
  });
});

describe('who founds an empty cluster', () => {
  const all = [0, 1, 2, 3, 4].map(unit);
  test.each<[string, readonly number[], readonly number[], readonly UnitName[]]>([
    ['whom the operator named', [4], [0, 1, 2], [unit(4)]],
    ['three with data duty', [], [1, 2, 4], [unit(1), unit(2), unit(4)]],
    ['all where there are fewer', [], [1, 2], all],
  ])('%s', (_, named, withDuty, expected) => {
    const masters = chooseMasters({ ...asked, masters: named.map(unit) }, all, (one) =>
      withDuty.map(unit).includes(one),
    );
    expect(masters).toEqual(expected);
  });

  test('is decided with whose files become the keys once all have stopped', () => {
    const one = { ...recovering('stop'), recovery: { ...asked, wanted: 'files' as const } };
    const has = (duty: boolean, sha256: string | null): Partial<Acknowledgement> => ({
      phase: 'stop',
      configuration: { files: [{ file: '/f', sha256 }], duty, loads: [] },
    });
    const heard = said(
      says(one, has(true, null)),
      says(one, has(true, 'aa')),
      says(one, has(false, 'aa')),
      says(one, has(true, null)),
    );
    expect(decideRecovery(one, one.recovery, heard)).toMatchObject({
      creator: null,
      recovery: {
        chosen: 'files',
        masters: ['etcd/0', 'etcd/1', 'etcd/3'],
        seeder: 'etcd/1',
        why: 'the operator said so; configuration comes from the files of etcd/1',
      },
    });
    const loading = { ...one, phase: 'load' as const, recovery: { ...one.recovery, seeder: unit(1) } };
    const left = new Map([...heard].filter(([name]) => name !== unit(1)));
    expect(chooseAnotherSeeder(loading, heard)).toBeNull();
    expect(chooseAnotherSeeder(loading, left)?.recovery?.seeder).toBe('etcd/2');
  });
});

test('why the next phase cannot begin stands in the status', () => {
  const one = { ...recovering('validate', { chosen: 'snapshot', why: 'so' }), units: [unit(0)] };
  const observed = given(
    inCluster(1),
    withApplication({ recreation: one }),
    withOwnBag({ recreation: says(one, { phase: 'validate', choice: choiceOf(one) }) }),
  );
  expect(recreationStatus(observed)).toEqual({
    word: 'blocked',
    message: expect.stringMatching(
      /validate; so, and no unit has a good backup; source=files begins with an empty/,
    ) as string,
  });
});

describe('what the leader decides', () => {
  test('after stop: the furthest log, of this attempt only', () => {
    const one = recovering('stop');
    const heard = said(
      says(one, { phase: 'stop', tail: end(2, 9, 7) }),
      says({ ...one, token: 'another' }, { phase: 'stop', tail: end(9, 9) }),
      null,
    );
    expect(decideRecovery(one, asked, heard)).toMatchObject({ creator: 'etcd/0', recovery: { chosen: 'survivor' } });
  });

  test('after validate: what the survivor made, with what was not known to be agreed on', () => {
    const one = { ...recovering('validate', { chosen: 'survivor' }), creator: unit(0) };
    const offer = { snapshot: snapshot(40n), takenAt: null };
    const heard = said(says(one, { phase: 'validate', tail: end(2, 9, 7), offer }));
    expect(decideRecovery(one, { ...asked, chosen: 'survivor' }, heard)).toMatchObject({
      snapshot: { revision: 40n },
      recovery: { kept: 2 },
    });
  });

  test('the newest backup is the one that was taken last, whatever its revision', () => {
    const recovery: Recovery = { ...asked, chosen: 'snapshot' };
    const one = recovering('validate', recovery);
    const heard = said(
      says(one, { offer: { snapshot: snapshot(90n), takenAt: 1000 } }),
      says(one, { offer: { snapshot: snapshot(20n), takenAt: 2000 } }),
      says(one),
    );
    expect(decideRecovery(one, recovery, heard)).toMatchObject({ creator: 'etcd/1', snapshot: { revision: 20n } });
    expect(decideRecovery(one, recovery, said(says(one)))).toEqual({
      problem: expect.stringContaining('source=files begins with an empty cluster') as string,
    });
    const configuration = { files: [{ file: '/etc/a', sha256: 'a' }], duty: true, loads: [] };
    expect(decideRecovery(one, recovery, said(says(one), says(one, { configuration })))).toMatchObject({
      recovery: {
        chosen: 'files',
        seeder: 'etcd/1',
        masters: ['etcd/0', 'etcd/1'],
        why: expect.stringContaining(
          'no unit has a good backup; configuration comes from the files of etcd/1',
        ) as string,
      },
    });
    const strict = { ...recovery, wanted: 'snapshot' as const };
    expect(decideRecovery(one, strict, said(says(one)))).toEqual({ problem: 'no unit has a good backup' });
  });

  test('an empty cluster is founded by the masters, once all have told their address', () => {
    const one = recovering('create', { chosen: 'files', masters: [unit(0), unit(2)] });
    const names = (founding: ReturnType<typeof emptyFounding>): unknown => founding?.initial.map((each) => each.unit);
    const all = [unit(0), unit(1), unit(2)];
    expect(names(emptyFounding(inCluster(3), one, all))).toEqual(['etcd/0', 'etcd/2']);
    expect(names(emptyFounding(inCluster(3), { ...one, recovery: asked }, all))).toEqual(all);
    expect(emptyFounding(given(inCluster(3), withBag(2, { peerUrl: null })), one, all)).toBeNull();
  });

  const surveying = (...acks: readonly [number, Partial<Acknowledgement>][]): Observed => {
    const recreation = recovering('survey', { failed: [unit(2)] });
    return given(
      inCluster(3),
      ...lost,
      withApplication({ recreation }),
      ...acks.map(([number, more]): Change => {
        const recreationSaid = says(recreation, more);
        return number === 0
          ? withOwnBag({ recreation: recreationSaid })
          : withBag(number, { recreation: recreationSaid });
      }),
    );
  };
  const phaseAfter = (observed: Observed): string =>
    planRecreationLead(observed)
      .map((step) => (step.kind === 'write-recreation' ? step.recreation.phase : step.kind))
      .join();
  test.each<[string, () => Observed, string]>([
    ['all that count found no majority', () => surveying([0, {}], [1, {}]), 'stop'],
    ['one has not answered', () => surveying([0, {}]), 'wait'],
    ['one found a majority', () => surveying([0, {}], [1, { quorum: true }]), 'abandoned'],
    ['one that was given up found a majority', () => surveying([0, {}], [1, {}], [2, { quorum: true }]), 'abandoned'],
    ['a majority, and one that has not answered', () => surveying([0, { quorum: true }]), 'abandoned'],
    ['one cannot take part', () => surveying([0, {}], [1, { problem: 'another version' }]), 'abandoned'],
  ])('survey: %s', (_, observed, expected) => {
    expect(phaseAfter(observed())).toBe(expected);
  });
});

test.each([
  [undefined, 3000],
  [100, 3000],
  [5000, 15_000],
])('survey: with election_timeout %s a majority is looked for as long as three elections take', (timeout, expected) => {
  const options = timeout === undefined ? {} : { election_timeout: timeout, heartbeat_interval: 20 };
  const observed = given(inCluster(3), ...lost, (before) => ({ ...before, config: { ...before.config, ...options } }));
  const { desired } = desiredFrom(observed.config);
  const part = seekQuorum(observed, desired as Desired, recovering('survey'));
  expect(part).toMatchObject({ steps: [{ kind: 'seek-quorum', timeoutMs: expected }, { kind: 'remember' }] });
});

describe('what recover-quorum refuses', () => {
  const none = { failed: [], masters: [] };
  test.each<[string, () => Observed, Parameters<typeof recoveryRefusal>[1], RegExp | null]>([
    ['nothing', () => given(inCluster(3), ...lost), none, null],
    ['not the leader', () => inCluster(3, 1), none, /^etcd\/1 is not the leader of etcd/],
    [
      'not founded',
      () => given(inCluster(3), withApplication({ founding: null })),
      none,
      /^No cluster was founded yet/,
    ],
    ['who is there is not known', () => given(inCluster(3), goalStateSilent), none, /Juju does not tell/],
    [
      'a config-mirror that cannot be read',
      () => ({
        ...inCluster(3),
        mirror: { ...inCluster(3).mirror, wanted: null, problem: 'config-mirror is not YAML' },
      }),
      none,
      /^config-mirror is not YAML: correct it first/,
    ],
    ['itself among the failed', () => inCluster(3), { failed: [unit(0)], masters: [] }, /etcd\/0 runs this action/],
    ['a stranger', () => inCluster(3), { failed: [unit(20)], masters: [] }, /^etcd\/20 is no unit of etcd/],
    ['a failed master', () => inCluster(3), { failed: [unit(1)], masters: [unit(1)] }, /cannot be a master/],
    [
      'a master that was added and has not come so far yet',
      () => given(inCluster(3), newcomer),
      { failed: [], masters: [unit(0), unit(9)] },
      /^etcd\/9 has no part in the cluster yet/,
    ],
    ['it leaves', () => inCluster(3, 0, departing(0)), none, /^etcd\/0 is being removed/],
    [
      'another leaves',
      () => given(inCluster(3), planned({ 1: 'dying' })),
      none,
      /^etcd\/1 is being removed.*failed-units/,
    ],
    [
      'another leaves and is named',
      () => given(inCluster(3), planned({ 1: 'dying' })),
      { failed: [unit(1)], masters: [] },
      null,
    ],
  ])('%s', (_, observed, what, line) => {
    const refusal = recoveryRefusal(observed(), what);
    if (line === null) expect(refusal).toBeNull();
    else expect(refusal).toMatch(line);
  });

  test('a cluster with quorum', () => {
    expect(hasNothingToRecover(inCluster(3))).toBe(true);
    expect(hasNothingToRecover(given(inCluster(3), ...lost))).toBe(false);
  });
});

describe('quorum that is lost', () => {
  const since =
    (before: number): Change =>
    (observed) => ({ ...observed, memory: { ...observed.memory, quorumLostSince: observed.now - before } });
  test.each<[string, () => Observed, readonly string[], boolean]>([
    ['a cluster that is well', () => inCluster(3), [], false],
    ['one of three is silent', () => given(inCluster(3), silent(1)), [], false],
    ['two of three, just now', () => given(inCluster(3), ...lost), ['remember', 'wake-later'], false],
    ['two of three, for a moment', () => given(inCluster(3), ...lost, since(lossPatience - 1)), [], false],
    ['two of three, for a while', () => given(inCluster(3), ...lost, since(lossPatience)), [], true],
    [
      'two of four, for a while',
      () => given(inCluster(4), silent(2), silent(3), noQuorum, since(lossPatience)),
      [],
      true,
    ],
    ['all answer, and none leads', () => given(inCluster(3), noQuorum), [], false],
    ['nobody answers, for a while', () => given(inCluster(3), noAnswer, since(lossPatience)), [], true],
    ['it is back', () => given(inCluster(3), since(lossPatience)), ['remember'], false],
  ])('%s', (_, observed, steps, told) => {
    expect(planQuorumWatch(observed()).map(({ kind }) => kind)).toEqual(steps);
    const advice = lossAdvice(observed());
    if (told) expect(advice).toMatch(/juju run etcd\/leader recover-quorum confirm=true/);
    else expect(advice).toBeNull();
  });
});

describe('in the bags', () => {
  test('what was written is read', () => {
    const unusable = [{ unit: unit(0), why: 'no log' }];
    const more = { chosen: 'survivor', why: 'so', kept: 3, seeder: unit(1), unusable } as const;
    const one = { ...recovering('validate', more), creator: unit(1) };
    expect(parseRecreation(formatRecreation(one))).toEqual(one);
    const again = {
      ...recovering('survey'),
      founded: { ...one, snapshot: snapshot(3n), lastRevision: 4n, tried: one.generation },
    };
    expect(parseRecreation(formatRecreation(again))).toEqual(again);
    const offer = { snapshot: snapshot(7n), takenAt: 5 };
    const configuration = { files: [{ file: '/f', sha256: null }], duty: false, loads: ['one', 'two'] };
    const said2 = { damaged: true, choice: 'survivor etcd/1', configuration };
    const ack = says(one, { tried: one.generation, quorum: true, tail: end(2, 9, 7), offer, ...said2 });
    expect(parseAcknowledgement(formatAcknowledgement(ack))).toEqual(ack);
    expect(parseAcknowledgement(formatAcknowledgement(says(one)))).toEqual(says(one));
  });

  test('what an older release wrote is read, too', () => {
    const { token, generation: number, phase, problem, revision } = says(recovering('stop'));
    const old = { token, generation: number, phase, problem, revision };
    expect(parseAcknowledgement(JSON.stringify(old))).toMatchObject({ quorum: false, tail: null, offer: null });
  });

  test.each(['{"wanted":"all"}', '7'])('a recovery of another form is an error: %s', (recovery) => {
    const text = JSON.stringify({
      ...(JSON.parse(formatRecreation(recovering('stop'))) as object),
      recovery: JSON.parse(recovery) as unknown,
    });
    expect(() => parseRecreation(text)).toThrow(/a form that this version/);
  });
});
