import { ModelError } from './model-error';
import { removeRelationIfEmpty, setRelationDying } from './relate';
import { isPeer } from './relation';
import { dropApplicationSecrets, dropUnitSecrets } from './secret-changes';
import { destroyStorageOf, dropStorageOfMachine, dropStorageOfUnit } from './storage-life';
import { removalRefusal, subordinatesOf } from './subordinates';
import type { World } from './world';
import { applicationOf, relationsOf, unitOf, unitsOf } from './world';

/** `juju remove-unit`: refused for a unit that comes and goes with its principal. */
export function removeUnit(world: World, name: string, destroyStorage = false): void {
  const refusal = removalRefusal(unitOf(world, name));
  if (refusal !== undefined) throw new ModelError('refused', 'remove unit', refusal);
  destroyUnit(world, name, destroyStorage);
}

/** Marks a unit as going; its agent does the rest. Units that never installed are gone when their agent says so. */
export function destroyUnit(world: World, name: string, destroyStorage = false): void {
  const unit = unitOf(world, name);
  if (destroyStorage) destroyStorageOf(world, name);
  if (unit.life === 'alive') unit.life = 'dying';
}

/** Marks an application, its units and its relations as going. With no units it is gone at once. */
export function removeApplication(world: World, name: string, destroyStorage = false): void {
  const application = applicationOf(world, name);
  if (application.life === 'alive') application.life = 'dying';
  for (const unit of unitsOf(world, name)) destroyUnit(world, unit.name, destroyStorage);
  for (const relation of relationsOf(world, name)) if (!isPeer(relation)) setRelationDying(world, relation);
  removeApplicationIfEmpty(world, name);
}

/** The unit's agent has finished (or the operator forced it): it leaves every scope and is gone. */
export function unitDead(world: World, name: string, now?: string): void {
  const unit = world.units[name];
  if (unit === undefined) return;
  dropStorageOfUnit(world, name, now ?? unit.agentStatus.since);
  dropUnitSecrets(world, name);
  // By force: what sits beside it cannot stay.
  for (const subordinate of subordinatesOf(world, name)) unitDead(world, subordinate.name, now);
  delete world.units[name];
  delete world.unitResources[name];
  delete world.storageCharms[name];
  for (const relation of relationsOf(world, unit.application)) {
    relation.inScope = relation.inScope.filter((member) => member !== name);
    removeRelationIfEmpty(world, relation);
  }
  const application = world.applications[unit.application];
  if (application?.leader === name) application.leader = null;
  removeApplicationIfEmpty(world, unit.application);
  // A machine that loses its last unit is removed as well.
  if (Object.values(world.units).some((other) => other.machine === unit.machine)) return;
  dropStorageOfMachine(world, unit.machine);
  delete world.machines[unit.machine];
}

function removeApplicationIfEmpty(world: World, name: string): void {
  const application = world.applications[name];
  if (application === undefined || application.life === 'alive' || unitsOf(world, name).length > 0) return;
  for (const relation of relationsOf(world, name)) {
    relation.inScope = relation.inScope.filter((member) => world.units[member] !== undefined);
    if (isPeer(relation)) delete world.relations[String(relation.id)];
    else removeRelationIfEmpty(world, relation);
  }
  if (relationsOf(world, name).length > 0) return;
  dropApplicationSecrets(world, name);
  delete world.leaderSettings[name];
  delete world.applications[name];
}

/** Tries again to drop applications that only waited for a relation to go. */
export function sweepDyingApplications(world: World): void {
  for (const name of Object.keys(world.applications)) removeApplicationIfEmpty(world, name);
}
