import { ModelError } from './model-error';
import { addPeerRelations } from './relate';
import type { World } from './world';
import { applicationOf, charmOf } from './world';

/** Switches an application to another uploaded charm. */
export function refresh(world: World, name: string, charmUrl: string, now: string): void {
  const application = applicationOf(world, name);
  const charm = world.charms[charmUrl];
  if (charm === undefined) throw new ModelError('not-found', 'refresh', `charm "${charmUrl}" not found`);
  if (charm.spec.name !== charmOf(world, name).spec.name)
    throw new ModelError('not-valid', 'refresh', `cannot refresh "${name}" to charm "${charm.spec.name}"`);
  application.charmUrl = charmUrl;
  application.charmModifiedVersion += 1;
  application.settings = Object.fromEntries(
    Object.entries(application.settings).filter(([option]) => charm.spec.options[option] !== undefined),
  );
  addPeerRelations(world, name, now);
}
