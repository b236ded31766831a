import { storageOf } from './storage';
import { makeStorage } from './storage-instance';
import { attachTo } from './storage-requests';
import type { Unit } from './unit';
import type { World } from './world';
import { applicationOf, charmOf } from './world';

/** Gives a new unit its storage: existing storage counts towards what its application's units get. */
export function giveStorage(world: World, unit: Unit, existing: readonly string[], now: string): void {
  const { spec, url } = charmOf(world, unit.application);
  world.storageCharms[unit.name] = url;
  for (const id of existing) attachTo(world, unit, spec, storageOf(world, id), now);
  for (const [name, plan] of Object.entries(applicationOf(world, unit.application).storage)) {
    const store = spec.storage[name];
    const count = plan.count - existing.filter((id) => storageOf(world, id).name === name).length;
    if (store !== undefined && count > 0) makeStorage(world, unit, spec.name, store, { ...plan, count }, now);
  }
}
