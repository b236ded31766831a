import { HookContextError, jujuRelease, lifecycleKinds, parseHookContext, type HookEvent } from '../src';
import { commonVariables, hookVariables } from './support/environment';
import { describeGolden } from './support/golden';

const onDb = { JUJU_RELATION: 'db', JUJU_RELATION_ID: 'db:7', JUJU_REMOTE_APP: 'pg' };
const db = { endpoint: 'db', relationId: 'db:7', remoteApplication: 'pg' };

const cases: readonly (readonly [string, Record<string, string>, unknown])[] = [
  ['db-relation-created', { ...onDb, JUJU_REMOTE_UNIT: '' }, { kind: 'relation-created', ...db }],
  ['db-relation-joined', { ...onDb, JUJU_REMOTE_UNIT: 'pg/1' }, { kind: 'relation-joined', ...db, remoteUnit: 'pg/1' }],
  [
    'db-relation-changed',
    { ...onDb, JUJU_REMOTE_UNIT: 'pg/1' },
    { kind: 'relation-changed', ...db, remoteUnit: 'pg/1' },
  ],
  ['db-relation-changed', { ...onDb, JUJU_REMOTE_UNIT: '' }, { kind: 'relation-changed', ...db, remoteUnit: null }],
  [
    'db-relation-departed',
    { ...onDb, JUJU_REMOTE_UNIT: 'pg/1', JUJU_DEPARTING_UNIT: 'app/0' },
    { kind: 'relation-departed', ...db, remoteUnit: 'pg/1', departingUnit: 'app/0' },
  ],
  ['db-relation-broken', { ...onDb, JUJU_REMOTE_UNIT: '' }, { kind: 'relation-broken', ...db }],
  [
    'data-storage-attached',
    { JUJU_STORAGE_ID: 'data/0', JUJU_STORAGE_LOCATION: '/srv', JUJU_STORAGE_KIND: 'filesystem' },
    { kind: 'storage-attached', storage: 'data', storageId: 'data/0', location: '/srv', storageKind: 'filesystem' },
  ],
  [
    'data-storage-detaching',
    { JUJU_STORAGE_ID: 'data/0', JUJU_STORAGE_LOCATION: '', JUJU_STORAGE_KIND: 'block' },
    { kind: 'storage-detaching', storage: 'data', storageId: 'data/0', location: null, storageKind: 'block' },
  ],
  ...(['changed', 'rotate'] as const).map(
    (kind) =>
      [
        `secret-${kind}`,
        { JUJU_SECRET_ID: 'secret:9m4e', JUJU_SECRET_LABEL: 'mine' },
        { kind: `secret-${kind}`, secretId: 'secret:9m4e', label: 'mine', revision: null },
      ] as const,
  ),
  ...(['remove', 'expired'] as const).map(
    (kind) =>
      [
        `secret-${kind}`,
        { JUJU_SECRET_ID: 'secret:9m4e', JUJU_SECRET_LABEL: '', JUJU_SECRET_REVISION: '4' },
        { kind: `secret-${kind}`, secretId: 'secret:9m4e', label: null, revision: 4 },
      ] as const,
  ),
  ['redis-pebble-ready', {}, { kind: 'pebble-ready', workload: 'redis', notice: null, check: null }],
  [
    'redis-pebble-custom-notice',
    { JUJU_WORKLOAD_NAME: 'redis', JUJU_NOTICE_ID: '12', JUJU_NOTICE_TYPE: 'custom', JUJU_NOTICE_KEY: 'a.b/c' },
    {
      kind: 'pebble-custom-notice',
      workload: 'redis',
      notice: { id: '12', type: 'custom', key: 'a.b/c' },
      check: null,
    },
  ],
  [
    'redis-pebble-check-failed',
    { JUJU_PEBBLE_CHECK_NAME: 'up' },
    { kind: 'pebble-check-failed', workload: 'redis', notice: null, check: 'up' },
  ],
  [
    'redis-pebble-check-recovered',
    { JUJU_PEBBLE_CHECK_NAME: 'up' },
    { kind: 'pebble-check-recovered', workload: 'redis', notice: null, check: 'up' },
  ],
  ['pre-series-upgrade', { JUJU_TARGET_SERIES: 'jammy' }, { kind: 'pre-series-upgrade', target: 'jammy' }],
  [
    'post-series-upgrade',
    { JUJU_TARGET_BASE: 'ubuntu@22.04' },
    { kind: 'post-series-upgrade', target: 'ubuntu@22.04' },
  ],
  ['meter-status-changed', { JUJU_METER_STATUS: 'RED' }, { kind: 'meter-status-changed', status: 'RED', info: null }],
];

describe('parseHookContext', () => {
  it.each(cases)('%s %j', (hook, variables, event) => {
    expect(parseHookContext(hookVariables(hook, variables)).event).toEqual(event);
  });

  it.each(lifecycleKinds)('%s', (hook) => {
    expect(parseHookContext(hookVariables(hook)).event.kind).toBe(hook);
  });

  it('takes a name with "relation" in it apart at the right place', () => {
    const event = parseHookContext(
      hookVariables('my-relation-joined-relation-changed', {
        ...onDb,
        JUJU_RELATION: 'my-relation-joined',
        JUJU_REMOTE_UNIT: 'pg/0',
      }),
    ).event;
    expect(event).toMatchObject({ kind: 'relation-changed', endpoint: 'my-relation-joined' });
  });

  it('knows an action by JUJU_ACTION_NAME, with and without dispatch', () => {
    const action = { JUJU_ACTION_NAME: 'backup', JUJU_ACTION_UUID: '3', JUJU_HOOK_NAME: '' };
    const expected: HookEvent = { kind: 'action', name: 'backup', uuid: '3' };
    expect(parseHookContext({ ...commonVariables, ...action }).event).toEqual(expected);
    expect(parseHookContext({ ...commonVariables, ...action, JUJU_DISPATCH_PATH: 'actions/backup' }).event).toEqual(
      expected,
    );
  });

  it('knows a command run by juju-exec, with and without a relation', () => {
    expect(parseHookContext(commonVariables).event).toEqual({ kind: 'exec', relation: null });
    const related = { ...commonVariables, ...onDb, JUJU_REMOTE_UNIT: 'pg/1', JUJU_REMOTE_APP: '' };
    expect(parseHookContext(related).event).toEqual({
      kind: 'exec',
      relation: { endpoint: 'db', relationId: 'db:7', remoteUnit: 'pg/1', remoteApplication: null },
    });
  });

  it('takes `juju exec`, an action of Juju, for an exec, and for a hook where the dispatch path names one', () => {
    const exec = { ...commonVariables, JUJU_ACTION_NAME: 'juju-exec', JUJU_ACTION_UUID: '5', JUJU_HOOK_NAME: '' };
    const event = (path: string): HookEvent => parseHookContext({ ...exec, JUJU_DISPATCH_PATH: path }).event;
    expect(event('actions/juju-exec')).toEqual({ kind: 'exec', relation: null });
    expect(event('hooks/update-status')).toEqual({ kind: 'update-status' });
  });

  it('lets juju-exec stand in for a hook through JUJU_DISPATCH_PATH', () => {
    const env = { ...commonVariables, JUJU_DISPATCH_PATH: 'hooks/update-status' };
    expect(parseHookContext(env).event).toEqual({ kind: 'update-status' });
  });

  it('works without dispatch, where only JUJU_HOOK_NAME tells', () => {
    expect(parseHookContext({ ...commonVariables, JUJU_HOOK_NAME: 'install' }).event).toEqual({ kind: 'install' });
  });

  it('gives every field, with null for what Juju leaves empty', () => {
    expect(parseHookContext(hookVariables('install'))).toEqual({
      unit: 'app/0',
      application: 'app',
      model: { name: 'default', uuid: 'deadbeef-0bad-400d-8000-4b1d0d06f00d' },
      machineId: '3',
      availabilityZone: null,
      charmDir: '/var/lib/juju/agents/unit-app-0/charm',
      jujuVersion: '4.1-beta2',
      principal: null,
      contextId: 'app/0-something-0123',
      apiAddresses: ['10.0.0.1:17070', '[2001:db8::1]:17070'],
      proxy: { http: null, https: null, ftp: null, no: null },
      event: { kind: 'install' },
    });
  });

  it('is immutable', () => {
    const context = parseHookContext(hookVariables('install'));
    expect(Object.isFrozen(context) && Object.isFrozen(context.event) && Object.isFrozen(context.model)).toBe(true);
  });

  it('names everything that is wrong in one error', () => {
    const env = { JUJU_UNIT_NAME: 'app', JUJU_DISPATCH_PATH: 'hooks/db-relation-joined', JUJU_RELATION_ID: 'seven' };
    let thrown: unknown;
    try {
      parseHookContext(env);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(HookContextError);
    const { problems, code, message } = thrown as HookContextError;
    expect(code).toBe('bad-hook-environment');
    expect(problems).toEqual([
      'JUJU_UNIT_NAME="app" is no unit name such as "db/0"',
      'JUJU_MODEL_NAME is not set',
      'JUJU_MODEL_UUID is not set',
      'JUJU_CHARM_DIR is not set',
      'JUJU_VERSION is not set',
      'JUJU_CONTEXT_ID is not set',
      'JUJU_RELATION_ID="seven" is no relation id such as "db:7"',
      'JUJU_REMOTE_APP is not set',
      'JUJU_REMOTE_UNIT is not set',
    ]);
    expect(message).not.toContain('\n');
  });

  it('takes an empty remote application in relation-broken: restarted agents do not know it', () => {
    const env = { ...commonVariables, ...onDb, JUJU_REMOTE_APP: '', JUJU_REMOTE_UNIT: '' };
    const { event } = parseHookContext({
      ...env,
      JUJU_DISPATCH_PATH: 'hooks/db-relation-broken',
      JUJU_HOOK_NAME: 'db-relation-broken',
    });
    expect(event).toEqual({ kind: 'relation-broken', endpoint: 'db', relationId: 'db:7', remoteApplication: null });
    expect(() =>
      parseHookContext({
        ...env,
        JUJU_DISPATCH_PATH: 'hooks/db-relation-created',
        JUJU_HOOK_NAME: 'db-relation-created',
      }),
    ).toThrow('JUJU_REMOTE_APP is not set');
  });

  it.each(['hooks/no-such-hook', 'elsewhere'])('refuses the dispatch path %s', (path) => {
    expect(() => parseHookContext({ ...commonVariables, JUJU_DISPATCH_PATH: path })).toThrow(HookContextError);
  });

  it('reads releases', () => {
    expect([jujuRelease('4.1-beta2'), jujuRelease('2.9.51')]).toEqual([
      { major: 4, minor: 1 },
      { major: 2, minor: 9 },
    ]);
  });
});

describeGolden('recorded environments', 'env.jsonl', (lines) => {
  it.each(lines.map((line) => [String(line['id']), line] as const))('%s', (_id, line) => {
    const vars = (line['vars'] as string[]).map((one) => [
      one.slice(0, one.indexOf('=')),
      one.slice(one.indexOf('=') + 1),
    ]);
    const recorded = line['context'] as Record<string, string | number | undefined>;
    const { event } = parseHookContext(Object.fromEntries(vars) as Record<string, string>);
    const kind: unknown = { none: 'exec', action: 'action' }[String(recorded['kind'])] ?? recorded['hook'];
    expect(event.kind).toBe(kind);
    if (recorded['relation-id'] !== undefined && event.kind !== 'exec') {
      expect(event).toHaveProperty('relationId', expect.stringMatching(new RegExp(`:${recorded['relation-id']}$`)));
      expect(event).toHaveProperty('remoteApplication', recorded['remote-application']);
    }
    if (recorded['departing-unit'] !== undefined)
      expect(event).toHaveProperty('departingUnit', recorded['departing-unit']);
    if (recorded['storage-id'] !== undefined) expect(event).toHaveProperty('storageId', recorded['storage-id']);
    if (recorded['secret-uri'] !== undefined) expect(event).toHaveProperty('secretId', recorded['secret-uri']);
  });
});
