import { relationId, tcp, unitName, waitFor, type CharmMain, type CharmRun } from '../src';
import {
  on,
  peerRelation,
  relation,
  relationOf,
  runHook,
  state,
  type HookOutcome,
  type RunHookOptions,
  type State,
  type TestEvent,
} from '../src/testing';
import { main as tenLineCharm } from './fixtures/ten-line-charm';
import { demoCharm } from './support/demo-charm';

const db = relation('db:1', { remoteUnits: { 'pg/0': { host: '10.0.0.9' } }, remoteApplicationBag: { version: '14' } });
const ring = peerRelation('ring:2', 'app', { remoteUnits: { 'app/1': { address: '10.0.0.6' } } });
const before = state({ unit: 'app/0', leader: true, relations: [db, ring] });

const run = async (
  main: CharmMain,
  from: State = before,
  options: RunHookOptions = {},
  event: TestEvent = on.updateStatus(),
): Promise<HookOutcome> => runHook(await demoCharm(main), event, from, options);

/** Writes one of everything that Juju keeps only on success, and one of everything that acts at once. */
const writeAll = async ({ tools }: CharmRun): Promise<void> => {
  await tools.relationSet({ ours: 'x' }, { relation: db.id });
  await tools.relationSet({ app: 'y' }, { relation: db.id, application: true });
  await tools.stateSet({ step: '1' });
  await tools.openPort(tcp(80));
  await tools.storageAdd('data');
  await tools.secretAdd({ password: 'p' }, { label: 'mine' });
  await tools.jujuReboot();
  await tools.statusSet('active', 'done');
  await tools.applicationVersionSet('1.2');
};

async function writeAllAndFail(run: CharmRun): Promise<void> {
  await writeAll(run);
  throw new Error('no');
}

async function writeAllAndAsk(run: CharmRun): Promise<void> {
  await writeAll(run);
  await run.tools.isLeader();
}

describe('runHook', () => {
  it('keeps all writes of a hook that succeeds', async () => {
    const after = await run(writeAll);
    expect(after).toMatchObject({
      exitCode: 0,
      committed: true,
      charmState: { step: '1' },
      openedPorts: [{ range: tcp(80), endpoints: 'all' }],
      requestedStorage: { data: 1 },
      rebootRequested: true,
      secrets: [{ label: 'mine', owner: 'application', revisions: [{ password: 'p' }] }],
      status: { status: 'active', message: 'done' },
      applicationVersion: '1.2',
    });
    expect(relationOf(after, 'db:1')).toMatchObject({ localUnitBag: { ours: 'x' }, localApplicationBag: { app: 'y' } });
  });

  it.each([
    ['fails', writeAllAndFail, {}],
    ['is killed', writeAllAndAsk, { killAtCall: 10 }],
    ['is refused its commit', writeAll, { refuseCommit: true }],
  ] as const)('drops the writes of a hook that %s, but for what acts at once', async (_how, main, options) => {
    const after = await run(main, before, options);
    expect(after.committed).toBe(false);
    const { charmState, openedPorts, requestedStorage, rebootRequested, secrets, relations } = after;
    expect({ charmState, openedPorts, requestedStorage, rebootRequested, secrets, relations }).toEqual({
      charmState: {},
      openedPorts: [],
      requestedStorage: {},
      rebootRequested: false,
      secrets: [],
      relations: before.relations,
    });
    expect([after.status.message, after.applicationVersion]).toEqual(['done', '1.2']);
  });

  it('is killed at the call that was asked for', async () => {
    const after = await run(writeAll, before, { killAtCall: 3 });
    expect(after.calls.map(({ tool }) => tool)).toEqual(['relation-set', 'relation-set']);
    expect([after.exitCode, after.status]).toEqual([137, before.status]);
  });

  it('shows a hook its own writes, removed keys included', async () => {
    const seen: unknown[] = [];
    const from = state({
      unit: 'app/0',
      leader: true,
      relations: [relation('db:1', { localUnitBag: { old: '1', gone: '2' } })],
    });
    await run(async ({ tools }) => {
      await tools.relationSet({ fresh: '3', gone: null }, { relation: relationId('db:1') });
      seen.push(await tools.relationGet({ relation: relationId('db:1'), unit: unitName('app/0') }));
      await tools.stateSet({ empty: '' });
      seen.push(await tools.stateGet());
      await tools.openPort(tcp(80));
      await tools.closePort(tcp(80));
      await tools.openPort(tcp(81), { endpoints: ['db'] });
      seen.push(await tools.openedPorts());
    }, from);
    expect(seen).toEqual([{ old: '1', fresh: '3' }, { empty: '' }, [{ range: tcp(81), endpoints: ['db'] }]]);
  });

  it('refuses application data and application status to others than the leader', async () => {
    const codes: string[] = [];
    const tried = async (work: Promise<unknown>): Promise<void> => {
      codes.push(
        await work.then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      );
    };
    await run(
      async ({ tools }) => {
        await tried(tools.relationSet({ a: 'b' }, { relation: db.id, application: true }));
        await tried(tools.statusSetApplication('active'));
        await tried(tools.secretAdd({ password: 'p' }));
        await tried(tools.relationGet({ relation: db.id, application: 'app' }));
        await tried(tools.relationGet({ relation: ring.id, application: 'app' }));
      },
      { ...before, leader: false },
    );
    expect(codes).toEqual(['not-leader', 'not-leader', 'not-leader', 'permission-denied', 'done']);
  });

  it('lets Juju 4 read its own application bag, and has no leader-get there', async () => {
    const seen: unknown[] = [];
    await run(
      async ({ tools }) => {
        seen.push(await tools.relationGet({ relation: db.id, application: 'app' }), await tools.leaderGet());
      },
      { ...before, leader: false, jujuVersion: '4.1-beta2' },
    );
    expect(seen).toEqual([{}, null]);
  });

  it('answers the readers', async () => {
    let seen: unknown;
    await run(
      async ({ tools }) => {
        seen = await Promise.all([
          tools.configGet(),
          tools.relationIds('db'),
          tools.relationList({ relation: db.id }),
          tools.relationListApplication({ relation: db.id }),
          tools.relationGet({ relation: db.id, application: 'pg' }),
          tools
            .goalState()
            .then(({ units, relations }) => [
              Object.keys(units),
              Object.keys(relations),
              Object.keys(relations['db']?.units ?? {}),
            ]),
          tools.networkGet('db').then(({ ingressAddresses }) => ingressAddresses),
          tools.unitGet('private-address'),
          tools.statusGet(),
          tools.storageList(),
          tools.resourceGet('core'),
        ]);
      },
      { ...before, config: { port: 8080 }, resources: { core: '/res/core.tgz' } },
    );
    expect(seen).toEqual([
      { port: 8080, name: null, debug: false },
      ['db:1'],
      ['pg/0'],
      'pg',
      { version: '14' },
      [['app/0', 'app/1'], ['db'], ['pg/0']],
      ['10.0.0.5'],
      '10.0.0.5',
      { status: 'maintenance', message: 'installing charm software', data: {} },
      [],
      '/res/core.tgz',
    ]);
  });

  it('reads the bag of the hook without naming it', async () => {
    const seen: unknown[] = [];
    const charm = await demoCharm(async ({ tools }) => void seen.push(await tools.relationGet()));
    await runHook(charm, on.relationChanged(db, 'pg/0'), before);
    await runHook(charm, on.relationChanged(db), before);
    expect(seen).toEqual([{ host: '10.0.0.9' }, { version: '14' }]);
  });

  it('reads what a departed unit left, and lists a broken relation no more', async () => {
    const left = relation('db:1', { departedUnits: { 'pg/0': { host: '10.0.0.9' } } });
    const from = { ...before, relations: [left] };
    let seen: unknown;
    const charm = await demoCharm(async ({ tools }) => {
      seen = [await tools.relationGet({ relation: left.id, unit: unitName('pg/0') }), await tools.relationIds('db')];
    });
    await runHook(charm, on.relationDeparted(left, 'pg/0'), from);
    expect(seen).toEqual([{ host: '10.0.0.9' }, ['db:1']]);
    await runHook(charm, on.relationBroken(left), from);
    expect(seen).toEqual([{ host: '10.0.0.9' }, []]);
  });

  it('gives an action its parameters with defaults, and tells its results', async () => {
    const charm = await demoCharm(async ({ tools }) => {
      const params = await tools.actionGet();
      await tools.actionLog('half');
      await tools.actionSet({ file: { path: `${String(params['target'])}/x`, level: Number(params['level']) } });
    });
    const { action } = await runHook(charm, on.action('backup', { level: 2 }), before);
    expect(action).toEqual({
      status: 'completed',
      message: '',
      results: { file: { path: '/srv/x', level: '2' } },
      log: ['half'],
    });
  });

  it('makes a rejected action fail with one line, and commits what it wrote', async () => {
    const charm = await demoCharm(async ({ tools }) => {
      await tools.stateSet({ tried: 'yes' });
      throw new Error('no space left\n  free some');
    });
    const after = await runHook(charm, on.action('backup', { level: 2 }), before);
    expect(after.action).toMatchObject({ status: 'failed', message: 'no space left free some' });
    expect([after.exitCode, after.charmState]).toEqual([0, { tried: 'yes' }]);
  });

  it('makes a rejected hook fail with one line in the log', async () => {
    const after = await run(() => Promise.reject(new Error('no space left')));
    expect(after.exitCode).toBe(1);
    expect(after.logs[0]).toEqual({ level: 'ERROR', message: 'update-status: no space left' });
    expect(after.logs.slice(1).map(({ level }) => level)).toEqual(['DEBUG']);
  });

  it('fails tools on demand', async () => {
    let code = '';
    const failing = { 'resource-get': 'could not download resource: i/o timeout' };
    await run(
      async ({ tools }) => {
        code = await tools
          .resourceGet('core')
          .catch((error: { code: string; retryable: boolean }) => `${error.code} ${error.retryable}`);
      },
      before,
      { failing },
    );
    expect(code).toBe('tool-failed true');
  });

  it('keeps a secret: track, peek, refresh, no revision for equal content', async () => {
    const seen: unknown[] = [];
    const first = await run(async ({ tools }) => void (await tools.secretAdd({ password: 'one' }, { label: 'l' })));
    const [secret] = first.secrets;
    const id = `secret:${secret?.id}`;
    const second = await run(async ({ tools }) => {
      await tools.secretSet(id, { password: 'one' });
      await tools.secretSet(id, { password: 'two' });
      await tools.secretGrant(id, { relation: db.id });
      seen.push(await tools.secretGet({ id }), await tools.secretGet({ id }, { revision: 'peek' }));
      seen.push(await tools.secretGet({ label: 'l' }, { revision: 'refresh' }), await tools.secretGet({ id }));
      seen.push((await tools.secretInfoGet({ id }))?.revision, await tools.secretIds());
    }, first);
    expect(seen).toEqual([
      { password: 'one' },
      { password: 'two' },
      { password: 'two' },
      { password: 'two' },
      2,
      [secret?.id],
    ]);
    expect(second.secrets[0]).toMatchObject({ tracked: 2, grants: ['db:1'] });
    const third = await run(async ({ tools }) => {
      await tools.secretRevoke(id, { relation: db.id });
      await tools.secretRemove(id);
    }, second);
    expect(third.secrets).toEqual([]);
  });

  it('writes down each call with what went through stdin', async () => {
    const after = await run(async ({ tools }) => tools.stateSet({ a: 'b' }));
    expect(after.calls).toEqual([{ tool: 'state-set', args: ['--file', '-'], input: '{"a":"b"}', output: '' }]);
  });

  it('does not change the state it was given', async () => {
    const copy = JSON.stringify(before);
    await run(writeAll);
    expect(JSON.stringify(before)).toBe(copy);
  });

  it('runs the charm of the README', async () => {
    const website = relation('website:3');
    const after = await run(tenLineCharm, { ...before, relations: [website] }, {}, on.configChanged());
    expect(relationOf(after, 'website:3').localUnitBag).toEqual({ port: '80' });
    expect(after.status).toEqual({ status: 'active', message: '1 websites' });
    expect(after.logs).toEqual([{ level: 'INFO', message: 'config-changed: told 1 of port 80' }]);
  });

  it('names what a wait waits for', () => {
    expect(waitFor('for a', 'a-relation-changed')).toEqual({
      outcome: 'wait',
      reason: 'for a',
      wakes: 'a-relation-changed',
    });
  });
});
