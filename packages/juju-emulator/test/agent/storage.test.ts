import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '../../src/index';
import { destroyAll, lightEmulator, runsOf } from '../support/light';
import { scratchDirectory } from '../support/scratch';
import { shellCharm } from '../support/shell-charm';

const record = join(scratchDirectory('storage'), 'record');

afterEach(async () => {
  await destroyAll();
  rmSync(record, { force: true });
});

const metadata = `name: store
summary: s
description: d
storage:
  data: {type: filesystem, location: /srv/data}
  extra: {type: filesystem, multiple: {range: 0-}, minimum-size: 10M}
  disk: {type: block, multiple: {range: 0-1}}
`;
const dispatch = `case $hook in
*-storage-*) echo "$JUJU_UNIT_NAME $hook $JUJU_STORAGE_ID $JUJU_STORAGE_KIND $(storage-get location)" >> ${record};;
stop) echo "$JUJU_UNIT_NAME stop $(storage-list | tr '\\n' ' ')" >> ${record};;
esac`;
const charm = (): string => shellCharm({ metadata, dispatch });
const recorded = (): string[] =>
  readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim());

const location = (emulator: Emulator, id: string): string => emulator.world.storage[id]?.attachments[0]?.location ?? '';
const storageStatus = (emulator: Emulator): Record<string, string> =>
  Object.fromEntries(Object.values(emulator.world.storage).map(({ id, status }) => [id, status.status]));

describe('storage at deploy', () => {
  it('is attached before install, with its own hooks, environment and tools', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { storage: { extra: 'rootfs,10M,2', disk: 'loop,1M' } });
    await emulator.settle();
    const runs = runsOf(emulator, 'store/0');
    expect(runs.slice(0, 4).sort()).toEqual([
      'data-storage-attached',
      'disk-storage-attached',
      'extra-storage-attached',
      'extra-storage-attached',
    ]);
    expect(runs.slice(4)).toEqual(['install', 'leader-elected', 'config-changed', 'start']);
    expect(recorded().sort()).toEqual(
      [
        `store/0 data-storage-attached data/0 filesystem ${location(emulator, 'data/0')}`,
        `store/0 extra-storage-attached extra/1 filesystem ${location(emulator, 'extra/1')}`,
        `store/0 extra-storage-attached extra/2 filesystem ${location(emulator, 'extra/2')}`,
        `store/0 disk-storage-attached disk/3 block ${location(emulator, 'disk/3')}`,
      ].sort(),
    );
    expect(location(emulator, 'data/0')).toMatch(/\/srv\/data$/);
    expect(statSync(location(emulator, 'data/0')).isDirectory()).toBe(true);
    expect(statSync(location(emulator, 'disk/3')).size).toBe(2 ** 20);
    expect(storageStatus(emulator)).toEqual({
      'data/0': 'attached',
      'extra/1': 'attached',
      'extra/2': 'attached',
      'disk/3': 'attached',
    });
  });

  it('is refused where the charm does not fit: nothing is deployed', async () => {
    const emulator = await lightEmulator();
    const refused = (storage: Record<string, string>) => emulator.deploy(charm(), { storage });
    await expect(refused({ nope: '1G' })).rejects.toThrow('charm "store" has no store called "nope"');
    await expect(refused({ data: '2' })).rejects.toThrow(
      'charm "store" store "data": at most 1 instances supported, 2 specified',
    );
    await expect(refused({ extra: '5M' })).rejects.toThrow('minimum storage size is 10 MiB, 5.0 MiB specified');
    await expect(refused({ disk: 'rootfs' })).rejects.toThrow('"rootfs" provider does not support "block" storage');
    await expect(refused({ data: 'nowhere' })).rejects.toThrow('storage pool "nowhere" not found');
    expect(emulator.world.applications).toEqual({});
    expect(emulator.world.storage).toEqual({});
  });
});

describe('storage of a running unit', () => {
  it('is added by the operator and by the charm, and detached with its hook before it leaves', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm());
    await emulator.settle();
    expect(await emulator.storage.add('store/0', 'extra', 'rootfs,10M,2')).toEqual(['extra/1', 'extra/2']);
    await emulator.settle();
    await emulator.exec('store/0', 'storage-add extra');
    await emulator.settle();
    expect(Object.keys(storageStatus(emulator))).toEqual(['data/0', 'extra/1', 'extra/2', 'extra/3']);
    const place = location(emulator, 'extra/2');
    await emulator.storage.detach('extra/2');
    await emulator.settle();
    expect(recorded().at(-1)).toBe(`store/0 extra-storage-detaching extra/2 filesystem ${place}`);
    expect(existsSync(place)).toBe(false);
    expect(storageStatus(emulator)['extra/2']).toBe('detached');
    expect((await emulator.exec('store/0', 'storage-list')).results).toMatchObject({
      stdout: 'data/0\nextra/1\nextra/3\n',
    });
  });

  it('keeps what the charm needs: its last instance is not detached', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm());
    await emulator.settle();
    await expect(emulator.storage.detach('data/0')).rejects.toThrow(
      'detaching storage "data/0" attachment 0: removing storage from unit would violate charm storage "data" requirements of having minimum 1 storage instances',
    );
    await expect(emulator.storage.remove('data/0')).rejects.toThrow('storage is attached');
    await expect(emulator.storage.detach('data/9')).rejects.toThrow('storage "data/9" does not exist');
    await expect(emulator.storage.add('store/0', 'data')).rejects.toThrow('cannot exceed 1 storage instances');
    await expect(emulator.storage.add('store/0', 'nope')).rejects.toThrow('charm storage "nope" not found');
    expect(storageStatus(emulator)).toEqual({ 'data/0': 'attached' });
  });

  it('removed by force is told to the charm first, and its data are gone', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { storage: { extra: '1' } });
    await emulator.settle();
    await emulator.storage.remove('extra/1', { force: true });
    await emulator.settle();
    expect(recorded().at(-1)).toContain('extra-storage-detaching extra/1');
    expect(Object.keys(emulator.world.storage)).toEqual(['data/0']);
  });

  it('is there after a reboot; memory is empty', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { storage: { extra: 'tmpfs,10M' } });
    await emulator.settle();
    writeFileSync(join(location(emulator, 'data/0'), 'kept'), 'kept');
    await emulator.controller.machines.reboot('0');
    await emulator.settle();
    expect(readFileSync(join(location(emulator, 'data/0'), 'kept'), 'utf8')).toBe('kept');
    expect(runsOf(emulator, 'store/0').at(-1)).toBe('start');
  });
});

describe('storage that cannot be made', () => {
  it('says why, keeps its unit waiting, and is tried again', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch: 'exit 0' }));
    await emulator.settle();
    const { jujuDir } = emulator.machineOf('tiny/0');
    const inTheWay = join(jujuDir, '../../../srv/data');
    mkdirSync(join(inTheWay, 'old'), { recursive: true });
    const said = new Promise<string>((resolve) =>
      emulator.controller.store.subscribe(() => {
        const status = emulator.world.storage['data/0']?.status;
        if (status?.status === 'error') resolve(status.message);
      }),
    );
    await emulator.deploy(charm(), { to: ['0'] });
    expect(await said).toBe('"/srv/data" is not empty');
    expect(emulator.controller.busyWith()).toContain('storage data/0 is tried again: "/srv/data" is not empty');
    // Meanwhile its agent has nothing to do: no hook runs before all storage is there.
    const { controller } = emulator;
    const rested = (): boolean => controller.busyWith().every((each) => each.startsWith('storage data/0'));
    while (!rested()) await new Promise((resolve) => setImmediate(resolve));
    expect(controller.agent('store/0').rest).toBe('waiting');
    rmSync(inTheWay, { recursive: true });
    await emulator.settle();
    expect(runsOf(emulator, 'store/0').slice(0, 2)).toEqual(['data-storage-attached', 'install']);
  });
});

describe('a refreshed charm', () => {
  const next = (storage: string): string =>
    shellCharm({ metadata: `name: store\nsummary: s\ndescription: d\nstorage:\n${storage}`, dispatch });

  it('gives new units what it declares; units from before cannot add storage, as on the recorded controller', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { storage: { data: 'rootfs,2G' } });
    await emulator.settle();
    await emulator.refresh(
      'store',
      next(
        '  data: {type: filesystem, location: /srv/data}\n  more: {type: filesystem}\n  extra: {type: filesystem, multiple: {range: 0-}}\n',
      ),
    );
    await emulator.settle();
    await expect(emulator.storage.add('store/0', 'extra')).rejects.toThrow('storage name not supported');
    await emulator.addUnit('store');
    await emulator.settle();
    expect(Object.values(emulator.world.storage).map(({ id, size }) => [id, size])).toEqual([
      ['data/0', 2048],
      ['data/1', 2048],
      ['more/2', 1024],
    ]);
    expect(await emulator.storage.add('store/1', 'extra')).toEqual(['extra/3']);
  });

  it('is refused where it drops or changes storage that is in use', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm());
    await emulator.settle();
    await expect(emulator.refresh('store', next('  other: {type: filesystem}\n'))).rejects.toThrow(
      'required storage "data" removed',
    );
    await expect(emulator.refresh('store', next('  data: {type: block}\n'))).rejects.toThrow(
      'existing storage "data" type changed from "filesystem" to "block"',
    );
    expect(emulator.world.applications.store?.charmUrl).toBe('local:store-0');
  });
});

describe('storage of a unit that goes', () => {
  it('is kept with its data and attached to another unit, also on another machine if its pool can move', async () => {
    const emulator = await lightEmulator();
    await emulator.storage.createPool('fast', 'lxd');
    await emulator.deploy(charm(), { storage: { data: 'fast,1G' } });
    await emulator.settle();
    writeFileSync(join(location(emulator, 'data/0'), 'kept'), 'kept');
    await emulator.removeUnit('store/0');
    await emulator.settle();
    // The hook comes before stop, where it is not listed any more.
    expect(recorded().slice(-2)).toEqual([
      expect.stringMatching(/^store\/0 data-storage-detaching data\/0 filesystem /),
      'store/0 stop',
    ]);
    expect(emulator.world.machines).toEqual({});
    expect(storageStatus(emulator)).toEqual({ 'data/0': 'detached' });
    expect(await emulator.addUnit('store', 1, [], ['data/0'])).toEqual(['store/1']);
    await emulator.settle();
    expect(storageStatus(emulator)).toEqual({ 'data/0': 'attached' });
    expect(runsOf(emulator, 'store/1').slice(0, 2)).toEqual(['data-storage-attached', 'install']);
    expect(readFileSync(join(location(emulator, 'data/0'), 'kept'), 'utf8')).toBe('kept');
    await expect(emulator.storage.attach('store/1', 'data/0')).rejects.toThrow(
      'storage "data/0" is already attached to unit "store/1"',
    );
  });

  it('is kept on its machine, but does not go to another and goes with its machine', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { units: 2 });
    await emulator.deploy(shellCharm({ dispatch: 'exit 0' }), { to: ['0'] });
    await emulator.settle();
    await emulator.removeUnit('store/0');
    await emulator.removeUnit('store/1');
    await emulator.settle();
    expect(storageStatus(emulator)).toEqual({ 'data/0': 'detached' });
    await expect(emulator.addUnit('store', 1, [], ['data/0'])).rejects.toThrow(
      'storage "data/0" is bound to a different machine than unit "store/2"',
    );
    await emulator.addUnit('store', 1, ['0'], ['data/0']);
    await emulator.settle();
    expect(storageStatus(emulator)).toEqual({ 'data/0': 'attached' });
  });

  it('goes with it when that is asked for, and when the unit is forced out it is kept', async () => {
    const emulator = await lightEmulator();
    await emulator.storage.createPool('fast', 'lxd');
    await emulator.deploy(charm(), { storage: { data: 'fast' }, units: 2 });
    await emulator.settle();
    await emulator.removeUnit('store/0', { destroyStorage: true });
    await emulator.removeUnit('store/1', { force: true });
    await emulator.settle();
    expect(storageStatus(emulator)).toEqual({ 'data/1': 'detached' });
    await emulator.storage.remove('data/1');
    await emulator.settle();
    expect(emulator.world.storage).toEqual({});
  });
});
