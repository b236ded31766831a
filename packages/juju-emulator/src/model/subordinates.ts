import { newUnit } from './add-units';
import { type Relation, otherSide } from './relation';
import type { Unit } from './unit';
import type { World } from './world';
import { charmOf, relationsOf } from './world';

/** Units that sit beside a principal unit, by name. */
export const subordinatesOf = (world: World, principal: string): Unit[] =>
  Object.values(world.units)
    .filter((unit) => unit.principal === principal)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The application of the unit beside which a subordinate's one sits; empty for a principal. */
export const principalApplication = (unit: Unit): string => unit.principal.slice(0, unit.principal.lastIndexOf('/'));

/** Whether units of a relation meet only on one machine. */
export const isContainerScoped = (relation: Relation): boolean =>
  relation.endpoints.some((side) => side.scope === 'container');

/** Applications to which a subordinate one is bound, by name. */
export function principalsOf(world: World, application: string): string[] {
  if (!charmOf(world, application).spec.subordinate) return [];
  const names = relationsOf(world, application)
    .filter(isContainerScoped)
    .map((relation) => otherSide(relation, application)?.application ?? '');
  return [...new Set(names)].sort();
}

/** A subordinate's unit knows the container relations with its own principal only. */
export function concerns(relation: Relation, unit: Unit): boolean {
  if (unit.principal === '' || !isContainerScoped(relation)) return true;
  return otherSide(relation, unit.application)?.application === principalApplication(unit);
}

/** A principal's unit has entered the scope of a container relation: the other side gets a unit beside it, once. */
export function addSubordinate(world: World, relation: Relation, principal: Unit, now: string): void {
  const other = otherSide(relation, principal.application)?.application;
  if (other === undefined || !isContainerScoped(relation) || principal.principal !== '') return;
  const application = world.applications[other];
  if (application?.life !== 'alive' || !charmOf(world, other).spec.subordinate) return;
  if (subordinatesOf(world, principal.name).some((unit) => unit.application === other)) return;
  newUnit(world, other, principal.machine, principal.name, now);
}

/** Why a unit cannot be removed by itself. */
export const removalRefusal = ({ name, application, principal }: Unit): string | undefined =>
  principal === ''
    ? undefined
    : `unit "${name}" is a subordinate, to remove use remove-relation. Note: this will remove all units of "${application}"`;
