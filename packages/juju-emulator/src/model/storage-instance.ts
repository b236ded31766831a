import { uuidFrom } from '../format/uuid';
import { statusOf } from './status';
import type { StorageInstance } from './storage';
import type { StoragePlan } from './storage-plan';
import { storagePool, storageProviders } from './storage-pool';
import type { StorageSpec } from './storage-spec';
import type { Unit } from './unit';
import type { World } from './world';

/** Directory of filesystems whose charm names no place. */
const storageDirectory = '/var/lib/juju/storage';

/** Makes `count` instances and attaches them to a unit. Returns their ids. */
export function makeStorage(
  world: World,
  unit: Unit,
  charm: string,
  spec: StorageSpec,
  plan: StoragePlan,
  now: string,
): string[] {
  const { provider } = storagePool(world, plan.pool);
  const kind = storageProviders[provider];
  const ids: string[] = [];
  for (let each = 0; each < plan.count; each += 1) {
    const id = `${spec.name}/${world.nextStorage}`;
    world.nextStorage += 1;
    const takeFilesystem = spec.kind === 'filesystem';
    const takeVolume = kind?.backing === 'image';
    const instance: StorageInstance = {
      id,
      name: spec.name,
      kind: spec.kind,
      uuid: uuidFrom(`${world.modelUuid} storage ${id}`),
      charm,
      pool: plan.pool,
      provider,
      machine: null,
      size: plan.size,
      readOnly: spec.readOnly,
      filesystem: takeFilesystem ? world.nextFilesystem : null,
      volume: takeVolume ? world.nextVolume : null,
      life: 'alive',
      destroyWhenDetached: false,
      keepData: false,
      status: statusOf('pending', '', now),
      attachments: [],
    };
    if (takeFilesystem) world.nextFilesystem += 1;
    if (takeVolume) world.nextVolume += 1;
    world.storage[id] = instance;
    addAttachment(unit, instance, spec, now);
    ids.push(id);
  }
  return ids;
}

/** Attaches an instance to a unit in the model; the machine follows. */
export function addAttachment(unit: Unit, instance: StorageInstance, spec: StorageSpec, now: string): void {
  if (storageProviders[instance.provider]?.scope === 'machine') instance.machine = unit.machine;
  instance.attachments.push({
    unit: unit.name,
    machine: unit.machine,
    mountPoint: mountPoint(spec, instance),
    life: 'alive',
    attached: false,
    location: '',
    device: '',
  });
  instance.status = statusOf(instance.status.status === 'detached' ? 'attaching' : 'pending', '', now);
}

/** The charm's own place for the only instance of a storage, a directory below it for one of several. */
function mountPoint(spec: StorageSpec, instance: StorageInstance): string {
  if (spec.kind === 'block') return '';
  if (spec.location === '') return `${storageDirectory}/${instance.uuid}`;
  const location = `/${spec.location.replace(/^\/+|\/+$/g, '')}`;
  return spec.countMax === 1 ? location : `${location}/${instance.id}`;
}
