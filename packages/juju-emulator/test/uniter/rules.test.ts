import type { Change } from '../../src/verify/trace-format';
import {
  action,
  appSets,
  cache,
  config,
  db,
  during,
  dying,
  enters,
  exec,
  fails,
  leader,
  leaves,
  peer,
  play,
  reboot,
  refresh,
  relationDying,
  resolved,
  restart,
  retry,
  scriptedUnit,
  sets,
  storage,
  tick,
  type Unit,
} from './scripted-unit';

interface Row {
  readonly rule: string;
  readonly unit?: Unit;
  readonly deploy?: readonly Change[];
  readonly steps?: readonly (readonly Change[])[];
  /** Hooks of the last step (of the deploy where there are no steps), without the `key=` of their subjects. */
  readonly hooks: readonly string[];
  readonly end?: string;
}

function check(rows: readonly Row[]): void {
  test.each(rows)('$rule', ({ unit, deploy, steps, hooks, end }) => {
    const played = play(deploy ?? [], steps ?? [], unit);
    const lines = (played.hooks.at(-1) ?? []).map((line) =>
      line.replace(/ (app|action|secret)=\S+/g, '').replace(/(rel|unit|storage)=/g, ''),
    );
    expect({ hooks: lines, end: played.ends.at(-1) }).toEqual({ hooks, end: end ?? 'idle' });
  });
}

const joined = (unit: string) => [`db-relation-joined db:1 ${unit}`, `db-relation-changed db:1 ${unit}`];
const secret = 'secret:aaaaaaaaaaaaaaaaaaaa';

describe('deploy', () => {
  check([
    { rule: 'a unit that does not lead', hooks: ['install', 'config-changed', 'start'] },
    { rule: 'the leader', unit: { leader: true }, hooks: ['install', 'leader-elected', 'config-changed', 'start'] },
    {
      rule: 'created comes before leader-elected, joined after start, peers last',
      unit: { leader: true },
      deploy: [peer, enters(0, 'app/1'), { ...db, rel: 1 }, enters(1, 'pg/0')],
      hooks: [
        'install',
        'cluster-relation-created cluster:0',
        'db-relation-created db:1',
        'leader-elected',
        'config-changed',
        'start',
        ...joined('pg/0'),
        'cluster-relation-joined cluster:0 app/1',
        'cluster-relation-changed cluster:0 app/1',
      ],
    },
    {
      rule: 'leadership gained in the first config-changed waits for the queued start',
      deploy: [during('config-changed', leader(true))],
      hooks: ['install', 'config-changed', 'start', 'leader-elected'],
    },
    { rule: 'dying before install: no hook', deploy: [dying], hooks: [], end: 'unit-dead' },
    {
      rule: 'dying in install: remove alone',
      deploy: [during('install', dying)],
      hooks: ['install', 'remove'],
      end: 'unit-dead',
    },
    {
      rule: 'dying in the first config-changed: the queued start still runs',
      deploy: [during('config-changed', dying)],
      hooks: ['install', 'config-changed', 'start', 'stop', 'remove'],
      end: 'unit-dead',
    },
    {
      rule: 'nothing before the storage is there',
      deploy: [storage('data/0', false)],
      hooks: [],
      end: 'waiting',
    },
    {
      rule: 'but juju-exec',
      deploy: [storage('data/0', false)],
      steps: [[exec, action('1')]],
      hooks: ['juju-exec'],
      end: 'waiting',
    },
    {
      rule: 'storage-attached, the waiting action, and install then',
      deploy: [storage('data/0', false)],
      steps: [[action('1')], [{ do: 'storage-provisioned', storage: 'data/0' }]],
      hooks: ['data-storage-attached data/0', 'action:backup', 'install', 'config-changed', 'start'],
    },
  ]);
});

describe('config', () => {
  check([
    { rule: 'trust alone', steps: [[{ do: 'trust', value: 't1' }]], hooks: ['config-changed'] },
    { rule: 'addresses alone', steps: [[{ do: 'addresses', value: 'a1' }]], hooks: ['config-changed'] },
    { rule: 'set and set back between looks: none', steps: [[config('c1'), config('cfg-0')]], hooks: [] },
    {
      rule: 'config, trust and addresses at once: one',
      steps: [[config('c1'), { do: 'trust', value: 't1' }, { do: 'addresses', value: 'a1' }]],
      hooks: ['config-changed'],
    },
    {
      rule: 'set while it runs: once more',
      steps: [[config('c1'), during('config-changed', config('c2'))]],
      hooks: ['config-changed', 'config-changed'],
    },
    {
      rule: 'set back while it runs: once more',
      steps: [[config('c1'), during('config-changed', config('cfg-0'))]],
      hooks: ['config-changed', 'config-changed'],
    },
  ]);
});

describe('relations', () => {
  const related = [db, enters(1, 'pg/0')];
  check([
    {
      rule: 'application data before the first joined',
      steps: [[db, appSets(1, 'pg', '1'), enters(1, 'pg/0')]],
      hooks: ['db-relation-created db:1', 'db-relation-changed db:1', ...joined('pg/0')],
    },
    {
      rule: 'emptied application data counts, data never set does not',
      steps: [[db, { do: 'remote-app-sets', rel: 1, app: 'pg' }]],
      hooks: ['db-relation-created db:1', 'db-relation-changed db:1'],
    },
    {
      rule: 'units as strings',
      steps: [[db, enters(1, 'pg/2'), enters(1, 'pg/10')]],
      hooks: ['db-relation-created db:1', ...joined('pg/10'), ...joined('pg/2')],
    },
    { rule: 'the same content again: none', deploy: related, steps: [[enters(1, 'pg/0')]], hooks: [] },
    {
      rule: 'many writes between looks: one',
      deploy: related,
      steps: [[sets(1, 'pg/0', '1'), sets(1, 'pg/0', '2')]],
      hooks: ['db-relation-changed db:1 pg/0'],
    },
    {
      rule: 'departed, application, joined with its changed, changed',
      deploy: [...related, enters(1, 'pg/1')],
      steps: [[leaves(1, 'pg/0'), sets(1, 'pg/1', '1'), enters(1, 'pg/2'), appSets(1, 'pg', '1')]],
      hooks: [
        'db-relation-departed db:1 pg/0 departing=pg/0',
        'db-relation-changed db:1',
        ...joined('pg/2'),
        'db-relation-changed db:1 pg/1',
      ],
    },
    {
      rule: 'changed follows joined although the unit has left',
      deploy: [db],
      steps: [[enters(1, 'pg/0'), during('db-relation-joined', leaves(1, 'pg/0'))]],
      hooks: [...joined('pg/0'), 'db-relation-departed db:1 pg/0 departing=pg/0'],
    },
    {
      rule: 'and although the relation dies',
      deploy: [db],
      steps: [[enters(1, 'pg/0'), during('db-relation-joined', relationDying(1))]],
      hooks: [...joined('pg/0'), 'db-relation-departed db:1 pg/0 departing=pg/0', 'db-relation-broken db:1'],
    },
    {
      rule: 'a dying relation: all members depart at once, then broken',
      deploy: [...related, enters(1, 'pg/1')],
      steps: [[relationDying(1)]],
      hooks: [
        'db-relation-departed db:1 pg/0 departing=pg/0',
        'db-relation-departed db:1 pg/1 departing=pg/1',
        'db-relation-broken db:1',
      ],
    },
    {
      rule: 'nobody joined: broken alone',
      deploy: [db],
      steps: [[relationDying(1)]],
      hooks: ['db-relation-broken db:1'],
    },
    { rule: 'added and dying before a look: none', steps: [[db, relationDying(1)]], hooks: [] },
    {
      rule: 'a suspended relation begins anew when resumed',
      deploy: related,
      steps: [[{ do: 'suspend', rel: 1 }], [{ do: 'resume', rel: 1 }]],
      hooks: ['db-relation-created db:1', ...joined('pg/0')],
    },
    {
      rule: 'suspended, then removed: broken only once',
      deploy: related,
      steps: [[{ do: 'suspend', rel: 1 }], [relationDying(1)]],
      hooks: [],
    },
    {
      rule: 'the local application goes: the local unit departs',
      deploy: related,
      steps: [[{ do: 'app-dying' }, relationDying(1)]],
      hooks: ['db-relation-departed db:1 pg/0 departing=app/0', 'db-relation-broken db:1'],
    },
    {
      rule: 'the leader takes in its own peer data',
      unit: { leader: true },
      deploy: [peer, during('start', appSets(0, 'app', '1'))],
      hooks: [
        'install',
        'cluster-relation-created cluster:0',
        'leader-elected',
        'config-changed',
        'start',
        'cluster-relation-changed cluster:0',
      ],
    },
    {
      rule: 'peers after all others',
      deploy: [{ ...peer, rel: 0 }, enters(0, 'app/1'), ...related, cache, enters(2, 'redis/0')],
      steps: [[sets(0, 'app/1', '1'), sets(2, 'redis/0', '1'), sets(1, 'pg/0', '1')]],
      hooks: [
        'db-relation-changed db:1 pg/0',
        'cache-relation-changed cache:2 redis/0',
        'cluster-relation-changed cluster:0 app/1',
      ],
    },
    {
      rule: 'the provider side of juju-info runs none',
      steps: [[{ ...db, endpoint: 'juju-info', role: 'provider', interface: 'juju-info' }, enters(1, 'pg/0')]],
      hooks: [],
    },
    {
      rule: 'an endpoint that the charm lacks waits for the charm that has it',
      steps: [[{ do: 'next-charm-adds-endpoint' }, db], [refresh(1)]],
      hooks: ['upgrade-charm', 'config-changed', 'db-relation-created db:1'],
    },
    {
      rule: 'a subordinate goes with its container relation',
      unit: { subordinate: true },
      deploy: [{ ...db, scope: 'container', app: 'principal' }, enters(1, 'principal/0')],
      steps: [[relationDying(1)]],
      hooks: ['db-relation-departed db:1 principal/0 departing=app/0', 'db-relation-broken db:1', 'stop', 'remove'],
      end: 'unit-dead',
    },
  ]);
});

describe('priority', () => {
  check([
    {
      rule: 'created, leadership, secrets, actions, exec, storage, config, relations, update-status',
      deploy: [db, enters(1, 'pg/0')],
      steps: [
        [
          tick,
          sets(1, 'pg/0', '1'),
          config('c1'),
          storage('data/0', true),
          action('1'),
          { do: 'secret-new-revision', uri: secret, revision: 2 },
          cache,
          exec,
        ],
      ],
      hooks: [
        'cache-relation-created cache:2',
        'secret-changed rev=2',
        'action:backup',
        'juju-exec',
        'data-storage-attached data/0',
        'config-changed',
        'db-relation-changed db:1 pg/0',
      ],
    },
    {
      rule: 'exec goes between leadership gained and leader-elected',
      steps: [[leader(true), exec, action('1')]],
      hooks: ['juju-exec', 'leader-elected', 'action:backup'],
    },
    {
      rule: 'secrets: expired, rotate, changed, remove',
      steps: [
        [
          { do: 'secret-obsolete', uri: secret, revision: 1, owner: 'unit' },
          { do: 'secret-new-revision', uri: 'secret:bbbbbbbbbbbbbbbbbbbb', revision: 3 },
          { do: 'secret-rotate', uri: secret, owner: 'unit' },
          { do: 'secret-expire', uri: secret, revision: 2, owner: 'unit' },
        ],
      ],
      hooks: ['secret-expired rev=2', 'secret-rotate', 'secret-changed rev=3', 'secret-remove rev=1'],
    },
    {
      rule: 'an expiry that reaches a non-leader is left to the leader',
      steps: [[{ do: 'secret-expire', uri: secret, revision: 1, owner: 'application' }], []],
      hooks: [],
    },
    { rule: 'leadership lost: no hook', unit: { leader: true }, steps: [[leader(false)]], hooks: [] },
  ]);
});

describe('update-status', () => {
  check([
    { rule: 'ticks do not add up', steps: [[tick, tick]], hooks: ['update-status'] },
    { rule: 'a hook takes the tick in', steps: [[tick, config('c1')]], hooks: ['config-changed'] },
    { rule: 'an action does not', steps: [[tick, action('1')]], hooks: ['action:backup', 'update-status'] },
    {
      rule: 'a tick that comes while a hook runs is not taken in by it',
      steps: [[config('c1'), during('config-changed', tick)]],
      hooks: ['config-changed', 'update-status'],
    },
  ]);
});

describe('removal', () => {
  check([
    {
      rule: 'storage, relations, peers, stop, remove',
      unit: { leader: true },
      deploy: [{ ...peer, rel: 0 }, enters(0, 'app/1'), db, enters(1, 'pg/0'), storage('data/0', true)],
      steps: [[dying, config('c1'), action('1')]],
      hooks: [
        'action:backup',
        'data-storage-detaching data/0',
        'db-relation-departed db:1 pg/0 departing=app/0',
        'db-relation-broken db:1',
        'cluster-relation-departed cluster:0 app/1 departing=app/0',
        'stop',
        'remove',
      ],
      end: 'unit-dead',
    },
    {
      rule: 'secrets, created and refresh do not run',
      steps: [[dying, cache, refresh(1), { do: 'secret-new-revision', uri: secret, revision: 2 }]],
      hooks: ['stop', 'remove'],
      end: 'unit-dead',
    },
    {
      rule: 'a hook in error blocks it',
      steps: [[fails('config-changed'), config('c1')], [dying]],
      hooks: [],
      end: 'hook-error',
    },
    {
      rule: 'until a retry works',
      steps: [[fails('config-changed'), config('c1')], [dying], [retry]],
      hooks: ['config-changed', 'stop', 'remove'],
      end: 'unit-dead',
    },
    {
      rule: 'force: nothing runs',
      deploy: [db, enters(1, 'pg/0')],
      steps: [[{ do: 'unit-dead' }]],
      hooks: [],
      end: 'unit-dead',
    },
    {
      rule: 'after a restart the peers are broken too, in order of id',
      deploy: [{ ...peer, rel: 0 }, enters(0, 'app/1'), db],
      steps: [[restart], [dying]],
      hooks: [
        'cluster-relation-departed cluster:0 app/1 departing=app/0',
        'cluster-relation-broken cluster:0',
        'db-relation-broken db:1',
        'stop',
        'remove',
      ],
      end: 'unit-dead',
    },
    {
      rule: 'storage that never was attached goes without a hook',
      steps: [[storage('data/0', false)], [{ do: 'storage-detach', storage: 'data/0' }]],
      hooks: [],
    },
  ]);
});

describe('errors', () => {
  const failed = [fails('config-changed'), config('c1')];
  check([
    {
      rule: 'nothing else runs',
      deploy: [db],
      steps: [failed, [enters(1, 'pg/0'), leader(true), tick, storage('data/0', true), refresh(1)]],
      hooks: [],
      end: 'hook-error',
    },
    {
      rule: 'but actions and juju-exec',
      steps: [failed, [exec, action('1')]],
      hooks: ['action:backup', 'juju-exec'],
      end: 'hook-error',
    },
    { rule: 'the timer: the same hook again', steps: [failed, [retry]], hooks: ['config-changed'] },
    { rule: 'resolved: the same hook again', steps: [failed, [resolved('retry')]], hooks: ['config-changed'] },
    {
      rule: 'resolved --no-retry: taken as done',
      deploy: [fails('config-changed')],
      steps: [[resolved('no-retry')]],
      hooks: ['start'],
    },
    {
      rule: 'no-retry of joined: changed follows',
      deploy: [db, fails('db-relation-joined')],
      steps: [[enters(1, 'pg/0')], [resolved('no-retry')]],
      hooks: ['db-relation-changed db:1 pg/0'],
    },
    {
      rule: 'newer config is taken in by the retry',
      steps: [failed, [config('c2')], [retry]],
      hooks: ['config-changed'],
    },
    {
      rule: 'newer relation data is not',
      deploy: [db, enters(1, 'pg/0')],
      steps: [[fails('db-relation-changed'), sets(1, 'pg/0', '1')], [sets(1, 'pg/0', '2')], [retry]],
      hooks: ['db-relation-changed db:1 pg/0', 'db-relation-changed db:1 pg/0'],
    },
    {
      rule: 'leader-elected after the leadership is lost: skipped',
      unit: { leader: true },
      deploy: [fails('leader-elected')],
      steps: [[leader(false)], [retry]],
      hooks: ['config-changed', 'start'],
    },
  ]);

  test('the error names the hook, its relation and unit; and is reported once', () => {
    const { statuses } = play([db, fails('db-relation-joined', 2)], [[enters(1, 'pg/0')], [config('c1')], [retry]]);
    const error =
      'agent-status: error "hook failed: \\"db-relation-joined\\"" data={"hook":"db-relation-joined","relation-id":1,"remote-unit":"pg/0"}';
    expect(statuses.slice(1)).toEqual([
      ['agent-status: executing "running db-relation-joined hook for pg/0"', error],
      [],
      ['agent-status: executing "running db-relation-joined hook for pg/0"', error],
    ]);
  });
});

describe('refresh', () => {
  check([
    {
      rule: 'upgrade-charm and config-changed, always; then relations',
      deploy: [db],
      steps: [[refresh(1), enters(1, 'pg/0')]],
      hooks: ['upgrade-charm', 'config-changed', ...joined('pg/0')],
    },
    {
      rule: 'a new resource alone does the same',
      steps: [[{ do: 'attach-resource' }]],
      hooks: ['upgrade-charm', 'config-changed'],
    },
    {
      rule: 'a new resource is lost to a hook that comes first',
      steps: [[{ do: 'attach-resource' }, leader(true)]],
      hooks: ['leader-elected'],
    },
    {
      rule: 'what is due at that look goes first',
      steps: [[refresh(1), db, leader(true), action('1')]],
      hooks: ['db-relation-created db:1', 'leader-elected', 'action:backup', 'upgrade-charm', 'config-changed'],
    },
    {
      rule: 'in install: right after it',
      deploy: [during('install', refresh(1))],
      hooks: ['install', 'upgrade-charm', 'config-changed', 'start'],
    },
    {
      rule: 'forced in error: the hook stays in error',
      steps: [[fails('config-changed'), config('c1')], [{ do: 'refresh-force-units', value: 'local:app-1' }]],
      hooks: [],
      end: 'hook-error',
    },
    {
      rule: 'and upgrade-charm never runs',
      steps: [[fails('config-changed'), config('c1')], [{ do: 'refresh-force-units', value: 'local:app-1' }], [retry]],
      hooks: ['config-changed'],
    },
    {
      rule: 'in error and a retry that works: upgrade after it',
      steps: [[fails('config-changed'), config('c1')], [refresh(1)], [retry]],
      hooks: ['config-changed', 'upgrade-charm', 'config-changed'],
    },
    {
      rule: 'a deploy conflict waits',
      steps: [[{ do: 'deploy-conflict', count: 1 }, refresh(1)]],
      hooks: [],
      end: 'waiting',
    },
    {
      rule: 'for resolved',
      steps: [[{ do: 'deploy-conflict', count: 1 }, refresh(1)], [resolved('retry')]],
      hooks: ['upgrade-charm', 'config-changed'],
    },
  ]);
});

describe('refresh in a failing hook', () => {
  const newer = (hook: string, revision: number) => [fails(hook), during(hook, refresh(revision))];
  check([
    {
      rule: 'the charm is replaced when the loop is entered again, upgrade-charm never runs',
      steps: [[...newer('config-changed', 1), config('c1')], [retry]],
      hooks: ['config-changed'],
    },
    {
      rule: 'but not under upgrade-charm itself',
      steps: [[...newer('upgrade-charm', 2), refresh(1)], [retry]],
      hooks: ['upgrade-charm', 'config-changed', 'upgrade-charm', 'config-changed'],
    },
  ]);
});

describe('a dying unit', () => {
  check([
    {
      rule: 'runs no created for a relation whose scope it has entered',
      steps: [[db, cache, during('db-relation-created', dying)]],
      hooks: ['db-relation-created db:1', 'db-relation-broken db:1', 'stop', 'remove'],
      end: 'unit-dead',
    },
  ]);

  test('gives up leadership, even in a hook error', () => {
    const agent = scriptedUnit([], { leader: true });
    agent.step(null);
    agent.step([fails('config-changed'), config('c1')]);
    expect(agent.step([dying]).state).toMatchObject({ leader: false, hook: 'config-changed', step: 'pending' });
  });
});

describe('restart and reboot', () => {
  const dies = (hook: string): Change => ({ do: 'agent-dies-in-hook', hook });
  check([
    { rule: 'restart when idle: none', deploy: [peer, enters(0, 'app/1')], steps: [[restart]], hooks: [] },
    {
      rule: 'killed in a hook: it is in error',
      steps: [[dies('config-changed'), config('c1')]],
      hooks: ['config-changed result=agent-killed'],
      end: 'hook-error',
    },
    {
      rule: 'killed before the commit: committed, not run again',
      steps: [[{ do: 'agent-dies-before-commit', hook: 'config-changed' }, config('c1')]],
      hooks: ['config-changed'],
    },
    {
      rule: 'killed in an action: not run again',
      steps: [[dies('action:backup'), action('1')]],
      hooks: ['action:backup result=agent-killed'],
    },
    {
      rule: 'cancelled before it ran: not run',
      steps: [[action('1'), { do: 'action-cancelled', id: '1' }]],
      hooks: [],
    },
    { rule: 'juju-exec that waits is lost', steps: [[exec, restart]], hooks: [] },
    {
      rule: 'reboot: start, before config-changed',
      steps: [[reboot, config('c1')]],
      hooks: ['start', 'config-changed'],
    },
    {
      rule: 'reboot in error: the hook first',
      steps: [[fails('config-changed'), config('c1')], [reboot], [retry]],
      hooks: ['config-changed', 'start'],
    },
    {
      rule: 'juju-reboot --now: the hook again, then start',
      steps: [[{ do: 'hook-calls-juju-reboot-now', hook: 'config-changed' }, config('c1')]],
      hooks: ['config-changed result=reboot-now', 'config-changed', 'start'],
    },
    {
      rule: 'juju-reboot: committed, then start',
      steps: [[{ do: 'hook-calls-juju-reboot', hook: 'config-changed' }, config('c1')]],
      hooks: ['config-changed result=reboot-after', 'start'],
    },
    {
      rule: 'juju-reboot --now in install: start only once',
      deploy: [{ do: 'hook-calls-juju-reboot-now', hook: 'install' }],
      hooks: ['install result=reboot-now', 'install', 'config-changed', 'start'],
    },
    {
      rule: 'a new charm is seen at the start of the agent',
      steps: [[restart, refresh(1)]],
      hooks: ['upgrade-charm', 'config-changed'],
    },
    {
      rule: 'a hook ended by a signal runs again',
      steps: [[{ do: 'hook-gets-sigterm', hook: 'config-changed' }, config('c1')]],
      hooks: ['config-changed result=sigterm', 'config-changed'],
    },
  ]);
});

describe('workload status', () => {
  const workload = (lines: readonly string[] | undefined) =>
    (lines ?? []).filter((line) => line.startsWith('workload'));

  test('of a charm that sets none', () => {
    const { statuses } = play([], [[dying]]);
    expect(statuses.map(workload)).toEqual([
      ['workload-status: maintenance "installing charm software"', 'workload-status: unknown ""'],
      [
        'workload-status: maintenance "stopping charm software"',
        'workload-status: maintenance ""',
        'workload-status: maintenance "cleaning up prior to charm deletion"',
        'workload-status: terminated ""',
      ],
    ]);
  });

  test('of a charm that sets its own, from storage-attached on', () => {
    const { statuses } = play([storage('data/0', true)], [], { charmSetsStatus: true });
    expect(statuses.map(workload)).toEqual([[]]);
  });
});
