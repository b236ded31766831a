import type { CharmSpec } from './charm';
import { ModelError } from './model-error';
import type { StorageDirective } from './storage-directive';
import { defaultPool, storagePool, storageProviders } from './storage-pool';
import { formatSize } from './storage-size';
import type { StorageSpec } from './storage-spec';
import type { World } from './world';
import { applicationOf } from './world';

/** A storage as it is to be made: pool and size are settled. */
export interface StoragePlan {
  readonly pool: string;
  /** MiB. */
  readonly size: number;
  readonly count: number;
}

/** Size of storage for which neither charm nor operator asks for one, MiB. */
const usualSize = 1024;

/** What one directive comes to for a storage of a charm. @throws ModelError in Juju's words. */
export function planStorage(
  world: World,
  charm: string,
  spec: StorageSpec,
  directive: StorageDirective | undefined,
): StoragePlan {
  const refuse = (why: string): never => {
    throw new ModelError('not-valid', 'plan storage', why);
  };
  const pool = directive?.pool === undefined || directive.pool === '' ? defaultPool(spec.kind) : directive.pool;
  const { provider } = storagePool(world, pool);
  if (storageProviders[provider]?.kinds.includes(spec.kind) !== true)
    refuse(`"${provider}" provider does not support "${spec.kind}" storage`);
  const size = directive === undefined || directive.size === 0 ? Math.max(spec.minimumSize, usualSize) : directive.size;
  if (size < spec.minimumSize)
    refuse(
      `charm "${charm}" store "${spec.name}": minimum storage size is ${formatSize(spec.minimumSize)}, ${formatSize(size)} specified`,
    );
  if (spec.location.startsWith('/var/lib/juju/storage'))
    refuse(
      `charm storage "${spec.name}" requested location "${spec.location}" which violates prohibited location "/var/lib/juju/storage"`,
    );
  return { pool, size, count: directive?.count ?? spec.countMin };
}

/** Plans of all storages of a charm, for its application. @throws ModelError in Juju's words. */
export function planApplicationStorage(
  world: World,
  charm: CharmSpec,
  directives: Readonly<Record<string, StorageDirective>>,
): Record<string, StoragePlan> {
  const refuse = (why: string): never => {
    throw new ModelError('not-valid', 'deploy', why);
  };
  for (const name of Object.keys(directives))
    if (charm.storage[name] === undefined) refuse(`charm "${charm.name}" has no store called "${name}"`);
  return Object.fromEntries(
    Object.values(charm.storage).map((spec) => {
      const store = `charm "${charm.name}" store "${spec.name}"`;
      if (spec.shared) refuse(`${store}: shared storage support not implemented`);
      const plan = planStorage(world, charm.name, spec, directives[spec.name]);
      if (plan.count < spec.countMin) refuse(`${store}: ${spec.countMin} instances required, ${plan.count} specified`);
      if (spec.countMax >= 0 && plan.count > spec.countMax)
        refuse(`${store}: at most ${spec.countMax} instances supported, ${plan.count} specified`);
      return [spec.name, plan];
    }),
  );
}

/** The storage of an application whose charm changes: new units get what the new charm declares, as before where it did. */
export function refreshStorage(world: World, name: string, charm: CharmSpec): void {
  const application = applicationOf(world, name);
  application.storage = { ...planApplicationStorage(world, charm, {}), ...keep(application.storage, charm) };
}

const keep = (plans: Readonly<Record<string, StoragePlan>>, charm: CharmSpec): Record<string, StoragePlan> =>
  Object.fromEntries(Object.entries(plans).filter(([name]) => charm.storage[name] !== undefined));
