import type { CharmSpec } from './charm';
import { ModelError } from './model-error';
import { statusOf } from './status';
import type { StorageInstance } from './storage';
import { storageOf, storageOfUnit } from './storage';
import type { StorageDirective } from './storage-directive';
import { addAttachment, makeStorage } from './storage-instance';
import { dropAttachment, dropStorage } from './storage-life';
import { planStorage } from './storage-plan';
import type { StorageSpec } from './storage-spec';
import type { Unit } from './unit';
import type { World } from './world';
import { applicationOf, charmOf, unitUuid } from './world';

const refuse = (operation: string, message: string): never => {
  throw new ModelError('refused', operation, message);
};

function aliveUnit(world: World, name: string): Unit {
  const unit = world.units[name];
  if (unit === undefined) throw new ModelError('not-found', 'find unit', `unit "${name}" does not exist`);
  if (unit.life !== 'alive') refuse('change storage', `unit "${name}" is not alive`);
  return unit;
}

const countOf = (world: World, unit: string, name: string): number =>
  storageOfUnit(world, unit).filter(({ instance, attachment }) => instance.name === name && attachment.life === 'alive')
    .length;

function checkMaximum(world: World, unit: string, spec: StorageSpec, more: number): void {
  if (spec.countMax >= 0 && countOf(world, unit, spec.name) + more > spec.countMax)
    throw new ModelError(
      'not-valid',
      'add storage',
      `storage "${spec.name}" cannot exceed ${spec.countMax} storage instances`,
    );
}

/** `add-storage`, and the hook tool: more instances for a unit. Returns their ids. */
export function addStorage(
  world: World,
  unitName: string,
  name: string,
  directive: StorageDirective,
  now: string,
): string[] {
  const unit = aliveUnit(world, unitName);
  const charm = charmOf(world, unit.application).spec;
  const spec = charm.storage[name];
  if (spec === undefined) throw new ModelError('not-found', 'add storage', `charm storage "${name}" not found`);
  // Recorded on a 4.1 controller: what a unit's storage is to be like is kept by charm, and a refresh does not bring it along.
  if (unit.charmUrl !== '' && world.storageCharms[unitName] !== unit.charmUrl)
    throw new ModelError(
      'not-valid',
      'add storage',
      `getting unit "${unitUuid(world, unitName)}" storage directive: storage name not supported`,
    );
  checkMaximum(world, unitName, spec, directive.count);
  const usual = applicationOf(world, unit.application).storage[name];
  const merged: StorageDirective = {
    pool: directive.pool === '' ? (usual?.pool ?? '') : directive.pool,
    size: directive.size === 0 ? (usual?.size ?? 0) : directive.size,
    count: directive.count,
  };
  return makeStorage(world, unit, charm.name, spec, planStorage(world, charm.name, spec, merged), now);
}

/** `attach-storage`, `--attach-storage`: existing storage for a unit. */
export function attachStorage(world: World, unitName: string, id: string, now: string): void {
  const unit = aliveUnit(world, unitName);
  attachTo(world, unit, charmOf(world, unit.application).spec, storageOf(world, id), now);
}

/** As `attachStorage`, for a unit that is being made. */
export function attachTo(world: World, unit: Unit, charm: CharmSpec, instance: StorageInstance, now: string): void {
  const { id } = instance;
  const no = (why: string): never => refuse('attach storage', why);
  if (instance.life !== 'alive') no(`storage "${id}" is not alive`);
  const spec = charm.storage[instance.name];
  if (spec === undefined)
    throw new ModelError(
      'not-valid',
      'attach storage',
      `storage "${id}" not supported by the charm of unit "${unit.name}"`,
    );
  if (instance.charm !== charm.name) no(`storage "${id}" was created for a different charm than unit "${unit.name}"`);
  if (instance.kind !== spec.kind)
    no(`storage "${id}" kind is not compatible with the charm storage definition of unit "${unit.name}"`);
  if (instance.size < spec.minimumSize)
    no(`storage "${id}" size does not meet the charm storage minimum size requirement of unit "${unit.name}"`);
  if (instance.attachments.some((each) => each.unit === unit.name))
    no(`storage "${id}" is already attached to unit "${unit.name}"`);
  if (spec.countMax >= 0 && countOf(world, unit.name, spec.name) >= spec.countMax)
    no(
      `attaching storage "${id}" would exceed the maximum count of ${spec.countMax} for storage definition "${spec.name}" of unit "${unit.name}"`,
    );
  if (instance.attachments.length > 0)
    no(
      `storage "${id}" already has attachments but the charm storage definition of unit "${unit.name}" does not support shared access`,
    );
  if (instance.machine !== null && instance.machine !== unit.machine)
    no(`storage "${id}" is bound to a different machine than unit "${unit.name}"`);
  addAttachment(unit, instance, spec, now);
}

/** `detach-storage`: the units' charms are told, then it goes; with `force` it goes at once. */
export function detachStorage(world: World, id: string, force: boolean, now: string): void {
  const instance = storageOf(world, id);
  instance.attachments.forEach((attachment, index) => {
    const unit = world.units[attachment.unit];
    const spec = unit === undefined ? undefined : charmOf(world, unit.application).spec.storage[instance.name];
    const no = (why: string): never =>
      refuse('detach storage', `detaching storage "${id}" attachment ${index}: ${why}`);
    if (unit !== undefined && unit.life !== 'alive') no(`storage's attached unit must be alive to remove`);
    if (
      spec !== undefined &&
      attachment.life === 'alive' &&
      countOf(world, attachment.unit, spec.name) <= spec.countMin
    )
      no(
        `removing storage from unit would violate charm storage "${spec.name}" requirements of having minimum ${spec.countMin} storage instances`,
      );
  });
  endAttachments(world, instance, force, now);
}

/** `remove-storage`. Attached storage goes only with `force`; its charms are told before. */
export function removeStorage(
  world: World,
  id: string,
  options: { readonly force: boolean; readonly destroy: boolean },
  now: string,
): void {
  const instance = storageOf(world, id);
  if (instance.attachments.length > 0 && !options.force) refuse('remove storage', 'storage is attached');
  instance.life = 'dying';
  instance.destroyWhenDetached = true;
  instance.keepData = !options.destroy;
  if (instance.attachments.length === 0) dropStorage(world, instance);
  else endAttachments(world, instance, false, now);
}

function endAttachments(world: World, instance: StorageInstance, force: boolean, now: string): void {
  for (const attachment of [...instance.attachments]) {
    if (attachment.life === 'alive') attachment.life = 'dying';
    if (force) dropAttachment(world, instance, attachment.unit, now);
    else instance.status = statusOf('detaching', '', now);
  }
}
