import { ModelError } from './model-error';
import type { StorageKind } from './storage-spec';
import type { World } from './world';

/** A named source of storage. */
export interface StoragePool {
  readonly name: string;
  readonly provider: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a provider can make, and how. */
export interface StorageProvider {
  readonly kinds: readonly StorageKind[];
  /** Storage of a `machine` lives and dies with its machine; storage of the `model` can go from one machine to another. */
  readonly scope: 'machine' | 'model';
  /** What is behind it: a directory, memory, or a disk image on a loop device (a filesystem is then made on that). */
  readonly backing: 'directory' | 'memory' | 'image';
}

/** What clouds call their network disks: block devices, or filesystems on them, that can be attached to another machine. */
const networkDisk: StorageProvider = { kinds: ['block', 'filesystem'], scope: 'model', backing: 'image' };

/** Provider types. The first three are Juju's own, on every cloud; the others go by the names of clouds' own. */
export const storageProviders: Readonly<Record<string, StorageProvider>> = {
  rootfs: { kinds: ['filesystem'], scope: 'machine', backing: 'directory' },
  tmpfs: { kinds: ['filesystem'], scope: 'machine', backing: 'memory' },
  loop: { kinds: ['block', 'filesystem'], scope: 'machine', backing: 'image' },
  lxd: { kinds: ['filesystem'], scope: 'model', backing: 'directory' },
  ebs: networkDisk,
  gce: networkDisk,
  cinder: networkDisk,
  azure: networkDisk,
  maas: networkDisk,
};

/** Pools that clouds bring beside those named as their provider; not listed, as only one cloud has each of them. */
const cloudPools: Readonly<Record<string, StoragePool>> = {
  'ebs-ssd': { name: 'ebs-ssd', provider: 'ebs', attributes: { 'volume-type': 'ssd' } },
};

/** Pools of a model that has just been made. */
export const defaultStoragePools = (): Record<string, StoragePool> =>
  Object.fromEntries(
    ['loop', 'rootfs', 'tmpfs'].map((name) => [name, { name, provider: name, attributes: {} }] as const),
  );

/** Pool that storage comes from when nobody names one. */
export const defaultPool = (kind: StorageKind): string => (kind === 'filesystem' ? 'rootfs' : 'loop');

/** A pool by its name; a provider's name stands for a pool without attributes. */
export function storagePool(world: World, name: string): StoragePool {
  const pool = world.storagePools[name] ?? cloudPools[name];
  if (pool !== undefined) return pool;
  if (storageProviders[name] !== undefined) return { name, provider: name, attributes: {} };
  throw new ModelError('not-found', 'find storage pool', `storage pool "${name}" not found`);
}

/** Defines a pool. */
export function createStoragePool(
  world: World,
  name: string,
  provider: string,
  attributes: Readonly<Record<string, string>>,
): void {
  const refuse = (code: 'not-valid' | 'not-found' | 'already-exists', why: string): never => {
    throw new ModelError(code, 'create storage pool', why);
  };
  if (!/^[a-zA-Z]+[-?a-zA-Z0-9]*$/.test(name)) refuse('not-valid', `pool name "${name}" not valid`);
  if (storageProviders[provider] === undefined) refuse('not-found', `storage provider "${provider}" not found`);
  if (world.storagePools[name] !== undefined) refuse('already-exists', `storage pool "${name}" already exists`);
  world.storagePools[name] = { name, provider, attributes: { ...attributes } };
}

/** Forgets a pool. */
export function removeStoragePool(world: World, name: string): void {
  storagePool(world, name);
  const user = Object.values(world.storage).find((instance) => instance.pool === name);
  if (user !== undefined) throw new ModelError('refused', 'remove storage pool', `storage pool "${name}" in use`);
  delete world.storagePools[name];
}
