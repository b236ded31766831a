import { relationId } from '../src';
import {
  checkConsistency,
  InconsistentStateError,
  on,
  peerRelation,
  relation,
  runHook,
  state,
  type State,
  type TestEvent,
} from '../src/testing';
import { demoCharm } from './support/demo-charm';

const charm = demoCharm(() => Promise.resolve());
const db = relation('db:1', { remoteUnits: { 'pg/0': { host: 'h' } } });
const ring = peerRelation('ring:2', 'app');
const sound = state({ unit: 'app/0', relations: [db, ring] });
const without = (...relations: State['relations']): State => ({ ...sound, relations });
const secret = (owner: 'unit' | 'remote') =>
  ({
    id: 's1',
    owner,
    label: null,
    description: null,
    rotate: 'never',
    expire: null,
    revisions: [{ key: 'v' }],
    tracked: 1,
    grants: [],
  }) as const;
const goal = { status: 'active', since: '' };

/** For each check a state and an event that break it alone. */
const broken: readonly (readonly [string, State, TestEvent])[] = [
  ['endpoint-not-declared', without(relation('nope:1')), on.start()],
  ['relation-id-twice', without(db, peerRelation('ring:1', 'app')), on.start()],
  ['endpoint-limit', without(db, relation('db:5')), on.start()],
  ['endpoint-limit', without(ring, peerRelation('ring:5', 'app')), on.start()],
  ['peer-with-other-application', without(relation('ring:2', { remoteUnits: { 'pg/0': {} } })), on.start()],
  ['own-unit-among-members', without(peerRelation('ring:2', 'app', { remoteUnits: { 'app/0': {} } })), on.start()],
  [
    'remote-unit-of-other-application',
    without(relation('db:1', { remoteApplication: 'pg', remoteUnits: { 'mysql/0': {} } })),
    on.start(),
  ],
  [
    'departed-and-member',
    without(relation('db:1', { remoteUnits: { 'pg/0': {} }, departedUnits: { 'pg/0': {} } })),
    on.start(),
  ],
  ['peer-remote-application-bag', without({ ...ring, remoteApplicationBag: { a: 'b' } }), on.start()],
  ['container-scope-members', without(relation('sub:1', { remoteUnits: { 'p/0': {}, 'p/1': {} } })), on.start()],
  ['empty-bag-value', without(relation('db:1', { remoteUnits: { 'pg/0': { a: '' } } })), on.start()],
  ['unknown-config-option', { ...sound, config: { nope: 1 } }, on.start()],
  ['config-option-type', { ...sound, config: { port: 'eighty' } }, on.start()],
  ['config-option-type', { ...sound, config: { port: 1.5 } }, on.start()],
  ['storage-not-declared', { ...sound, storage: { 'nope/0': { kind: 'block', location: '' } } }, on.start()],
  ['storage-kind', { ...sound, storage: { 'data/0': { kind: 'block', location: '' } } }, on.start()],
  ['resource-not-declared', { ...sound, resources: { nope: '/x' } }, on.start()],
  [
    'network-binding-not-declared',
    { ...sound, network: { nope: { bindAddresses: [], ingressAddresses: [], egressSubnets: [] } } },
    on.start(),
  ],
  [
    'port-endpoint-not-declared',
    { ...sound, openedPorts: [{ range: { protocol: 'icmp' }, endpoints: ['nope'] }] },
    on.start(),
  ],
  ['goal-state-without-own-unit', { ...sound, goalState: { units: { 'app/1': goal }, relations: {} } }, on.start()],
  ['secret-tracks-missing-revision', { ...sound, secrets: [{ ...secret('remote'), tracked: 2 }] }, on.start()],
  ['relation-not-in-state', without(), on.relationChanged(db, 'pg/0')],
  [
    'endpoint-of-other-relation',
    sound,
    { kind: 'relation-broken', endpoint: 'website', relationId: ring.id, remoteApplication: 'app' },
  ],
  [
    'remote-application-of-other-relation',
    sound,
    { kind: 'relation-changed', endpoint: 'db', relationId: db.id, remoteApplication: 'mysql', remoteUnit: null },
  ],
  ['remote-unit-not-in-relation', sound, on.relationJoined(db, 'pg/1')],
  ['remote-unit-not-in-relation', sound, on.relationChanged(ring, 'app/1')],
  ['created-with-members', sound, on.relationCreated(db)],
  ['departed-unit-unknown', sound, on.relationDeparted(db, 'pg/1')],
  [
    'departing-unit-missing',
    without(relation('db:1', { departedUnits: { 'pg/0': {} } })),
    { ...on.relationDeparted(db, 'pg/0'), departingUnit: null } as TestEvent,
  ],
  [
    'departing-unit-unrelated',
    without(relation('db:1', { departedUnits: { 'pg/0': {} } })),
    on.relationDeparted(db, 'pg/0', 'pg/1'),
  ],
  ['broken-with-members', sound, on.relationBroken(db)],
  ['action-not-declared', sound, on.action('nope')],
  ['action-param-missing', sound, on.action('backup', {})],
  ['action-param-unknown', sound, on.action('backup', { level: 1, nope: 1 })],
  ['action-param-type', sound, on.action('backup', { level: 'high' })],
  ['storage-not-in-state', sound, on.storageAttached('data/0')],
  ['leader-elected-without-leadership', sound, on.leaderElected()],
  ['leader-settings-for-leader', { ...sound, leader: true }, on.leaderSettingsChanged()],
  ['hook-not-in-this-juju', { ...sound, jujuVersion: '4.0' }, on.leaderSettingsChanged()],
  ['hook-not-in-this-juju', { ...sound, jujuVersion: '4.0' }, on.collectMetrics()],
  [
    'hook-not-in-this-juju',
    { ...sound, jujuVersion: '2.9.51', secrets: [secret('remote')] },
    on.secret('secret-changed', 'secret:s1'),
  ],
  ['container-not-declared', sound, on.pebble('pebble-ready', 'nope')],
  ['secret-not-in-state', sound, on.secret('secret-changed', 'secret:s1')],
  ['secret-changed-for-owner', { ...sound, secrets: [secret('unit')] }, on.secret('secret-changed', 'secret:s1')],
  ['secret-hook-for-consumer', { ...sound, secrets: [secret('remote')] }, on.secret('secret-rotate', 'secret:s1')],
  ['secret-revision', { ...sound, secrets: [secret('unit')] }, on.secret('secret-remove', 'secret:s1')],
];

describe('consistency', () => {
  it.each(broken)('%s', async (check, from, event) => {
    expect(checkConsistency(await charm, event, from).map((one) => one.check)).toEqual([check]);
    await expect(runHook(await charm, event, from)).rejects.toBeInstanceOf(InconsistentStateError);
  });

  it('tells a departed unit that is still a member', async () => {
    const found = checkConsistency(await charm, on.relationDeparted(db, 'pg/0'), sound).map((one) => one.check);
    expect(found).toEqual(['departed-unit-still-member', 'departed-unit-unknown']);
  });

  it('tells a peer relation broken while it has members', async () => {
    const peers = peerRelation('ring:2', 'app', { remoteUnits: { 'app/1': {} } });
    const found = checkConsistency(await charm, on.relationBroken(peers), without(peers)).map((one) => one.check);
    expect(found).toContain('peer-broken-with-members');
  });

  it('finds nothing wrong with what Juju does', async () => {
    const empty = relation('db:1', { departedUnits: { 'pg/0': {} }, remoteApplication: 'pg' });
    const attached = { ...sound, storage: { 'data/0': { kind: 'filesystem', location: '/srv' } } } as const;
    const fine: readonly (readonly [State, TestEvent])[] = [
      [sound, on.install()],
      [sound, on.relationJoined(db, 'pg/0')],
      [sound, on.relationChanged(db)],
      [sound, on.relationCreated(ring)],
      [without(empty), on.relationDeparted(empty, 'pg/0')],
      [without(empty), on.relationDeparted(empty, 'pg/0', 'app/0')],
      [without(empty), on.relationBroken(empty)],
      [without({ ...ring, localApplicationBag: { a: 'b' } }), on.relationChanged(ring)],
      [{ ...sound, leader: true }, on.leaderElected()],
      [sound, on.leaderSettingsChanged()],
      [sound, on.action('backup', { level: 1 })],
      [attached, on.storageAttached('data/0')],
      [attached, on.storageDetaching('data/0')],
      [sound, on.pebble('pebble-ready', 'redis')],
      [{ ...sound, secrets: [secret('unit')] }, on.secret('secret-remove', 'secret:s1', 1)],
      [{ ...sound, secrets: [secret('remote')] }, on.secret('secret-changed', 'secret:s1')],
      [sound, on.exec()],
    ];
    for (const [from, event] of fine)
      expect([event.kind, checkConsistency(await charm, event, from)]).toEqual([event.kind, []]);
    expect(relationId('db:1')).toBe(db.id);
  });

  it('can be told to run all the same', async () => {
    const after = await runHook(await charm, on.leaderElected(), sound, { allowInconsistent: true });
    expect(after.exitCode).toBe(0);
  });
});
