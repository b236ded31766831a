import { desiredFrom } from '../../src/domain/desired';
import { etcdVersion, generation, unitName, url } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { planAll } from '../../src/domain/plan';
import { wantedRequest } from '../../src/domain/plan-tls';
import { known, unknown } from '../../src/domain/probe';
import { roleOf } from '../../src/domain/role';
import { memberUrl } from '../../src/domain/role-wish';
import { noStandby, parseStandbySettings, renderStandbySettings, type StandbyFacts } from '../../src/domain/standby';
import { statusOf } from '../../src/domain/status';
import type { Step } from '../../src/domain/step';
import { emptyBag } from '../../src/domain/simulate/world';
import { aCertificate, anObserved } from './an-observed';
import { diskSilent, given, inCluster, planOf, withApplication, withBag, withDisk, type Change } from './a-situation';

const members = ['10.0.1.1', '10.0.1.2', '10.0.1.3'].map((address) => url(`https://${address}:2379`));
const asStandby = { role: 'standby' };

const withConfig =
  (config: Observed['config']): Change =>
  (observed) => ({ ...observed, config: { ...observed.config, ...config } });
const withStandby =
  (standby: Partial<StandbyFacts>): Change =>
  (observed) => ({ ...observed, standby: { ...observed.standby, ...standby } });
const offering = (...strings: readonly (readonly string[])[]): Change =>
  withStandby({
    offered: strings.map((each, index) => ({
      unit: unitName(`members/${index}`),
      connectionString: each.join(','),
    })),
  });

/** A fresh unit with everything but a member, told to stand by for three members. */
function ready(): Observed {
  const fresh = anObserved();
  return given(
    {
      ...fresh,
      workload: { ...fresh.workload, current: etcdVersion('3.5.16'), installed: [etcdVersion('3.5.16')] },
      gate: { ...fresh.gate, installed: fresh.gate.wanted },
      tls: { ca: aCertificate('ca'), server: aCertificate('server'), client: aCertificate('client') },
      now: aCertificate('ca').notBefore + 1000,
      openedPorts: ['2379/tcp'],
      certificateAuthority: {
        ...fresh.certificateAuthority,
        request: { value: wantedRequest(fresh), pending: false },
      },
    },
    withConfig(asStandby),
    offering(members, members, members),
  );
}

function settingsOf(observed: Observed) {
  const { desired } = desiredFrom(observed.config);
  if (desired === null) throw new Error('the options are wrong');
  const step = planAll(observed)
    .flatMap(({ steps }) => steps)
    .find(({ kind }) => kind === 'start-standby');
  if (step?.kind !== 'start-standby') throw new Error('no start is planned');
  return step.settings;
}

/** Running with what is wanted, and told to the others and to clients. */
function settled(): Observed {
  const observed = ready();
  const settings = settingsOf(observed);
  const text = renderStandbySettings(settings);
  const [through = null] = settings.members;
  const running = withStandby({ settings: text, link: settings.release, proxy: text, through, serving: true })(
    observed,
  );
  const clientUrl = url('https://10.0.0.1:2379');
  const bag = { ...emptyBag, standby: true, version: etcdVersion('3.5.16'), clientUrl };
  return {
    ...running,
    peers: { ...running.peers, own: { value: bag, pending: false } },
    clients: running.clients.map(({ relationId }) => ({
      relationId,
      published: {
        connectionString: clientUrl,
        version: etcdVersion('3.5.16'),
        caFingerprint: 'ca-1',
        clientFingerprint: 'client-1',
      },
    })),
  };
}

const kinds = (observed: Observed): readonly Step['kind'][] =>
  planAll(observed).flatMap(({ steps }) => steps.map(({ kind }) => kind));
const message = (observed: Observed): string => {
  const { word, message: text } = statusOf(observed);
  return `${word}: ${text}`;
};

/** What only members and those to be do. */
const ofMembers: readonly Step['kind'][] = [
  'write-service-unit',
  'write-founding',
  'write-etcd-config',
  'mark-data',
  'start-etcd',
  'add-learner',
  'promote-learner',
  'start-gate',
  'move-data-aside',
  'restore-data',
  'adopt-data',
  'save-survivor',
  'stage-newest',
  'write-recreation',
  'record-members',
];

describe('the options', () => {
  const wish = (config: Observed['config']) => {
    const { desired, problems } = desiredFrom(config);
    return desired?.role ?? problems.map((problem) => problem.message).join('; ');
  };

  test.each<[Observed['config'], unknown]>([
    [{}, { kind: 'member' }],
    [{ role: 'member' }, { kind: 'member' }],
    [asStandby, { kind: 'standby', members: null }],
    [{ etcd_proxy: '10.0.1.1, 10.0.1.2,10.0.1.3' }, { kind: 'standby', members }],
    [
      { role: 'standby', etcd_proxy: '10.0.1.1:2379 10.0.1.1' },
      { kind: 'standby', members: [members[0]] },
    ],
    [{ role: 'proxy' }, 'role is proxy, and must be auto, member or standby'],
    [{ role: 'member', etcd_proxy: '10.0.1.1' }, 'role is member and etcd_proxy is set: cannot specify both'],
    [
      { etcd_proxy: 'http://10.0.1.1:4000' },
      'etcd_proxy names http://10.0.1.1:4000, and must be addresses of the members of another etcd cluster',
    ],
  ])('%j', (config, expected) => {
    expect(wish(config)).toEqual(expected);
  });

  test.each<[string, string | null]>([
    ['10.0.0.1', 'https://10.0.0.1:2379'],
    ['10.0.0.1:4000', 'https://10.0.0.1:4000'],
    ['https://10.0.0.1:4000/', 'https://10.0.0.1:4000'],
    ['etcd0=https://10.0.0.1:2380', 'https://10.0.0.1:2379'],
    ['fd00::1', 'https://[fd00::1]:2379'],
    ['[fd00::1]:4000', 'https://[fd00::1]:4000'],
    ['db.example', 'https://db.example:2379'],
    ['10.0.0.1:70000', null],
    ['a;b', null],
    ['https://user@10.0.0.1', null],
    ['=', null],
  ])('an entry of etcd_proxy: %s', (entry, expected) => {
    expect(memberUrl(entry, 2379)).toBe(expected);
  });
});

describe('who is what', () => {
  const settings = renderStandbySettings(settingsOf(ready()));
  test.each<[string, () => Observed, string, boolean]>([
    ['told nothing, a fresh unit is a member', () => anObserved(), 'member', false],
    ['told so, a fresh unit stands by', ready, 'standby', false],
    [
      'an application with a cluster stays one of members',
      () => given(inCluster(3), withConfig(asStandby)),
      'member',
      true,
    ],
    [
      'also one that has only just decided to found one',
      () => given(ready(), withApplication({ founding: { generation: generation(1), token: 't', initial: [] } }, true)),
      'member',
      true,
    ],
    ['data of a member are here', () => given(ready(), withDisk({ data: known('present') })), 'undecided', true],
    ['the disk does not answer', () => given(ready(), diskSilent), 'undecided', false],
    [
      'before the cluster relation it is not known whether there is a cluster',
      () => ({ ...ready(), peers: { ...ready().peers, relationId: null } }),
      'undecided',
      false,
    ],
    [
      'a standby whose options were taken back stays one: it founds no second, empty cluster under the same addresses',
      () => given(settled(), withConfig({ role: 'auto' })),
      'standby',
      true,
    ],
    [
      'so does a new unit beside it',
      () => given(inCluster(2), withApplication({ founding: null }), withBag(1, { ...emptyBag, standby: true })),
      'undecided',
      true,
    ],
    [
      'where a cluster was founded before all knew the option, it is a member and its proxy goes',
      () => given(inCluster(3), withStandby({ settings })),
      'member',
      false,
    ],
  ])('%s', (_, observed, role, refused) => {
    const found = roleOf(observed());
    expect([found.role, found.refusal !== null]).toEqual([role, refused]);
  });

  test('the refusal is in the status, and the member goes on as it was', () => {
    const before = inCluster(3);
    const told = given(before, withConfig(asStandby));
    expect(kinds(told)).toEqual(kinds(before));
    expect(message(told)).toMatch(/^blocked: this application has a cluster of its own, .*deploy etcd a second time/);
    expect(message(given(settled(), withConfig({ role: 'auto' })))).toMatch(
      /^blocked: Standby: its application stands by/,
    );
  });
});

describe('a standby', () => {
  test('it starts its two services, says so, and then nothing is to be done', () => {
    expect(kinds(ready())).toEqual(['start-standby', 'publish-peer']);
    expect(kinds(settled())).toEqual([]);
    expect(message(settled())).toBe('active: Standby: serving clients of 3 members');
  });

  test.each<[string, () => Observed]>([
    ['fresh, and Juju leader', ready],
    ['running', settled],
    ['with members told by the option', () => given(ready(), withConfig({ etcd_proxy: '10.0.1.1' }))],
    ['told of no members', () => given(ready(), withStandby({ offered: [] }))],
    ['its disk does not answer', () => given(ready(), diskSilent)],
    ['its disk has data', () => given(ready(), withDisk({ data: known('present') }))],
    ['its options were taken back', () => given(settled(), withConfig({ role: 'auto' }))],
    ['goal-state does not answer', () => ({ ...ready(), peers: { ...ready().peers, planned: unknown('no') } })],
    ['it leaves', () => ({ ...settled(), event: { kind: 'stop', endpoint: null, departingUnit: null } })],
  ])('never plans a step of a member: %s', (_, observed) => {
    const planned = kinds(observed());
    expect(planned.filter((kind) => ofMembers.includes(kind))).toEqual([]);
    const bags = planAll(observed()).flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'publish-peer' ? [step.bag] : [])),
    );
    expect(bags.filter(({ peerUrl, memberId, voter }) => peerUrl !== null || memberId !== null || voter)).toEqual([]);
  });

  test('a leader counts no standby for a founding, and founds none beside one', () => {
    const beside = given(inCluster(2), withApplication({ founding: null }), withBag(1, { ...emptyBag, standby: true }));
    expect(kinds(beside)).not.toContain('write-founding');
  });

  test.each<[string, Change, readonly Step['kind'][]]>([
    ['its link died', withStandby({ link: null }), ['start-standby']],
    ['its proxy died', withStandby({ proxy: null, serving: false }), ['start-standby']],
    ['other members', offering(members.slice(1)), ['start-standby']],
    ['other cipher suites', withConfig({ tls_cipher_suites: 'TLS_RSA_WITH_AES_256_GCM_SHA384' }), ['start-standby']],
    ['nobody tells members any more: it goes on with those it has', withStandby({ offered: [] }), []],
    ['no member is healthy', withStandby({ serving: false, through: null }), ['wake-later', 'wait']],
    ['a member is healthy and the proxy says nothing', withStandby({ serving: false }), ['restart-proxy']],
  ])('%s', (_, change, expected) => {
    expect(kinds(given(settled(), change))).toEqual(expected);
  });

  test('one that serves nobody is blocked and says who does not answer', () => {
    expect(message(given(settled(), withStandby({ serving: false, through: null })))).toBe(
      'blocked: Standby: serving nobody, no healthy member at 10.0.1.1:2379, 10.0.1.2:2379, 10.0.1.3:2379',
    );
    expect(message(given(ready(), withStandby({ offered: [] })))).toBe(
      'waiting: Waiting for a cluster to stand by for: relate its db to members, or set etcd_proxy',
    );
  });

  test('of what the units of the cluster say it takes what all say: an address that one has dropped is no member', () => {
    const old = [...members, 'https://10.0.1.9:2379'];
    expect(settingsOf(given(ready(), offering(old, members))).members).toEqual(members);
    expect(settingsOf(given(ready(), offering(members.slice(0, 1), members.slice(1)))).members).toEqual(members);
  });

  test('it is no proxy of itself, or of another standby of its application', () => {
    const own = ['https://10.0.0.1:2379', ...members];
    expect(settingsOf(given(ready(), offering(own))).members).toEqual(members);
  });

  test('clients get the addresses of the standbys that serve, the same from each', () => {
    const other = url('https://10.0.0.2:2379');
    const bag = { ...emptyBag, standby: true, clientUrl: other };
    const base = settled();
    const two = { ...base, peers: { ...base.peers, others: new Map([[unitName('etcd/1'), bag]]) } };
    const steps = planAll(two).flatMap(({ steps }) => steps);
    expect(steps).toEqual([
      expect.objectContaining({ kind: 'publish-client', connectionString: `https://10.0.0.1:2379,${other}` }),
    ]);
    expect(planOf('standby-clients', given(two, withStandby({ serving: false })))).toEqual([]);
  });

  test('another authority is not taken into use beside members that do not trust it', () => {
    const observed = settled();
    const answer = {
      ca: aCertificate('ca', { fingerprint: 'ca-2' }),
      server: aCertificate('server', { fingerprint: 'server-2' }),
      client: aCertificate('client', { fingerprint: 'client-2' }),
      revoked: false,
    };
    const changed = {
      ...observed,
      certificateAuthority: { ...observed.certificateAuthority, answer: known(answer) },
    };
    expect(kinds(changed)).not.toContain('install-certificates');
  });

  test('the configuration mirror works there, with the members', () => {
    const entry = { key: '/k', file: '/f', reload: null, mode: 0o644, owner: null };
    const observed = settled();
    const mirrored = { ...observed, mirror: { ...observed.mirror, wanted: [entry] } };
    const [step] = planAll(mirrored).flatMap(({ steps }) => steps);
    expect(step).toMatchObject({ kind: 'start-mirror', settings: { entries: [entry], others: members } });
  });

  test('one that leaves takes its services away', () => {
    expect(kinds({ ...settled(), event: { kind: 'stop', endpoint: null, departingUnit: null } })).toContain(
      'remove-standby',
    );
  });
});

test('settings that are not the charm’s are none', () => {
  expect([parseStandbySettings(null), parseStandbySettings('{'), parseStandbySettings('{}')]).toEqual([
    null,
    null,
    null,
  ]);
  expect(noStandby.settings).toBeNull();
});
