import {
  type World,
  applicationOf,
  deploy,
  emptyWorld,
  integrate,
  parseCharm,
  refresh,
  relationsOf,
  setConfig,
  uploadCharm,
} from '../../src/model';

const now = '2026-01-01T00:00:00.000Z';

interface Files {
  readonly metadata?: string;
  readonly config?: string;
  readonly manifest?: string;
}

const upload = (world: World, name: string, { metadata = '', ...files }: Files): string => {
  const spec = parseCharm({ metadata: `name: ${name}\nsummary: s\ndescription: d\n${metadata}`, ...files });
  return uploadCharm(world, spec, `/charms/${name}`).url;
};

const storage = (rest: string) => `storage: {data: {type: filesystem, ${rest}}}\n`;
const first: Files = {
  metadata: `peers: {ring: {interface: ring}}\nprovides: {sql: {interface: sql}, spare: {interface: spare}}\n${storage('multiple: {range: 1-4}')}`,
  config: 'options: {a: {type: string}, b: {type: int}}\n',
};

function makeWorld(): World {
  const world = emptyWorld({ modelName: 'm', modelUuid: 'u', seed: 1 });
  const request = {
    units: 1,
    base: 'ubuntu@24.04',
    channel: '',
    trust: false,
    settings: {},
    resources: {},
    placement: [],
  };
  deploy(world, { ...request, application: 'db', charmUrl: upload(world, 'db', first) }, now);
  const web = upload(world, 'web', { metadata: 'requires: {one: {interface: sql}, two: {interface: sql}}\n' });
  deploy(world, { ...request, application: 'web', charmUrl: web }, now);
  for (const endpoint of ['one', 'two']) integrate(world, `web:${endpoint}`, 'db:sql', now);
  return world;
}

const same = storage('multiple: {range: 1-4}');

it.each([
  ['an endpoint in use', { metadata: same }, 'would break relation "web:one db:sql"'],
  ['its interface', { metadata: `provides: {sql: {interface: other}}\n${same}` }, 'would break relation'],
  ['its role', { metadata: `requires: {sql: {interface: sql}}\n${same}` }, 'would break relation'],
  ['its scope', { metadata: `provides: {sql: {interface: sql, scope: container}}\n${same}` }, 'would break relation'],
  [
    'its limit',
    { metadata: `provides: {sql: {interface: sql, limit: 1}}\n${same}` },
    'new charm version imposes a maximum relation limit of 1 for db:sql which cannot be satisfied by the number of already established relations (2)',
  ],
  ['a storage that is needed', { metadata: '' }, 'required storage "data" removed'],
  [
    'its type',
    { metadata: 'storage: {data: {type: block, multiple: {range: 1-4}}}\n' },
    'existing storage "data" type changed from "filesystem" to "block"',
  ],
  [
    'its count',
    { metadata: storage('multiple: {range: 1-2}') },
    'existing storage "data" range contracted: max decreased from 4 to 2',
  ],
  [
    'its least count',
    { metadata: storage('multiple: {range: 2-4}') },
    'existing storage "data" range contracted: min increased from 1 to 2',
  ],
  [
    'being a principal',
    { metadata: 'subordinate: true\nrequires: {host: {interface: host, scope: container}}\n' },
    "cannot change an application's subordinacy",
  ],
  [
    'its base',
    { metadata: same, manifest: 'bases: [{name: ubuntu, channel: 22.04/stable}]\n' },
    'base "ubuntu@24.04" not supported by charm, the charm supported bases are: ubuntu@22.04',
  ],
] as const)('a refresh that takes away or changes %s is refused', (what, files, why) => {
  const world = makeWorld();
  const endpoints = ['provides', 'requires', 'subordinate'].some((each) => files.metadata.startsWith(each));
  const keep = endpoints || what === 'an endpoint in use' ? '' : 'provides: {sql: {interface: sql}}\n';
  const url = upload(world, 'db', { ...files, metadata: keep + files.metadata });
  expect(() => refresh(world, 'db', url, now)).toThrow(why);
  expect(applicationOf(world, 'db')).toMatchObject({ charmUrl: 'local:db-0', charmModifiedVersion: 0 });
});

it('--force goes to a charm of another base', () => {
  const world = makeWorld();
  const manifest = 'bases: [{name: ubuntu, channel: "22.04"}]\n';
  const url = upload(world, 'db', { metadata: `provides: {sql: {interface: sql}}\n${same}`, manifest });
  refresh(world, 'db', url, now, { force: true });
  expect(applicationOf(world, 'db').charmUrl).toBe('local:db-1');
});

it('another charm is refused', () => {
  const world = makeWorld();
  expect(() => refresh(world, 'db', upload(world, 'mongo', {}), now)).toThrow('cannot refresh "db" to "mongo"');
});

it('takes what is new: endpoints, peers, wider storage; unused endpoints and peers may go; settings that fit are kept', () => {
  const world = makeWorld();
  setConfig(world, 'db', { a: 'text', b: '7' });
  const url = upload(world, 'db', {
    metadata: `peers: {mesh: {interface: mesh}}\nprovides: {sql: {interface: sql, limit: 2}}\n${storage('multiple: {range: 0+}')}`,
    config: 'options: {a: {type: int}, b: {type: float}}\n',
  });
  refresh(world, 'db', url, now, { forceUnits: true });
  expect(applicationOf(world, 'db')).toMatchObject({
    charmUrl: 'local:db-1',
    charmModifiedVersion: 1,
    forceCharm: true,
    settings: { b: 7 },
  });
  expect(relationsOf(world, 'db').flatMap(({ endpoints }) => endpoints.map(({ endpoint }) => endpoint))).toContain(
    'mesh',
  );
});
