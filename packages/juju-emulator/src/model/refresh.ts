import { type CharmSpec, type Endpoint } from './charm';
import { coerceSettings } from './config';
import { ModelError } from './model-error';
import { checkStorageChange } from './refresh-storage';
import { addPeerRelations } from './relate';
import type { RelationEndpoint } from './relation';
import { isPeer, relationKey, sideOf } from './relation';
import { refreshStorage } from './storage-plan';
import type { World } from './world';
import { applicationOf, charmOf, relationsOf } from './world';

export interface RefreshOptions {
  /** `--force-units`: units replace the charm even while a hook of theirs is in error. */
  readonly forceUnits?: boolean;
  /** `--force`, `--force-base`: also to a charm that does not name the application's base. */
  readonly force?: boolean;
}

/** Switches an application to another uploaded charm, or refuses as Juju does: what is in use must go on working. */
export function refresh(world: World, name: string, charmUrl: string, now: string, options: RefreshOptions = {}): void {
  const application = applicationOf(world, name);
  const charm = world.charms[charmUrl];
  if (charm === undefined) throw new ModelError('not-found', 'refresh', `charm "${charmUrl}" not found`);
  const old = charmOf(world, name).spec;
  if (charm.spec.name !== old.name)
    throw new ModelError('not-valid', 'refresh', `cannot refresh "${old.name}" to "${charm.spec.name}"`);
  const refuse = (why: string): never => {
    throw new ModelError('refused', 'refresh', `cannot upgrade application "${name}" to charm "${charmUrl}": ${why}`);
  };
  if (application.life !== 'alive') refuse('application is not alive');
  if (charm.spec.subordinate !== old.subordinate) refuse("cannot change an application's subordinacy");
  const { bases } = charm.spec;
  if (options.force !== true && bases.length > 0 && !bases.includes(application.base))
    refuse(`base "${application.base}" not supported by charm, the charm supported bases are: ${bases.join(', ')}`);
  checkRelations(world, name, charm.spec, refuse);
  checkStorageChange(world, name, old.storage, charm.spec.storage, refuse);
  refreshStorage(world, name, charm.spec);
  application.charmUrl = charmUrl;
  application.charmModifiedVersion += 1;
  application.forceCharm = options.forceUnits ?? false;
  application.settings = settingsFor(charm.spec, application.settings);
  addPeerRelations(world, name, now);
}

/** Established relations need their endpoint as it was; peers may go. */
function checkRelations(world: World, name: string, spec: CharmSpec, refuse: (why: string) => never): void {
  const counts = new Map<string, number>();
  for (const relation of relationsOf(world, name)) {
    const side = sideOf(relation, name);
    if (side === undefined || isPeer(relation)) continue;
    const endpoint = spec.endpoints[side.endpoint];
    if (endpoint === undefined || !implemented(endpoint, side))
      refuse(`would break relation "${relationKey(relation)}"`);
    const count = (counts.get(side.endpoint) ?? 0) + 1;
    counts.set(side.endpoint, count);
  }
  for (const [endpoint, count] of counts) {
    const limit = spec.endpoints[endpoint]?.limit ?? 0;
    if (limit > 0 && count > limit)
      refuse(
        `new charm version imposes a maximum relation limit of ${limit} for ${name}:${endpoint} which cannot be satisfied by the number of already established relations (${count})`,
      );
  }
}

const implemented = (endpoint: Endpoint, side: RelationEndpoint): boolean =>
  endpoint.role === side.role &&
  endpoint.interface === side.interface &&
  // A relation of the container may have been made so by its other side.
  (endpoint.scope === 'global' || side.scope === 'container');

/** What the new charm still takes of the settings: same option, same type. */
function settingsFor(
  spec: CharmSpec,
  settings: Readonly<Record<string, string | number | boolean>>,
): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [option, value] of Object.entries(settings)) {
    try {
      Object.assign(kept, coerceSettings(spec, { [option]: value }));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return kept;
}
