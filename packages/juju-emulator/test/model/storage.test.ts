import fc from 'fast-check';
import {
  addUnits,
  attachStorage,
  createStoragePool,
  deploy,
  destroyStorageAttachments,
  detachStorage,
  dropAttachment,
  emptyWorld,
  formatSize,
  fullStatus,
  parseCharm,
  parseSize,
  parseStorageDirective,
  parseStorageDirectives,
  removeStorage,
  removeStoragePool,
  removeUnit,
  storageAttached,
  storageList,
  unitDead,
  uploadCharm,
  type World,
} from '../../src/model';

const now = '2026-01-01T00:00:00.000Z';
const fcSeed = Number(process.env.FC_SEED ?? Math.trunc(Math.random() * 2 ** 31));
process.stdout.write(`model/storage.test.ts: FC_SEED=${fcSeed}\n`);

const storage = (section: string) =>
  parseCharm({ metadata: `name: c\nsummary: s\ndescription: d\nstorage:\n${section}` }).storage;

function makeWorld(section: string, request: { units?: number; storage?: Record<string, string> } = {}): World {
  const world = emptyWorld({ modelName: 'm', modelUuid: 'uuid', seed: 1 });
  const charm = uploadCharm(
    world,
    parseCharm({ metadata: `name: c\nsummary: s\ndescription: d\nstorage:\n${section}` }),
    '/charm',
  );
  deploy(
    world,
    {
      application: 'c',
      charmUrl: charm.url,
      units: request.units ?? 1,
      base: 'ubuntu@24.04',
      channel: '',
      trust: false,
      settings: {},
      resources: {},
      placement: [],
      storage: Object.fromEntries(
        Object.entries(request.storage ?? {}).map(([name, text]) => [name, parseStorageDirective(text)]),
      ),
    },
    now,
  );
  return world;
}
const attachAll = (world: World): void => {
  for (const { id, attachments, size } of Object.values(world.storage))
    for (const { unit } of attachments)
      storageAttached(world, id, unit, { location: `/at/${id}`, device: '', size }, now);
};

describe('the storage section of metadata.yaml', () => {
  it('has Juju’s defaults, counts and sizes', () => {
    expect(storage('  a: {type: filesystem}\n').a).toEqual({
      name: 'a',
      kind: 'filesystem',
      description: '',
      shared: false,
      readOnly: false,
      countMin: 1,
      countMax: 1,
      minimumSize: 0,
      location: '',
    });
    const counts = (range: string) => {
      const spec = storage(`  a: {type: block, multiple: {range: ${range}}}\n`).a;
      return [spec?.countMin, spec?.countMax];
    };
    expect(['0-', '1+', '2-5', '3', '"0-1"'].map(counts)).toEqual([
      [0, -1],
      [1, -1],
      [2, 5],
      [3, 3],
      [0, 1],
    ]);
    expect(storage('  a: {type: block, minimum-size: 1.5G}\n').a?.minimumSize).toBe(1536);
  });

  it.each([
    ['  a: {location: /x}\n', 'charm "c" storage "a": type must be specified'],
    ['  a: {type: block, location: /x}\n', 'location may not be specified for "type: block"'],
    ['  a: {type: tape}\n', 'unexpected value "tape"'],
    ['  a: {type: block, multiple: {range: a-b}}\n', "does not match 'm', 'm-n', or 'm+'"],
    ['  a: {type: block, multiple: {range: 0}}\n', 'invalid maximum count 0'],
    ['  a: {type: block, minimum-size: lots}\n', 'expected a non-negative number'],
  ])('%j is refused', (section, words) => {
    expect(() => storage(section)).toThrow(words);
  });
});

describe('directives', () => {
  it('take pool, size and count in any order', () => {
    expect(parseStorageDirective('p,1G')).toEqual({ pool: 'p', size: 1024, count: 1 });
    expect(parseStorageDirective('3,p,0.125P')).toEqual({ pool: 'p', size: 2 ** 27, count: 3 });
    expect(parseStorageDirective('2')).toEqual({ pool: '', size: 0, count: 2 });
    expect(parseStorageDirectives(['a', 'b=loop'])).toEqual({
      a: { pool: '', size: 0, count: 1 },
      b: { pool: 'loop', size: 0, count: 1 },
    });
  });

  it.each([
    ['', 'storage directives require at least one field to be specified'],
    [',', 'storage directives require at least one field to be specified'],
    ['p,00,1M', 'cannot parse count: count must be greater than zero, got "00"'],
    ['p,-1M', 'cannot parse size: expected a non-negative number, got "-1M"'],
    ['a,b', 'pool name is already set to "a", new value "b" not valid'],
    ['1,2', 'storage instance count is already set to 1, new value 2 not valid'],
    ['1M,2M', 'storage size is already set to 1, new value 2 not valid'],
    ['p,$1', 'unrecognized storage directive "$1" not valid'],
  ])('%j is refused', (text, words) => {
    expect(() => parseStorageDirective(text)).toThrow(words);
  });

  it('a size that is printed reads as the same size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.constantFrom('M', 'G', 'T', 'P'), (count, unit) => {
        const size = parseSize(`${count}${unit}`) ?? -1;
        expect(size).toBe(count * 1024 ** 'MGTP'.indexOf(unit));
        if (count > 0) expect(formatSize(size)).toBe(`${count}.0 ${unit}iB`);
      }),
      { seed: fcSeed },
    );
    expect([formatSize(10), formatSize(1536), formatSize(1023)]).toEqual(['10 MiB', '1.5 GiB', '1023 MiB']);
  });
});

describe('storage in the model', () => {
  const section = '  data: {type: filesystem, minimum-size: 100M}\n  disk: {type: block, multiple: {range: 0-2}}\n';

  it('is numbered over all names and units, with a filesystem and a volume where it has one', () => {
    const world = makeWorld(section, { units: 2, storage: { data: 'loop,200M', disk: '2' } });
    expect(
      Object.values(world.storage).map(({ id, filesystem, volume, size, pool, attachments }) => [
        ...[id, filesystem, volume, size, pool, attachments[0]?.unit],
      ]),
    ).toEqual([
      ['data/0', 0, 0, 200, 'loop', 'c/0'],
      ['disk/1', null, 1, 1024, 'loop', 'c/0'],
      ['disk/2', null, 2, 1024, 'loop', 'c/0'],
      ['data/3', 1, 3, 200, 'loop', 'c/1'],
      ['disk/4', null, 4, 1024, 'loop', 'c/1'],
      ['disk/5', null, 5, 1024, 'loop', 'c/1'],
    ]);
  });

  it('has no place until it is attached, and is told with it in status but not in the list of filesystems', () => {
    const world = makeWorld(section);
    expect(storageList(world).storage[0]?.attachments?.['unit-c-0']).not.toHaveProperty('location');
    attachAll(world);
    expect(storageList(world).storage[0]?.attachments?.['unit-c-0']).toMatchObject({ location: '/at/data/0' });
    const units = (list: { storage?: { attachments?: object } } | undefined) => list?.storage?.attachments;
    expect(units(storageList(world).filesystems[0])).toEqual({
      'unit-c-0': { 'storage-tag': 'storage-data-0', 'unit-tag': 'unit-c-0', 'machine-tag': 'machine-0' },
    });
    expect(units(fullStatus(world, now, '4').filesystems?.[0])).toMatchObject({
      'unit-c-0': { location: '/at/data/0', life: 'alive' },
    });
  });

  it('stays when its unit lets go, and goes when that was asked for', () => {
    const world = makeWorld(section, { units: 2 });
    createStoragePool(world, 'fast', 'lxd', {});
    attachAll(world);
    removeUnit(world, 'c/0');
    destroyStorageAttachments(world, 'c/0', now);
    const kept = world.storage['data/0'];
    expect(kept?.status.status).toBe('detaching');
    if (kept !== undefined) dropAttachment(world, kept, 'c/0', now);
    expect(kept?.status.status).toBe('detached');
    removeUnit(world, 'c/1', true);
    unitDead(world, 'c/1', now);
    expect(Object.keys(world.storage)).toEqual(['data/0']);
    // It cannot leave its machine, and goes with it.
    expect(() => addUnits(world, 'c', 1, now, [], ['data/0'])).toThrow('bound to a different machine');
    unitDead(world, 'c/0', now);
    expect(world.storage).toEqual({});
  });

  it('is attached only where it fits', () => {
    const world = makeWorld(section, { units: 2, storage: { data: 'lxd', disk: 'ebs,2' } });
    attachAll(world);
    const refused = (unit: string, id: string, words: string) =>
      expect(() => attachStorage(world, unit, id, now)).toThrow(words);
    refused('c/0', 'data/9', 'storage "data/9" does not exist');
    refused('c/9', 'data/0', 'unit "c/9" does not exist');
    refused('c/0', 'data/0', 'storage "data/0" is already attached to unit "c/0"');
    refused('c/1', 'data/0', 'attaching storage "data/0" would exceed the maximum count of 1');
    detachStorage(world, 'disk/1', true, now);
    refused('c/1', 'disk/1', 'attaching storage "disk/1" would exceed the maximum count of 2');
    removeStorage(world, 'disk/4', { force: true, destroy: true }, now);
    removeUnit(world, 'c/1');
    refused('c/1', 'disk/1', 'unit "c/1" is not alive');
  });

  it.each(['ebs-ssd', 'gce', 'cinder', 'azure', 'maas', 'ebs'])('pool %s is there without being made', (pool) => {
    const world = makeWorld(section, { storage: { disk: `${pool},10G` } });
    expect(world.storage['disk/1']).toMatchObject({ pool, size: 10_240, machine: null });
    expect(Object.keys(world.storagePools)).toEqual(['loop', 'rootfs', 'tmpfs']);
  });

  it('pools: names are unique, providers known, those in use stay', () => {
    const world = makeWorld(section, { storage: { data: 'loop' } });
    expect(() => createStoragePool(world, 'loop', 'loop', {})).toThrow('storage pool "loop" already exists');
    expect(() => createStoragePool(world, '1x', 'loop', {})).toThrow('pool name "1x" not valid');
    expect(() => removeStoragePool(world, 'loop')).toThrow('storage pool "loop" in use');
    removeStoragePool(world, 'tmpfs');
    expect(Object.keys(world.storagePools)).toEqual(['loop', 'rootfs']);
  });
});
