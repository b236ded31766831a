import { bagLimit, bagSize, withoutEmpty } from './bag';
import { ModelError } from './model-error';
import { sideOf } from './relation';
import type { World } from './world';

/** Checks sizes and endpoints, then writes one unit's own bag in a relation: the whole new content. */
export function writeUnitBag(
  world: World,
  relationId: number,
  unit: string,
  settings: Readonly<Record<string, string>>,
): void {
  const relation = world.relations[String(relationId)];
  if (relation === undefined) return; // gone meanwhile: Juju drops the write too
  const bag = withoutEmpty(settings);
  if (bagSize(bag) > bagLimit)
    throw new ModelError('quota', 'commit hook changes', 'quota limit exceeded: max allowed size');
  relation.unitBags[unit] = bag;
}

/** Writes the application's bag of a relation: the whole new content. The caller has checked leadership. */
export function writeApplicationBag(
  world: World,
  relationId: number,
  application: string,
  settings: Readonly<Record<string, string>>,
): void {
  const relation = world.relations[String(relationId)];
  if (relation === undefined || sideOf(relation, application) === undefined) return;
  const bag = withoutEmpty(settings);
  if (bagSize(bag) > bagLimit)
    throw new ModelError('quota', 'commit hook changes', 'quota limit exceeded: max allowed size');
  relation.appBags[application] = bag;
}
