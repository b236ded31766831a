import {
  type World,
  addUnits,
  applicationOf,
  attachResource,
  claimLeadership,
  commitHook,
  deploy,
  emptyWorld,
  enqueueAction,
  enterScope,
  goalState,
  integrate,
  leaveScope,
  machineStarted,
  operationStatus,
  parseCharm,
  remoteMembers,
  removeApplication,
  removeRelation,
  removeUnit,
  setConfig,
  startTask,
  finishTask,
  unitDead,
  unitOf,
  uploadCharm,
} from '../../src/model';
import { WorldStore } from '../../src/store/world-store';

const now = '2026-01-01T00:00:00.000Z';

const charm = (name: string, rest: string, config?: string) =>
  parseCharm({
    metadata: `name: ${name}\nsummary: s\ndescription: d\n${rest}`,
    config,
    actions: 'go: {description: goes}\n',
  });

const request = {
  units: 1,
  base: 'ubuntu@24.04',
  channel: '',
  trust: false,
  settings: {},
  resources: {},
  placement: [],
};

function makeWorld(): World {
  const world = emptyWorld({ modelName: 'm', modelUuid: 'u', seed: 1 });
  const charms = [
    charm(
      'db',
      'peers: {ring: {interface: ring}}\nprovides: {server: {interface: sql}, second: {interface: sql}}\nresources: {blob: {type: file, filename: b}}\n',
      'options: {port: {type: int, default: 1}, on: {type: boolean}, ratio: {type: float}}\n',
    ),
    charm('web', 'requires: {db: {interface: sql}}\nextra-bindings: {admin: }\n'),
  ];
  for (const spec of charms) {
    const { url } = uploadCharm(world, spec, `/charms/${spec.name}`);
    deploy(world, { ...request, application: spec.name, charmUrl: url, units: 2 }, now);
  }
  for (const id of Object.keys(world.machines))
    machineStarted(
      world,
      id,
      { hostname: `h${id}`, address: `10.0.0.${id}`, cidr: '10.0.0.0/24', macAddress: '', interfaceName: 'eth0' },
      now,
    );
  return world;
}

const commit = { updateNetworkInfo: false, relations: [], openPorts: [], closePorts: [] };
const tcp = (port: number) => ({ protocol: 'tcp', fromPort: port, toPort: port });

describe('units', () => {
  it('get numbers that are never used again, even by an application of the same name', () => {
    const world = makeWorld();
    unitDead(world, 'db/1');
    expect(addUnits(world, 'db', 1, now)).toEqual(['db/2']);
    removeApplication(world, 'db');
    for (const unit of ['db/0', 'db/2']) unitDead(world, unit);
    expect(world.applications.db).toBeUndefined();
    deploy(
      world,
      {
        application: 'db',
        charmUrl: 'local:db-0',
        units: 1,
        base: 'ubuntu@24.04',
        channel: '',
        trust: false,
        settings: {},
        resources: {},
        placement: [],
      },
      now,
    );
    expect(Object.keys(world.units)).toContain('db/3');
  });

  it('share a machine when they are placed there; it goes with the last of them', () => {
    const world = makeWorld();
    const [placed = ''] = addUnits(world, 'web', 1, now, ['0']);
    expect(unitOf(world, placed).machine).toBe('0');
    unitDead(world, 'db/0');
    expect(world.machines['0']).toBeDefined();
    unitDead(world, placed);
    expect(world.machines['0']).toBeUndefined();
  });
});

describe('leadership', () => {
  it('belongs to the first unit, is free when it dies, and only a unit alive on a machine that answers takes it', () => {
    const world = makeWorld();
    expect(applicationOf(world, 'db').leader).toBe('db/0');
    unitDead(world, 'db/0');
    expect(applicationOf(world, 'db').leader).toBeNull();
    removeUnit(world, 'db/1');
    expect(claimLeadership(world, 'db', () => 0)).toBeNull();
    addUnits(world, 'db', 1, now);
    expect(claimLeadership(world, 'db', () => 0)).toBe('db/2');
  });
});

describe('relations', () => {
  it('are refused when nothing fits, several fit or there is one', () => {
    const world = makeWorld();
    expect(() => integrate(world, 'web', 'db', now)).toThrow(
      'ambiguous relation: "web db" could refer to "web:db db:server"; "web:db db:second"',
    );
    expect(() => integrate(world, 'web:nope', 'db', now)).toThrow(
      'adding relation between endpoints "web:nope" and "db": cannot relate endpoints "web:nope" and "db": no candidates for web:nope: relation endpoint not found',
    );
    expect(() => integrate(world, 'web', 'zap', now)).toThrow('no candidates for zap: relation endpoint not found');
    for (const [one, two] of [
      ['web:db', 'web:db'],
      ['db:server', 'db:second'],
      ['db:ring', 'db:ring'],
    ] as const)
      expect(() => integrate(world, one, two, now)).toThrow('no compatible endpoints found between applications');
    integrate(world, 'web:db', 'db:server', now);
    expect(() => integrate(world, 'web:db', 'db:server', now)).toThrow(
      'cannot add relation "web:db", "db:server": relation web:db db:server: already exists',
    );
  });

  it('may be several on one endpoint, up to its limit', () => {
    const world = makeWorld();
    const spec = charm('one', 'requires: {only: {interface: sql, limit: 1}, many: {interface: sql}}\n');
    const { url } = uploadCharm(world, spec, '/charms/one');
    deploy(world, { ...request, application: 'one', charmUrl: url }, now);
    for (const endpoint of ['server', 'second']) integrate(world, 'one:many', `db:${endpoint}`, now);
    integrate(world, 'one:only', 'db:server', now);
    expect(() => integrate(world, 'one:only', 'db:second', now)).toThrow(
      'establishing a new relation for one:only would exceed its maximum relation limit of 1',
    );
  });

  it('are refused to an application that is going', () => {
    const world = makeWorld();
    removeApplication(world, 'web');
    expect(() => integrate(world, 'web:db', 'db:server', now)).toThrow('application "web": application not alive');
  });

  it('fill a bag on entering, keep it after leaving, and go when a dying one is empty', () => {
    const world = makeWorld();
    const { id } = integrate(world, 'web:db', 'db:server', now);
    enterScope(world, id, 'web/0', now);
    enterScope(world, id, 'db/0', now);
    expect(world.relations[String(id)]?.unitBags['web/0']).toEqual({
      'ingress-address': '10.0.0.2',
      'egress-subnets': '10.0.0.2/32',
    });
    expect(remoteMembers(world, id, unitOf(world, 'db/1'))).toEqual(['web/0']);
    leaveScope(world, id, 'web/0');
    expect(world.relations[String(id)]?.unitBags['web/0']).toBeDefined();
    removeRelation(world, 'web', 'db');
    expect(world.relations[String(id)]?.life).toBe('dying');
    leaveScope(world, id, 'db/0');
    expect(world.relations[String(id)]).toBeUndefined();
  });

  it('keep the peer application bag when the last unit has gone', () => {
    const world = makeWorld();
    commitHook(world, 'db/0', { ...commit, relations: [{ relationId: 0, applicationBag: { a: '1' } }] }, now);
    for (const unit of ['db/0', 'db/1']) unitDead(world, unit);
    expect(world.relations['0']?.appBags.db).toEqual({ a: '1' });
  });
});

describe('a commit', () => {
  it('is all or nothing', () => {
    const store = new WorldStore(makeWorld());
    const before = structuredClone(store.world);
    const changes = {
      ...commit,
      relations: [{ relationId: 0, unitBag: { a: '1' }, applicationBag: { b: '2' } }],
      charmState: { s: '1' },
    };
    expect(() => store.change((world) => commitHook(world, 'db/1', changes, now))).toThrow(
      'checking lease token: lease not held',
    );
    expect(() =>
      store.change((world) =>
        commitHook(world, 'db/0', { ...changes, openPorts: [{ endpoint: 'nope', range: tcp(80) }] }, now),
      ),
    ).toThrow('invalid endpoint(s); [nope]');
    expect(store.world).toEqual(before);
    store.change((world) => commitHook(world, 'db/0', changes, now));
    expect(store.world.relations['0']).toMatchObject({ unitBags: { 'db/0': { a: '1' } }, appBags: { db: { b: '2' } } });
  });

  it('deletes empty values and refuses a bag over the limit', () => {
    const world = makeWorld();
    commitHook(world, 'db/0', { ...commit, relations: [{ relationId: 0, unitBag: { a: '1', gone: '' } }] }, now);
    expect(world.relations['0']?.unitBags['db/0']).toEqual({ a: '1' });
    const huge = { ...commit, relations: [{ relationId: 0, unitBag: { a: 'x'.repeat(16 * 1024 * 1024) } }] };
    expect(() => commitHook(world, 'db/0', huge, now)).toThrow('quota limit exceeded');
  });

  it('opening a port for all endpoints swallows that of one; closing for all closes all', () => {
    const world = makeWorld();
    const open = (endpoint: string, port: number) =>
      commitHook(world, 'web/0', { ...commit, openPorts: [{ endpoint, range: tcp(port) }] }, now);
    open('db', 443);
    open('admin', 80);
    open('', 443);
    expect(unitOf(world, 'web/0').openPorts).toEqual({ admin: [tcp(80)], '': [tcp(443)] });
    commitHook(
      world,
      'web/0',
      {
        ...commit,
        closePorts: [
          { endpoint: '', range: tcp(443) },
          { endpoint: 'db', range: tcp(80) },
        ],
      },
      now,
    );
    expect(unitOf(world, 'web/0').openPorts).toEqual({ admin: [tcp(80)] });
  });
});

describe('configuration', () => {
  it.each([
    [{ port: '0x1' }, 'option "port" expected int, got "0x1"'],
    [{ on: 'yes' }, 'option "on" expected boolean, got "yes"'],
    [{ ratio: '' }, 'option "ratio" expected float, got ""'],
    [{ nope: '1' }, 'invalid application config: unknown option "nope"'],
  ])('refuses %j', (values, why) => {
    expect(() => setConfig(makeWorld(), 'db', values as Record<string, string>)).toThrow(why);
  });

  it('takes typed values and resets', () => {
    const world = makeWorld();
    setConfig(world, 'db', { port: '7', on: 'true', ratio: '1.5', trust: 'true' });
    expect(applicationOf(world, 'db')).toMatchObject({ settings: { port: 7, on: true, ratio: 1.5 }, trust: true });
    setConfig(world, 'db', {}, ['port']);
    expect(applicationOf(world, 'db').settings).toEqual({ on: true, ratio: 1.5 });
  });
});

it('attaching a resource bumps the charm-modified version; an unknown one is refused', () => {
  const world = makeWorld();
  const file = { path: '/x', filename: 'x', size: 1, uploaded: now, fingerprint: 'f' };
  attachResource(world, 'db', 'blob', file);
  attachResource(world, 'db', 'blob', file);
  expect(applicationOf(world, 'db')).toMatchObject({ charmModifiedVersion: 2, resources: { blob: { revision: 2 } } });
  expect(() => attachResource(world, 'db', 'zap', file)).toThrow('resource "zap" not found');
  expect(() => attachResource(world, 'db', 'blob', { ...file, filename: 'x.gz' })).toThrow(
    'incorrect extension on resource upload "x.gz", expected ""',
  );
});

it('goal-state names dying units, the other side of relations, and no peers', () => {
  const world = makeWorld();
  integrate(world, 'web:db', 'db:server', now);
  removeUnit(world, 'web/1');
  expect(goalState(world, 'db/0')).toEqual({
    units: { 'db/0': { status: 'waiting', since: now }, 'db/1': { status: 'waiting', since: now } },
    relations: {
      server: {
        web: { status: 'joining', since: now },
        'web/0': { status: 'waiting', since: now },
        'web/1': { status: 'dying', since: now },
      },
    },
  });
});

it('operations and tasks share a counter; an operation is as far as its tasks', () => {
  const world = makeWorld();
  const first = enqueueAction(world, { name: 'go', units: ['db/leader', 'db/1'], parameters: {} }, now);
  expect(first).toMatchObject({ id: '0', tasks: ['1', '2'] });
  expect(enqueueAction(world, { name: 'go', units: ['db/0'], parameters: {} }, now).id).toBe('3');
  expect(operationStatus(world, first)).toBe('pending');
  startTask(world, '1', now);
  expect(operationStatus(world, first)).toBe('running');
  finishTask(world, '1', { status: 'completed', message: '', results: {} }, now);
  finishTask(world, '2', { status: 'failed', message: 'x', results: {} }, now);
  finishTask(world, '2', { status: 'completed', message: '', results: {} }, now);
  expect(operationStatus(world, first)).toBe('failed');
});
