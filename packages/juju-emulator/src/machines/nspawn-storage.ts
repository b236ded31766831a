import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { hostCommand } from './host-command';
import { attachLoop, detachLoops } from './loop-device';
import { MachineError } from './machine-error';
import { resolveBelow } from './machine-root';
import type { AttachedStorage, StorageRequest } from './machine-storage';

/** Where the data of a model's storage are that outlive its machines. */
export const storageDir = (modelDirectory: string): string => join(modelDirectory, 'storage');

/** Frees the loop devices and removes the data of one piece of storage, or (no uuid) of all of a model. Idempotent. */
export async function removeStorageData(modelDirectory: string, uuid?: string): Promise<void> {
  const path = uuid === undefined ? storageDir(modelDirectory) : join(storageDir(modelDirectory), uuid);
  await detachLoops((image) => image === `${path}.img` || image.startsWith(`${path}/`));
  await rm(path, { recursive: true, force: true });
  await rm(`${path}.img`, { force: true });
}

/**
 * Storage of one machine. Filesystems are mounted on the host, below the machine's root: they are seen inside at once, because
 * the root is a shared mount, and a reboot finds them there. Block devices get a node in the machine's /dev.
 */
export class NspawnStorage {
  /** Block devices that every boot must bring along. */
  readonly #devices = new Map<string, string>();
  /** Memory is empty after a boot. */
  readonly #memory = new Map<string, StorageRequest>();

  constructor(
    private readonly root: string,
    /** The model's directory on the host. */
    private readonly modelDirectory: string,
    /** Pid of the container's init; 0 = not running. */
    private readonly leader: () => number,
  ) {}

  /** Options of systemd-nspawn that bring the block devices into the machine. */
  bindOptions(): string[] {
    return [...this.#devices.values()].map((device) => `--bind=${device}`);
  }

  /** Before a boot: what was in memory is gone. */
  async forgetMemory(): Promise<void> {
    for (const request of this.#memory.values()) {
      const target = this.#inside(request.mountPoint);
      if (isMounted(target)) await hostCommand('empty a memory filesystem', ['umount', '--lazy', target]);
      await this.#mount(request, ['-t', 'tmpfs', '-o', `size=${request.size}m`, 'none'], target);
    }
  }

  async attach(request: StorageRequest): Promise<AttachedStorage> {
    if (request.kind === 'block') {
      const device = await this.#device(request);
      this.#devices.set(request.uuid, device);
      await this.#addNode(device);
      return { location: device, device, size: request.size };
    }
    const target = this.#inside(request.mountPoint);
    const attached = { location: request.mountPoint, device: '' };
    if (request.backing === 'memory') {
      this.#memory.set(request.uuid, request);
      await this.#mount(request, ['-t', 'tmpfs', '-o', `size=${request.size}m`, 'none'], target);
      return { ...attached, size: request.size };
    }
    if (request.backing === 'image') {
      const device = await this.#device(request);
      await this.#makeFilesystem(device);
      await this.#mount(request, [device], target);
      return { ...attached, device, size: request.size };
    }
    const source = this.#directory(request);
    mkdirSync(source, { recursive: true, mode: 0o755 });
    if (source !== target) await this.#mount(request, ['--bind', source], target);
    const { blocks, bsize } = await statfs(source);
    const size = Math.floor((blocks * bsize) / 2 ** 20);
    if (size < request.size)
      throw new MachineError(
        'command-failed',
        'make a filesystem',
        `filesystem is not big enough (${size}M < ${request.size}M)`,
      );
    return { ...attached, size };
  }

  async detach(request: StorageRequest): Promise<void> {
    this.#memory.delete(request.uuid);
    const device = this.#devices.get(request.uuid);
    this.#devices.delete(request.uuid);
    if (device !== undefined && this.leader() > 0)
      await rm(`/proc/${this.leader()}/root${device}`, { force: true }).catch(() => undefined);
    // Not lazily: what is in use stays, as in Juju, and is tried again.
    const target = request.mountPoint === '' ? '' : resolveBelow(this.root, request.mountPoint);
    if (target !== '' && isMounted(target)) await hostCommand('unmount storage', ['umount', target]);
    if (request.backing === 'image') await detachLoops((image) => image === this.#image(request));
  }

  /** Takes the data on the machine's own disk away; those of the model are the host's. */
  async removeData(request: StorageRequest): Promise<void> {
    if (request.scope === 'machine' && request.backing === 'directory')
      await rm(this.#directory(request), { recursive: true, force: true });
  }

  #directory(request: StorageRequest): string {
    return request.scope === 'model'
      ? join(storageDir(this.modelDirectory), request.uuid)
      : join(this.root, 'var/lib/juju/storage', request.uuid);
  }

  #image(request: StorageRequest): string {
    return join(storageDir(this.modelDirectory), `${request.uuid}.img`);
  }

  async #device(request: StorageRequest): Promise<string> {
    const image = this.#image(request);
    if (!existsSync(image)) {
      mkdirSync(storageDir(this.modelDirectory), { recursive: true });
      await hostCommand('make a disk image', ['truncate', '--size', `${request.size}M`, image]);
    }
    return attachLoop(image, request.readOnly && request.kind === 'block');
  }

  /** Only on an empty device: data that are there stay. */
  async #makeFilesystem(device: string): Promise<void> {
    const found = await hostCommand('look for a filesystem', ['blkid', '-o', 'value', '-s', 'TYPE', device], {
      tolerant: true,
    });
    if (found.trim() === '') await hostCommand('make a filesystem', ['mkfs.ext4', '-q', device]);
  }

  /** The mount point's path on the host, made if need be. */
  #inside(mountPoint: string): string {
    const path = resolveBelow(this.root, mountPoint);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async #mount(request: StorageRequest, source: readonly string[], target: string): Promise<void> {
    if (isMounted(target)) return;
    if (readdirSync(target).length > 0)
      throw new MachineError('command-failed', 'mount storage', `"${request.mountPoint}" is not empty`);
    await hostCommand('mount storage', ['mount', ...source, target]);
    if (request.readOnly) await hostCommand('mount storage read-only', ['mount', '-o', 'remount,bind,ro', target]);
  }

  async #addNode(device: string): Promise<void> {
    const leader = this.leader();
    if (leader === 0) return;
    const node = `/proc/${leader}/root${device}`;
    if (existsSync(node)) return;
    const { rdev } = statSync(device);
    // makedev(3): eight bits of the minor number below twelve of the major.
    await hostCommand('make a device node', [
      ...['mknod', '-m', '660', node, 'b', String((rdev >> 8) & 0xfff), String(rdev & 0xff)],
    ]);
  }
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[1] === path);
}
