import { ModelError } from './model-error';
import type { World } from './world';
import { applicationOf, unitsOf } from './world';

/** True while the unit holds its application's lease. */
export const isLeader = (world: World, unit: string): boolean => {
  const application = world.units[unit]?.application;
  return application !== undefined && world.applications[application]?.leader === unit;
};

/**
 * Gives a free lease to a unit that is alive and whose machine answers: `pick` chooses among several (Juju: whoever
 * asks first). Returns the new leader, or null when there is none to be had.
 */
export function claimLeadership(world: World, application: string, pick: (count: number) => number): string | null {
  const entity = applicationOf(world, application);
  if (entity.leader !== null) return entity.leader;
  const able = unitsOf(world, application).filter(
    (unit) => unit.life === 'alive' && world.machines[unit.machine]?.agentStatus.status !== 'down',
  );
  entity.leader = able.length === 0 ? null : (able[pick(able.length)]?.name ?? null);
  return entity.leader;
}

/** Moves the lease to a unit: what an operator's fault command, or an expired lease, does. */
export function moveLeadership(world: World, application: string, unit: string): void {
  const entity = applicationOf(world, application);
  const target = world.units[unit];
  if (target === undefined || target.application !== application)
    throw new ModelError('not-found', 'move leadership', `unit "${unit}" is not of application "${application}"`);
  if (target.life !== 'alive') throw new ModelError('refused', 'move leadership', `unit "${unit}" is not alive`);
  entity.leader = unit;
}
