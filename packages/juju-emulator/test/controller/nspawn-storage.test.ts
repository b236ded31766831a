import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Emulator } from '../../src/index';
import { cleanLeftovers } from '../../src/machines';
import { seed } from '../support/light';
import { shellCharm } from '../support/shell-charm';

const able = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn') && existsSync('/dev/loop-control');
if (!able) console.log('skipped: storage on real machines needs root, systemd-nspawn and loop devices');

const model = `disks-${process.pid}`;
const metadata = `name: store
summary: s
description: d
storage:
  data: {type: filesystem, location: /srv/data}
  db: {type: filesystem, location: /srv/db}
  cache: {type: filesystem, location: /srv/cache}
  disk: {type: block, multiple: {range: 0-}}
  linked: {type: filesystem, location: /srv/link, multiple: {range: 0-}}
`;
const dispatch = `case $hook in
install) echo "$JUJU_UNIT_NAME" > /srv/data/owner; echo kept > /srv/db/kept; echo gone > /srv/cache/gone;;
disk-storage-attached) [ -b "$JUJU_STORAGE_LOCATION" ] || exit 1
  head -c 6 "$JUJU_STORAGE_LOCATION" > ../disk-at-start; printf on-disk | dd of="$JUJU_STORAGE_LOCATION" conv=notrunc,fsync status=none;;
esac`;

const loops = (): string =>
  execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], { encoding: 'utf8' });
const mounts = (): string => readFileSync('/proc/self/mounts', 'utf8');

(able ? describe : describe.skip)('storage on real machines', () => {
  let emulator: Emulator;
  const on = async (unit: string, command: string): Promise<string> => {
    const { stdout } = (await emulator.exec(unit, command)).results;
    return typeof stdout === 'string' ? stdout.trim() : '';
  };

  afterAll(async () => {
    await emulator.destroy();
    rmSync(`/var/lib/juju-emulator/models/${model}`, { recursive: true, force: true });
  }, 60_000);

  it('is mounted or a device, survives a reboot, moves to another machine, and leaves nothing behind', async () => {
    emulator = await Emulator.create({ seed, model, retryFactor: 0.02 });
    await emulator.deploy(shellCharm({ metadata, dispatch }), {
      storage: { data: 'rootfs', db: 'loop,20M', cache: 'tmpfs,8M', disk: 'ebs,4M' },
    });
    await emulator.settle();
    const types = 'for f in /srv/data /srv/db /srv/cache; do stat --file-system --format %T $f; done';
    const before = (await on('store/0', types)).split('\n');
    expect(before.slice(1)).toEqual(['ext2/ext3', 'tmpfs']);
    expect(await on('store/0', 'cat /srv/data/owner /srv/db/kept')).toBe('store/0\nkept');
    const device = emulator.world.storage['disk/3']?.attachments[0]?.location ?? '';
    expect(device).toMatch(/^\/dev\/loop\d+$/);
    expect(await on('store/0', `head -c 7 ${device}`)).toBe('on-disk');
    expect(emulator.world.storage['db/1']).toMatchObject({ size: 20, status: { status: 'attached' } });
    expect(emulator.world.storage['data/0']?.size).toBeGreaterThan(1024);

    // The machine's own reboot, not ours.
    await emulator.controller.machines.reboot('0');
    await emulator.settle();
    expect((await on('store/0', types)).split('\n')).toEqual(before);
    expect(await on('store/0', `cat /srv/data/owner /srv/db/kept; ls /srv/cache; head -c 7 ${device}`)).toBe(
      'store/0\nkept\non-disk',
    );

    // A link in the machine means the machine's own root: nothing is made on the host.
    await on('store/0', 'mkdir -p /inside && ln -s /inside /srv/link');
    await emulator.storage.add('store/0', 'linked', 'rootfs');
    await emulator.settle();
    const linked = emulator.world.storage['linked/4']?.attachments[0]?.location ?? '';
    expect(linked).toBe('/srv/link/linked/4');
    expect(await on('store/0', 'ls /inside/linked')).toBe('4');
    expect(existsSync('/inside')).toBe(false);

    // What is in use is not pulled away: it is tried again until it is free.
    await on('store/0', `systemd-run --unit user-of-storage --working-directory ${linked} sleep 1000`);
    await emulator.storage.detach('linked/4');
    const trying = (): boolean => emulator.controller.busyWith().some((each) => each.includes('target is busy'));
    await new Promise<void>((resolve) => emulator.controller.store.subscribe(() => trying() && resolve()));
    expect(mounts()).toContain('linked/4');
    await on('store/0', 'systemctl stop user-of-storage');
    await emulator.settle();
    expect(mounts()).not.toContain('linked/4');
    expect(emulator.world.storage['linked/4']?.status.status).toBe('detached');

    await emulator.removeUnit('store/0');
    await emulator.settle();
    // What is bound to the machine has gone with it.
    expect(Object.keys(emulator.world.storage)).toEqual(['disk/3']);
    expect(emulator.world.storage['disk/3']?.status.status).toBe('detached');
    await emulator.addUnit('store', 1, [], ['disk/3']);
    await emulator.settle();
    expect(await on('store/1', 'cat ../disk-at-start')).toBe('on-dis');
    expect(loops()).toContain(model);
    expect(mounts()).toContain('/srv/db');

    // As after a crash of the controller: what is on record is enough.
    await cleanLeftovers({ model });
    expect(loops()).not.toContain(model);
    expect(mounts()).not.toContain('/srv/db');
    expect(existsSync(`/var/lib/juju-emulator/models/${model}`)).toBe(false);
  }, 240_000);
});
