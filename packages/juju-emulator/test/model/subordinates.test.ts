import {
  type World,
  addUnits,
  charmOf,
  concerns,
  deploy,
  emptyWorld,
  enterScope,
  fullStatus,
  goalState,
  integrate,
  machineStarted,
  parseCharm,
  remoteMembers,
  removeUnit,
  subordinatesOf,
  unitDead,
  unitOf,
  uploadCharm,
} from '../../src/model';

const now = '2026-01-01T00:00:00.000Z';
const request = {
  base: 'ubuntu@24.04',
  channel: '',
  trust: false,
  settings: {},
  resources: {},
  placement: [],
};

function add(world: World, name: string, rest: string, units: number, base = request.base): void {
  const spec = parseCharm({ metadata: `name: ${name}\nsummary: s\ndescription: d\n${rest}` });
  const { url } = uploadCharm(world, spec, `/charms/${name}`);
  deploy(world, { ...request, base, application: name, charmUrl: url, units }, now);
}

/** Two web units and a db one; `log` sits beside any of them, by juju-info or by an endpoint of its own. */
function makeWorld(): World {
  const world = emptyWorld({ modelName: 'm', modelUuid: 'u', seed: 1 });
  add(world, 'web', 'provides: {logs: {interface: logs, scope: container}}\n', 2);
  add(world, 'db', '', 1);
  add(
    world,
    'log',
    'subordinate: true\nrequires: {host: {interface: juju-info, scope: container}, logs: {interface: logs, scope: container}}\n',
    0,
  );
  for (const id of Object.keys(world.machines))
    machineStarted(
      world,
      id,
      { hostname: `h${id}`, address: `10.0.0.${id}`, cidr: '10.0.0.0/24', macAddress: '', interfaceName: 'eth0' },
      now,
    );
  return world;
}

it('has no units until a principal enters the scope; then one beside each, on its machine', () => {
  const world = makeWorld();
  expect(charmOf(world, 'log').spec.subordinate).toBe(true);
  const relation = integrate(world, 'log:host', 'web', now);
  expect(relation.endpoints.map(({ scope }) => scope)).toEqual(['container', 'container']);
  expect(subordinatesOf(world, 'web/0')).toEqual([]);
  enterScope(world, relation.id, 'web/1', now);
  enterScope(world, relation.id, 'web/0', now);
  expect(unitOf(world, 'log/0')).toMatchObject({ principal: 'web/1', machine: '1', addressesHash: '10.0.0.1' });
  expect(unitOf(world, 'log/1')).toMatchObject({ principal: 'web/0', machine: '0' });
  // A second relation with the same principal brings no second unit.
  const second = integrate(world, 'log:logs', 'web:logs', now);
  enterScope(world, second.id, 'web/0', now);
  expect(subordinatesOf(world, 'web/0').map(({ name }) => name)).toEqual(['log/1']);
});

it('knows the container relations with its own principal only, and there sees every principal in scope', () => {
  const world = makeWorld();
  const [web, db] = ['web', 'db'].map((principal) => integrate(world, 'log:host', principal, now));
  if (web === undefined || db === undefined) throw new Error('no relation');
  for (const unit of ['web/0', 'web/1']) enterScope(world, web.id, unit, now);
  enterScope(world, db.id, 'db/0', now);
  const unit = unitOf(world, 'log/0');
  expect([concerns(web, unit), concerns(db, unit)]).toEqual([true, false]);
  enterScope(world, db.id, 'log/0', now);
  expect(db.inScope).toEqual(['db/0']);
  expect(remoteMembers(world, web.id, unit)).toEqual(['web/0', 'web/1']);
});

it.each([
  ['add-unit', (world: World) => addUnits(world, 'log', 1, now), 'application is a subordinate'],
  [
    'remove-unit',
    (world: World) => removeUnit(world, 'log/0'),
    'unit "log/0" is a subordinate, to remove use remove-relation. Note: this will remove all units of "log"',
  ],
  [
    'deploy with units',
    (world: World) =>
      add(world, 'more', 'subordinate: true\nrequires: {host: {interface: host, scope: container}}\n', 1),
    'cannot use --num-units or --to with subordinate application',
  ],
  [
    'a container relation without a subordinate',
    (world: World) => {
      add(world, 'plain', 'requires: {logs: {interface: logs, scope: container}}\n', 1);
      integrate(world, 'plain', 'web', now);
    },
    'no compatible endpoints found between applications',
  ],
  [
    'another base',
    (world: World) => {
      add(world, 'old', '', 1, 'ubuntu@22.04');
      integrate(world, 'log:host', 'old', now);
    },
    'no compatible bases found for application "log" and "old"',
  ],
])('%s is refused', (_what, change, why) => {
  const world = makeWorld();
  enterScope(world, integrate(world, 'log:host', 'web', now).id, 'web/0', now);
  expect(() => change(world)).toThrow(why);
});

it('goes with a principal that is removed by force', () => {
  const world = makeWorld();
  enterScope(world, integrate(world, 'log:host', 'web', now).id, 'web/0', now);
  unitDead(world, 'web/0');
  expect(Object.keys(world.units)).toEqual(['web/1', 'db/0']);
  expect(Object.keys(world.machines)).toEqual(['1', '2']);
});

it('goal-state shows a principal its own subordinates, and a subordinate not even itself', () => {
  const world = makeWorld();
  const { id } = integrate(world, 'log:host', 'web', now);
  for (const unit of ['web/0', 'web/1']) enterScope(world, id, unit, now);
  const listed = (unit: string) => {
    const { units, relations } = goalState(world, unit);
    return [Object.keys(units), Object.values(relations).flatMap((each) => Object.keys(each))];
  };
  expect(listed('web/0')).toEqual([
    ['web/0', 'web/1'],
    ['log', 'log/0'],
  ]);
  expect(listed('log/1')).toEqual([[], ['web', 'web/0', 'web/1']]);
});

it('is shown beneath its principal in the status, without a machine of its own', () => {
  const world = makeWorld();
  const { id } = integrate(world, 'log:host', 'web', now);
  for (const unit of ['web/0', 'web/1']) enterScope(world, id, unit, now);
  const { applications, relations } = fullStatus(world, now, '4.1');
  expect(applications.log).toMatchObject({ 'subordinate-to': ['web'], units: {}, relations: { host: ['web'] } });
  expect(applications.web?.units?.['web/1']?.subordinates).toMatchObject({
    'log/1': { machine: '', 'public-address': '10.0.0.1', subordinates: {} },
  });
  expect(relations?.find((each) => each.id === id)).toMatchObject({
    scope: 'container',
    endpoints: [
      { application: 'log', subordinate: true },
      { application: 'web', subordinate: false },
    ],
  });
});
