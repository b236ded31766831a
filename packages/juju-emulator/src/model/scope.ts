import { withoutEmpty } from './bag';
import { hasLeaderSettings } from './leader-settings';
import { removeRelationIfEmpty } from './relate';
import { otherSide } from './relation';
import { sweepDyingApplications } from './removal';
import { addSubordinate, concerns } from './subordinates';
import type { Unit } from './unit';
import type { World } from './world';
import { unitOf } from './world';

/** A unit's agent enters the scope of a relation; its bag is pre-filled as Juju 4 does. */
export function enterScope(world: World, relationId: number, unit: string, now: string): void {
  const relation = world.relations[String(relationId)];
  const entity = unitOf(world, unit);
  if (relation === undefined || relation.life !== 'alive' || relation.inScope.includes(unit)) return;
  if (!concerns(relation, entity)) return;
  const machine = world.machines[entity.machine];
  const address = machine?.address ?? '';
  relation.inScope.push(unit);
  // A bag of an earlier stay in the scope is not taken up again.
  relation.unitBags[unit] = withoutEmpty({
    'ingress-address': address,
    'egress-subnets': address === '' ? '' : `${address}/32`,
    // Juju before 4 has this one, too.
    ...(hasLeaderSettings(world) ? { 'private-address': address } : {}),
  });
  addSubordinate(world, relation, entity, now);
}

/** A unit leaves the scope (its broken hook is committed); its bag stays readable. */
export function leaveScope(world: World, relationId: number, unit: string): void {
  const relation = world.relations[String(relationId)];
  if (relation === undefined) return;
  relation.inScope = relation.inScope.filter((member) => member !== unit);
  removeRelationIfEmpty(world, relation);
  sweepDyingApplications(world);
}

/**
 * Units of the other side (peers: the own side without oneself) that are in scope, sorted by name. In a container
 * relation those beside other principals count, too: so a real controller of 4.1 shows it.
 */
export function remoteMembers(world: World, relationId: number, unit: Unit): string[] {
  const relation = world.relations[String(relationId)];
  if (relation === undefined) return [];
  const remote = otherSide(relation, unit.application)?.application;
  return relation.inScope
    .filter((member) => member !== unit.name && member.slice(0, member.lastIndexOf('/')) === remote)
    .sort();
}
