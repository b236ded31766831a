import { syncVerdict } from '../../src/actions/check-config-sync-action';
import { renderMirrorSettings, runningText, type MirrorEntry, type MirrorFacts } from '../../src/domain/mirror';
import type { Observed } from '../../src/domain/observed';
import { planAll } from '../../src/domain/plan';
import { mirrorWarnings, planMirror, planMirrorRemoval } from '../../src/domain/plan-mirror';
import { statusOf } from '../../src/domain/status';
import { clusterId, type ClusterId } from '../../src/domain/ids';
import { known, unknown } from '../../src/domain/probe';
import { given, inCluster, second, silent, withApplication, withBag } from './a-situation';

const entry: MirrorEntry = { key: '/k', file: '/f', reload: null, mode: 0o644, owner: null };
const off: MirrorFacts = { wanted: [], problem: null, settings: null, running: null, notes: [] };
const withMirror = (mirror: Partial<MirrorFacts>, of = inCluster(3)): Observed => ({
  ...of,
  gate: { ...of.gate, installed: of.gate.wanted },
  mirror: { ...off, ...mirror },
});

/** Running with what is wanted. */
function settled(): Observed {
  const [step] = planMirror(withMirror({ wanted: [entry] }));
  if (step?.kind !== 'start-mirror') throw new Error('no start is planned');
  return withMirror({ wanted: [entry], settings: renderMirrorSettings(step.settings), running: step.running });
}

describe('the configuration mirror', () => {
  test('not wanted and not there: nothing', () => {
    expect([...planMirror(withMirror({})), ...planMirrorRemoval(withMirror({}))]).toEqual([]);
  });

  test('wanted: it runs by the options and knows the other members, and then nothing is to be done', () => {
    const [step] = planMirror(withMirror({ wanted: [entry] }));
    expect(step).toMatchObject({
      kind: 'start-mirror',
      settings: { entries: [entry], others: ['https://10.0.0.2:2379', 'https://10.0.0.3:2379'] },
    });
    expect(planMirror(settled())).toEqual([]);
  });

  describe('of which cluster the keys must be', () => {
    const [before, present] = [clusterId('7'), clusterId('8')];
    /** What the own member says, and what this unit remembers. */
    function situation(said: ClusterId | null, agreed: boolean, remembered: ClusterId | null): Observed {
      const observed = inCluster(3);
      const { local } = observed.cluster;
      if (!local.known) throw new Error('the member does not answer');
      const answer = said === null ? unknown('off') : known({ ...local.value, clusterId: said });
      return {
        ...observed,
        memory: { ...observed.memory, cluster: remembered },
        cluster: { ...observed.cluster, local: answer, quorum: known(agreed) },
      };
    }
    const planned = (observed: Observed): unknown => {
      const [step] = planMirror(withMirror({ wanted: [entry] }, observed));
      return step?.kind === 'start-mirror' ? step.settings.cluster : step;
    };

    test.each<[string, ClusterId | null, boolean, ClusterId | null, ClusterId | null]>([
      ['nothing is known yet', null, false, null, null],
      ['the member serves for the first time', present, true, null, present],
      ['its cluster was made again', present, true, before, present],
      ['the member does not answer: the cluster that it was of last', null, true, before, before],
      ['the member has no majority: that says nothing', present, false, before, before],
    ])('%s', (_, said, agreed, remembered, cluster) =>
      expect(planned(situation(said, agreed, remembered))).toBe(cluster),
    );

    test('a standby has no member: not known', () => {
      const settings = JSON.stringify({ proxy: {}, members: ['https://10.0.0.9:2379'] });
      const observed = situation(present, true, before);
      expect(planned({ ...observed, standby: { ...observed.standby, settings } })).toBeNull();
    });

    test('another cluster than before: started anew', () => {
      const [step] = planMirror(withMirror({ wanted: [entry] }, situation(null, false, before)));
      if (step?.kind !== 'start-mirror') throw new Error('no start is planned');
      const runs = { wanted: [entry], settings: renderMirrorSettings(step.settings), running: step.running };
      expect(planMirror(withMirror(runs, situation(before, true, before)))).toEqual([]);
      expect(planned({ ...situation(present, true, before), mirror: { ...off, ...runs } })).toBe(present);
    });

    test('a mirror that waits is told in one line, however many entries it has', () => {
      const why = 'a member of cluster 8 answers, and this unit belongs to 7';
      const notes = ['/a', '/b'].map((file) => ({ key: file, file, verdict: 'other-cluster', why }) as const);
      expect(mirrorWarnings({ ...settled(), mirror: { ...settled().mirror, notes } })).toEqual([
        `the configuration mirror waits: ${why}`,
      ]);
    });
  });

  test('a member of a cluster that was given up is not asked for keys', () => {
    const { founding } = inCluster(3).peers.application.value;
    if (founding === null) throw new Error('nothing is founded');
    const observed = given(
      inCluster(3),
      withApplication({ founding: { ...founding, generation: second } }),
      withBag(1, { generation: second }),
    );
    const [step] = planMirror(withMirror({ wanted: [entry] }, observed));
    expect(step).toMatchObject({ settings: { others: ['https://10.0.0.2:2379'] } });
  });

  test.each<[string, (observed: Observed) => Observed]>([
    ['it died', (o) => ({ ...o, mirror: { ...o.mirror, running: null } })],
    ['the charm was upgraded', (o) => ({ ...o, gate: { ...o.gate, installed: 'new', wanted: 'new' } })],
    [
      'an entry was added',
      (o) => ({ ...o, mirror: { ...o.mirror, wanted: [entry, { ...entry, key: '/l', file: '/g' }] } }),
    ],
    ['a member went', (o) => ({ ...o, peers: { ...o.peers, others: new Map() } })],
  ])('started anew: %s', (_, change) => {
    expect(planMirror(change(settled())).map(({ kind }) => kind)).toEqual(['start-mirror']);
  });

  test('not before its program is in place', () => {
    const observed = settled();
    expect(planMirror({ ...observed, gate: { ...observed.gate, wanted: 'new' } })).toEqual([]);
  });

  test('options that cannot be read block, in one line, and leave what runs; etcd goes on', () => {
    const observed = settled();
    const problem = 'config-mirror is not YAML';
    const wrong = { ...observed, mirror: { ...observed.mirror, wanted: null, problem } };
    expect(planMirror(wrong)).toEqual([]);
    expect(statusOf(wrong)).toEqual({ word: 'blocked', message: problem });
    const kinds = (of: Observed) => planAll(of).flatMap(({ steps }) => steps.map(({ kind }) => kind));
    expect(kinds(wrong)).toEqual(kinds(observed));
  });

  test('no longer wanted, or its unit leaves: removed', () => {
    const observed = settled();
    expect(planMirror({ ...observed, mirror: { ...observed.mirror, wanted: [] } })).toEqual([
      { kind: 'remove-mirror' },
    ]);
    expect(planMirrorRemoval(observed)).toEqual([{ kind: 'remove-mirror' }]);
  });

  test('an edited file and one that failed are told, also beside a fault', () => {
    const observed = settled();
    const notes = [
      { key: '/a', file: '/etc/a', verdict: 'edited-here', why: null },
      { key: '/b', file: '/etc/b', verdict: 'failed', why: 'no space left' },
      { key: '/c', file: '/etc/c', verdict: 'in-step', why: null },
    ] as const;
    const edited = { ...observed, mirror: { ...observed.mirror, notes } };
    expect(mirrorWarnings(edited)).toEqual([
      'edited on this unit: /etc/a (check-config-sync)',
      '/etc/b: no space left',
    ]);
    expect(statusOf(edited).word).toBe('active');
    expect(statusOf(edited).message).toMatch(/edited on this unit: \/etc\/a/);
    expect(statusOf(given(edited, silent(1))).message).toMatch(/needs attention.*edited on this unit/);
  });

  test('the service says by which settings and which program it runs', () => {
    expect(runningText('r', 'a')).not.toBe(runningText('r', 'b'));
    expect(runningText('r', 'a')).not.toBe(runningText('s', 'a'));
    expect(runningText('r', 'ab')).not.toContain('\n');
  });
});

test.each([
  [null, null, 'not used'],
  ['a', null, 'missing'],
  ['', null, 'missing'],
  ['a', 'a', 'up to date'],
  [null, '', 'up to date'],
  [null, 'a', 'present but is out of sync'],
  ['a', 'a\n', 'present but is out of sync'],
])('check-config-sync: key %p and file %p: %s', (key, file, verdict) => {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  expect(syncVerdict(bytes(key), bytes(file))).toBe(verdict);
});
