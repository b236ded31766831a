import { removalRefusal } from '../subordinates';
import type { World } from '../world';
import { unitsOf } from '../world';

/** What goes with a unit or an application. Juju's params.DestroyUnitInfo and DestroyApplicationInfo. */
export interface RemovalInfo {
  readonly 'destroyed-storage'?: readonly { readonly tag: string }[];
  readonly 'detached-storage'?: readonly { readonly tag: string }[];
  readonly 'destroyed-units'?: readonly { readonly tag: string }[];
}

/** The answer for one entity to be removed: what goes, or why it stays. */
export interface RemovalAnswer {
  readonly info?: RemovalInfo;
  readonly error?: { readonly message: string; readonly code?: string };
}

const missing = (what: string): RemovalAnswer => ({ error: { message: `${what} not found`, code: 'not found' } });

/** What the removal of a unit takes with it. */
export function unitRemovalAnswer(world: World, name: string): RemovalAnswer {
  const unit = world.units[name];
  if (unit === undefined) return missing(`unit "${name}"`);
  const message = removalRefusal(unit);
  return message === undefined ? { info: {} } : { error: { message } };
}

/** What the removal of an application takes with it: its units. */
export function applicationRemovalAnswer(world: World, name: string): RemovalAnswer {
  if (world.applications[name] === undefined) return missing(`application "${name}"`);
  const units = unitsOf(world, name).map((unit) => ({ tag: `unit-${unit.name.replace('/', '-')}` }));
  return { info: { ...(units.length === 0 ? {} : { 'destroyed-units': units }) } };
}
