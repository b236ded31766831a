import { bindingChanges } from '../../src/cli/bindings';
import { runSuperCommand } from '../../src/cli/framework/super-command';
import { secretsTable } from '../../src/cli/secrets/secret-output';
import { Session } from '../../src/cli/session';
import { taskDocument, taskPlain } from '../../src/cli/tasks/task-output';
import { jujuFamilies } from '../../src/cli/verb-families';
import type { ListedSecret } from '../../src/controller/secret-methods';
import {
  type FullStatus,
  type Task,
  type World,
  applicationConfigAnswer,
  deploy,
  emptyWorld,
  fullStatus,
  parseCharm,
  setConfig,
  uploadCharm,
} from '../../src/model';

const now = '2026-01-01T00:00:00.000Z';

function makeWorld(): World {
  const world = emptyWorld({ modelName: 'm', modelUuid: 'u', seed: 1 });
  const spec = parseCharm({
    metadata: 'name: web\nsummary: s\ndescription: d\n',
    config: 'options: {level: {type: int, default: 3}, name: {type: string}}\n',
  });
  const { url } = uploadCharm(world, spec, '/charms/web');
  const request = {
    units: 12,
    base: 'ubuntu@24.04',
    channel: '',
    trust: false,
    settings: {},
    resources: {},
    placement: [],
  };
  deploy(world, { ...request, application: 'web', charmUrl: url }, now);
  return world;
}

/** A controller of a world that nothing happens in. */
class StillSession extends Session {
  constructor(private readonly still: World) {
    super('m');
  }

  override world(): Promise<World> {
    return Promise.resolve(this.still);
  }

  override status(): Promise<{ status: FullStatus; controller: string; failure: null }> {
    return Promise.resolve({ status: fullStatus(this.still, now, '4.1'), controller: 'c', failure: null });
  }
}

async function juju(world: World, ...args: string[]) {
  let [out, err] = ['', ''];
  const code = await runSuperCommand(
    { name: 'juju', families: jujuFamilies, basics: '', open: () => new StillSession(world) },
    args,
    { out: (text) => (out += text), err: (text) => (err += text) },
  );
  return { code, out, err };
}

describe('what the client prints', () => {
  it('says where an option’s value is from: set to its default it is the default', () => {
    const world = makeWorld();
    const sources = () =>
      Object.entries(applicationConfigAnswer(world, 'web').config).map(([name, { source }]) => `${name} ${source}`);
    expect(sources()).toEqual(['level default', 'name unset']);
    setConfig(world, 'web', { level: 4, name: 'x' }, []);
    expect(sources()).toEqual(['level user', 'name user']);
    setConfig(world, 'web', { level: 3 }, []);
    expect(sources()).toEqual(['level default', 'name user']);
  });

  it('tells of each endpoint whether its space changes', () => {
    const current = { '': 'alpha', db: 'alpha', api: 'beta' };
    expect(bindingChanges(current, ['db', 'api'], { '': 'gamma' })).toEqual([
      'moving endpoint "db" from space "alpha" to "gamma"',
      'no change to endpoints in space "beta": api',
    ]);
    expect(bindingChanges(current, ['db', 'api', 'new', 'other'], { new: 'beta' })).toEqual([
      'adding endpoint "new" to space "beta"',
      'adding endpoint "other" to default space "alpha"',
      'no change to endpoints in space "alpha": db',
      'no change to endpoints in space "beta": api',
    ]);
  });

  it('lists secrets by owner, those revised most first', () => {
    const secret = (id: string, owner: string, revision: number) =>
      ({
        uri: `secret:${id}`,
        'owner-tag': owner,
        label: '',
        'rotate-policy': 'never',
        'latest-revision': revision,
        'update-time': now,
      }) as ListedSecret;
    const listed = [
      secret('b', 'application-web', 1),
      secret('c', 'application-web', 3),
      secret('a', 'application-db', 2),
    ];
    const rows = secretsTable(listed, Date.parse(now)).trimEnd().split('\n');
    expect(rows.map((row) => row.split(/ +/)[0])).toEqual(['ID', 'a', 'c', 'b']);
  });

  it('sorts the results of a task, nested ones too, and tells a failure before them', () => {
    const task: Task = {
      ...{ id: '2', operation: '1', unit: 'web/0', name: 'do', parameters: {}, log: [] },
      ...{ status: 'failed', message: 'no', enqueued: now, started: now, completed: now },
      results: { z: { b: 1, a: 2 }, m: 'x', 'return-code': 0, stdout: 'printed\n' },
    };
    expect(taskPlain(task)).toBe('Action id 2 failed: no\nm: x\nz:\n  a: 2\n  b: 1\n\nprinted\n');
    expect(Object.keys(taskDocument(task)['results'] as object)).toEqual(['m', 'return-code', 'stdout', 'z']);
  });

  it('orders units as people count, and says so when nothing matched', async () => {
    const world = makeWorld();
    const { out } = await juju(world, 'status');
    const units = [...out.matchAll(/^web\/(\d+)/gm)].map(([, number]) => Number(number));
    expect(units).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await juju(world, 'status', 'nope')).toMatchObject({ code: 0, err: 'Nothing matched specified filter.\n' });
    expect((await juju(emptyWorld({ modelName: 'm', modelUuid: 'u', seed: 1 }), 'status')).err).toBe(
      '\nModel "admin/m" is empty.\n',
    );
  });
});
