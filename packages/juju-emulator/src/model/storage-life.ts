import { statusOf } from './status';
import type { StorageInstance } from './storage';
import { allStorage, storageOfUnit } from './storage';
import type { World } from './world';

/** The unit is going: all its storage is to be detached. */
export function destroyStorageAttachments(world: World, unit: string, now: string): void {
  for (const { instance, attachment } of storageOfUnit(world, unit))
    if (attachment.life === 'alive') {
      attachment.life = 'dying';
      instance.status = statusOf('detaching', '', now);
    }
}

/** `remove-unit --destroy-storage`: what the unit has goes with it. */
export function destroyStorageOf(world: World, unit: string): void {
  for (const { instance } of storageOfUnit(world, unit)) instance.destroyWhenDetached = true;
}

/** The unit has let go of it. Without attachments it is kept, or gone if that was asked for. */
export function dropAttachment(world: World, instance: StorageInstance, unit: string, now: string): void {
  instance.attachments = instance.attachments.filter((each) => each.unit !== unit);
  if (instance.attachments.length > 0) return;
  if (instance.destroyWhenDetached) dropStorage(world, instance);
  else instance.status = statusOf('detached', '', now);
}

/** The instance is no longer in the model; the machine hosts take its data away. */
export function dropStorage(world: World, instance: StorageInstance): void {
  delete world.storage[instance.id];
}

/** The unit is gone, whatever hooks it ran. */
export function dropStorageOfUnit(world: World, unit: string, now: string): void {
  for (const { instance } of storageOfUnit(world, unit)) dropAttachment(world, instance, unit, now);
}

/** The machine is gone, and with it what cannot leave it. */
export function dropStorageOfMachine(world: World, machine: string): void {
  for (const instance of allStorage(world)) if (instance.machine === machine) dropStorage(world, instance);
}

/** The machine has it: where, and how large it turned out (MiB). */
export function storageAttached(
  world: World,
  id: string,
  unit: string,
  facts: { readonly location: string; readonly device: string; readonly size: number },
  now: string,
): void {
  const instance = world.storage[id];
  const attachment = instance?.attachments.find((each) => each.unit === unit);
  if (instance === undefined || attachment === undefined) return;
  attachment.attached = true;
  attachment.location = facts.location;
  attachment.device = facts.device;
  instance.size = facts.size;
  instance.status = statusOf(attachment.life === 'alive' ? 'attached' : 'detaching', '', now);
}

/** The machine has let go of it at last: what it said about that is over. */
export function storageReleased(world: World, id: string, now: string): void {
  const instance = world.storage[id];
  if (instance?.attachments.length === 0 && instance.status.status === 'error')
    instance.status = statusOf('detached', '', now);
}

/** The machine could not have it; the charm waits. */
export function storageFailed(world: World, id: string, message: string, now: string): void {
  const instance = world.storage[id];
  if (instance !== undefined) instance.status = statusOf('error', message, now);
}
