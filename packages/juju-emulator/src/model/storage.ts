import type { Life } from './life';
import { ModelError } from './model-error';
import type { StatusInfo } from './status';
import type { StorageKind } from './storage-spec';
import type { World } from './world';

/** A storage instance on one unit. */
export interface StorageAttachment {
  readonly unit: string;
  readonly machine: string;
  /** Where the charm asked for it; empty for a block device, whose path is known when it is there. */
  readonly mountPoint: string;
  life: Life;
  /** It is there, on the machine. */
  attached: boolean;
  /** Path on the machine, once attached. */
  location: string;
  /** The block device behind it, once attached; empty without one. */
  device: string;
}

/** One filesystem or block device of the model. */
export interface StorageInstance {
  /** `data/0`: the number counts in the whole model. */
  readonly id: string;
  readonly name: string;
  readonly kind: StorageKind;
  readonly uuid: string;
  /** Name of the charm that it was made for. */
  readonly charm: string;
  readonly pool: string;
  readonly provider: string;
  /** The machine that it cannot leave; null when it can, or is not placed yet. */
  machine: string | null;
  /** MiB: as asked for, then as it is. */
  size: number;
  readonly readOnly: boolean;
  /** Numbers of the filesystem and of the volume that make it up; null where there is none. */
  readonly filesystem: number | null;
  readonly volume: number | null;
  life: Life;
  /** Goes for good when its last attachment goes. */
  destroyWhenDetached: boolean;
  /** `--no-destroy`: forgotten, but its data are left where they are. */
  keepData: boolean;
  status: StatusInfo;
  attachments: StorageAttachment[];
}

/** The instance, or Juju's words for its absence. */
export function storageOf(world: World, id: string): StorageInstance {
  const instance = world.storage[id];
  if (instance === undefined) throw new ModelError('not-found', 'find storage', `storage "${id}" does not exist`);
  return instance;
}

const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf('/') + 1));

/** All instances by number. */
export const allStorage = (world: World): StorageInstance[] =>
  Object.values(world.storage).sort((a, b) => numberOf(a.id) - numberOf(b.id));

/** A unit's attachments with their instances, by number. */
export function storageOfUnit(
  world: World,
  unit: string,
): { readonly instance: StorageInstance; readonly attachment: StorageAttachment }[] {
  return allStorage(world).flatMap((instance) => {
    const attachment = instance.attachments.find((each) => each.unit === unit);
    return attachment === undefined ? [] : [{ instance, attachment }];
  });
}
