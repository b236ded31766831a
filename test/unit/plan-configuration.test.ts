import {
  chooseSeeder,
  describeDisagreements,
  noConfiguration,
  type ConfigurationFacts,
} from '../../src/domain/configuration';
import { desiredFrom, type Desired } from '../../src/domain/desired';
import { unitName, type UnitName } from '../../src/domain/ids';
import type { FileSum, MirrorFacts } from '../../src/domain/mirror';
import type { Observed } from '../../src/domain/observed';
import { load, loadRetrySeconds, planManagerRelease, releaseManager } from '../../src/domain/plan-configuration';
import { planJoin } from '../../src/domain/plan-join';
import { planMirror } from '../../src/domain/plan-mirror';
import { beginRecovery } from '../../src/domain/plan-recover';
import { partOf, planRecreation } from '../../src/domain/plan-recreation';
import type { Recreation, RecreationPhase } from '../../src/domain/recreation';
import type { Part } from '../../src/domain/recreation-part';
import {
  given,
  inCluster,
  noData,
  silent,
  noQuorum,
  withApplication,
  withBag,
  withOwnBag,
  type Change,
} from './a-situation';
import { says } from './an-acknowledgement';

const unit = (number: number): UnitName => unitName(`etcd/${number}`);
const entry = { key: '/k', file: '/f', reload: null, mode: 0o644, owner: null } as const;

function recovering(phase: RecreationPhase, wanted: 'survivor' | 'files' = 'files'): Recreation {
  const begun = beginRecovery(given(inCluster(3), silent(1), silent(2), noQuorum), {
    wanted,
    failed: [],
    masters: [],
    bump: false,
  });
  if (begun.recovery === null) throw new Error('no recovery was begun');
  const seeder = wanted === 'files' ? unit(1) : null;
  const creator = wanted === 'files' ? null : unit(0);
  return { ...begun, phase, creator, recovery: { ...begun.recovery, chosen: wanted, seeder } };
}

const configured =
  (configuration: Partial<ConfigurationFacts>, mirror: Partial<MirrorFacts> = {}): Change =>
  (observed) => ({
    ...observed,
    gate: { ...observed.gate, installed: observed.gate.wanted },
    configuration: { ...noConfiguration, clearwater: true, ...configuration },
    mirror: { ...observed.mirror, wanted: [entry], ...mirror },
  });

/** These units have acknowledged the phase. */
const said = (recreation: Recreation, ...numbers: readonly number[]): readonly Change[] =>
  numbers.map((number) =>
    number === 0 ? withOwnBag({ recreation: says(recreation) }) : withBag(number, { recreation: says(recreation) }),
  );

/** The same, as the etcd/n of a recovery sees it, with its mirror running where `mirrored`. */
function seenBy(number: number, recreation: Recreation, ...changes: readonly Change[]): Observed {
  return given(inCluster(3, number), withApplication({ recreation }), ...changes);
}

const mirrored: Change = (observed) => {
  const [step] = planMirror(observed);
  if (step?.kind !== 'start-mirror') return observed;
  const settings = `${JSON.stringify(step.settings, null, 2)}\n`;
  return { ...observed, mirror: { ...observed.mirror, settings, running: step.running } };
};

const desired = (observed: Observed): Desired => desiredFrom(observed.config).desired as Desired;
const short = (part: Part): string =>
  part.part === 'work'
    ? part.steps.map(({ kind }) => kind).join()
    : part.part === 'problem'
      ? `problem: ${part.why}`
      : 'done';

describe("Clearwater's cluster manager", () => {
  test.each<RecreationPhase>(['stop', 'validate', 'create', 'verify', 'join', 'load'])(
    'is held before anything else is done in %s',
    (phase) => {
      const one = recovering(phase);
      const observed = seenBy(0, one, configured({}, { running: 'so' }));
      expect(short(partOf(observed, desired(observed), one))).toBe('hold-cluster-manager');
    },
  );

  test.each<[string, Partial<ConfigurationFacts>, Recreation]>([
    ['Clearwater is not on', { clearwater: false }, recovering('stop', 'survivor')],
    ['it is held', { held: 'charm' }, recovering('stop', 'survivor')],
    ['nothing is stopped yet', {}, recovering('survey', 'survivor')],
    ['it is a restore', {}, { ...recovering('stop', 'survivor'), purpose: 'restore', recovery: null }],
  ])('is not held (again) where %s', (_, configuration, one) => {
    const observed = seenBy(0, one, configured(configuration));
    expect(short(partOf(observed, desired(observed), one))).not.toMatch(/cluster-manager/);
  });

  test('is stopped once where an operator holds it, for the marker alone stops nothing', () => {
    const one = recovering('stop', 'survivor');
    const parts = (managerStopped: string | null): string => {
      const observed = seenBy(0, one, configured({ held: 'operator' }));
      const seen = { ...observed, memory: { ...observed.memory, managerStopped } };
      return short(partOf(seen, desired(seen), one));
    };
    expect(parts('of another attempt')).toBe('hold-cluster-manager,remember');
    expect(parts(one.token)).not.toMatch(/cluster-manager/);
  });

  test('is released on one unit after the other, and only by whoever held it', () => {
    const one = recovering('resume');
    const held = configured({ held: 'charm' });
    expect(short(releaseManager(seenBy(0, one, held), one))).toBe('release-cluster-manager');
    expect(short(releaseManager(seenBy(1, one, held), one))).toBe('wait');
    expect(
      short(releaseManager(seenBy(1, one, held, withBag(0, { recreation: says(one, { phase: 'resume' }) })), one)),
    ).toBe('release-cluster-manager');
    const failing = withBag(0, { recreation: says(one, { phase: 'resume', problem: 'cannot' }) });
    expect(short(releaseManager(seenBy(1, one, held, failing), one))).toBe('wait');
    expect(short(releaseManager(seenBy(1, one, configured({ held: 'operator' })), one))).toBe('done');
  });

  test('what a recovery that was given up left is released, after the stores are loaded; while one is under way nothing is', () => {
    const kinds = (phase: RecreationPhase, configuration: Partial<ConfigurationFacts> = {}) => {
      const observed = seenBy(0, recovering(phase), configured({ held: 'charm', ...configuration }));
      return planManagerRelease(observed, desired(observed)).map(({ kind }) => kind);
    };
    const loaded = (phase: RecreationPhase, ...faults: readonly string[]) => ({
      load: { token: recovering(phase).token, seeded: [], stores: { at: inCluster(3).now, told: [], faults } },
    });
    expect(kinds('abandoned')).toEqual(['load-clearwater-stores']);
    expect(kinds('abandoned', loaded('abandoned', 'line 2'))).toEqual(['wake-later']);
    expect(kinds('abandoned', loaded('abandoned'))).toEqual(['release-cluster-manager']);
    expect(kinds('done', { clearwater: false })).toEqual(['release-cluster-manager']);
    expect(kinds('load')).toEqual([]);
  });
});

describe('with source files no mirror makes keys before their time', () => {
  test.each([
    ['files', 'stop-mirror'],
    ['survivor', 'write-gate-settings'],
  ] as const)('%s: %s', (wanted, first) => {
    const one = recovering('stop', wanted);
    const observed = seenBy(0, one, configured({ held: 'charm' }, { running: 'so', settings: '{}' }));
    expect(short(partOf(observed, desired(observed), one)).split(',')[0]).toBe(first);
  });
});

describe('the load', () => {
  const one = recovering('load');
  const held = { held: 'charm' } as const;
  const record = { token: one.token, seeded: [], stores: null };
  const stores = (faults: readonly string[], at = 0) => ({ at, told: ['so'], faults });
  const loads = (number: number, recreation: Recreation, ...changes: readonly Change[]): string => {
    const observed = seenBy(number, recreation, ...changes);
    return short(load(observed, desired(observed), recreation));
  };

  test('of a cluster that began empty begins with the files of one unit, and the others wait for it', () => {
    expect(loads(1, one, configured(held))).toBe('seed-keys');
    expect(loads(0, one, configured(held))).toBe('wait');
    expect(loads(0, one, configured(held), ...said(one, 1).slice(0, 1))).toBe('start-mirror');
    // etcd/2 is after etcd/0, which is after the one that was chosen.
    expect(loads(2, one, configured(held), ...said(one, 1))).toBe('wait');
  });

  test('goes on with the mirror and the stores, each once', () => {
    const seeded = configured({ ...held, load: record });
    expect(loads(1, one, seeded)).toBe('start-mirror');
    expect(loads(1, one, seeded, mirrored)).toBe('load-clearwater-stores');
    expect(loads(1, one, configured({ ...held, load: { ...record, stores: stores([]) } }), mirrored)).toBe('done');
    const older = configured({ ...held, load: { token: 'another', seeded: [], stores: stores([]) } });
    expect(loads(1, one, older)).toBe('seed-keys');
  });

  test('of a cluster that has its keys makes none of files', () => {
    const survivor = recovering('load', 'survivor');
    expect(loads(0, survivor, configured(held), mirrored)).toBe('load-clearwater-stores');
    expect(loads(0, survivor, configured({ clearwater: false }, { wanted: [] }))).toBe('done');
  });

  test('says what stands in its way, and looks at it again', () => {
    const faulty = (ago: number): Change[] => [
      (observed) =>
        configured({ ...held, load: { ...record, stores: stores(['line 2'], observed.now - ago * 1000) } })(observed),
      mirrored,
    ];
    expect(loads(1, one, ...faulty(1))).toMatch(/^problem: line 2; correct that, it is looked at again/);
    expect(loads(1, one, ...faulty(loadRetrySeconds))).toBe('load-clearwater-stores');
    const plan = planRecreation(...seen(seenBy(1, one, ...faulty(1))));
    expect(plan.map(({ kind }) => kind)).toEqual(['publish-peer', 'wake-later']);
  });

  const seen = (observed: Observed): [Observed, Desired] => [observed, desired(observed)];
});

test('nobody joins masters that begin empty before all have seen that they serve', () => {
  const change = (phase: RecreationPhase): Change => withApplication({ recreation: recovering(phase) });
  const joiner = (phase: RecreationPhase): readonly string[] => {
    const observed = given(inCluster(3, 2), noData, change(phase));
    return planJoin(observed, desired(observed)).map(({ kind }) => kind);
  };
  expect([joiner('create'), joiner('verify')]).toEqual([[], []]);
  expect(joiner('join')).not.toEqual([]);
});

describe('whose files become the keys', () => {
  const sums = (...all: readonly (string | null)[]): readonly FileSum[] =>
    all.map((sha256, index) => ({ file: `/${'abc'[index] ?? ''}`, sha256 }));
  const by = (...all: readonly (readonly FileSum[])[]) => new Map(all.map((one, number) => [unit(number), one]));
  test.each<[string, ReturnType<typeof by>, string | null]>([
    ['nobody has any', by(sums(null), sums(null)), null],
    ['who has most', by(sums('1', null), sums('1', '2')), 'etcd/1'],
    ['who agrees with most', by(sums('1'), sums('2'), sums('2')), 'etcd/1'],
    ['the first among equals', by(sums('1'), sums('2')), 'etcd/0'],
  ])('%s', (_, byUnit, expected) => {
    expect(chooseSeeder(byUnit)).toBe(expected);
  });

  test('what differs is told, and whose wins', () => {
    expect(describeDisagreements(by(sums('1', null), sums('2', '3'), sums('1', null)), unit(0))).toEqual([
      '/a is not the same on all units: that of etcd/0 becomes the key, etcd/1 has another',
      '/b is not on etcd/0: its key comes from etcd/1',
    ]);
    expect(describeDisagreements(by(sums('1'), sums('1')), unit(0))).toEqual([]);
    expect(describeDisagreements(by(sums('1'), sums('2')), null)).toEqual([
      '/a is not the same on all units: etcd/0; etcd/1',
    ]);
  });
});
