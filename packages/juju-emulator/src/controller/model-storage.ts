import type { CombinedStorage, StoragePool, World } from '../model';
import {
  addStorage,
  attachStorage,
  createStoragePool,
  detachStorage,
  parseStorageDirective,
  removeStorage,
  removeStoragePool,
  storageList,
} from '../model';
import type { ModelController } from './model-controller';

/** The storage of a model, for operators and tests. */
export class ModelStorage {
  constructor(private readonly controller: ModelController) {}

  /** All of it, as Juju's storage facade lists it. */
  list(): CombinedStorage {
    return storageList(this.controller.world);
  }

  /** Makes more storage for a unit: `directive` is `pool,size,count`. Returns the ids. */
  add(unit: string, name: string, directive = '1'): Promise<string[]> {
    return this.#change((world, now) => addStorage(world, unit, name, parseStorageDirective(directive), now));
  }

  attach(unit: string, id: string): Promise<void> {
    return this.#change((world, now) => attachStorage(world, unit, id, now));
  }

  /** The charm's storage-detaching hook runs first; with `force` it does not. */
  detach(id: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#change((world, now) => detachStorage(world, id, options.force === true, now));
  }

  /** With `force` also what is attached; `destroy: false` leaves the data where they are. */
  remove(id: string, options: { readonly force?: boolean; readonly destroy?: boolean } = {}): Promise<void> {
    const { force = false, destroy = true } = options;
    return this.#change((world, now) => removeStorage(world, id, { force, destroy }, now));
  }

  pools(): readonly StoragePool[] {
    return Object.values(this.controller.world.storagePools);
  }

  createPool(name: string, provider: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    return this.#change((world) => createStoragePool(world, name, provider, attributes));
  }

  removePool(name: string): Promise<void> {
    return this.#change((world) => removeStoragePool(world, name));
  }

  #change<T>(mutate: (world: World, now: string) => T): Promise<T> {
    return new Promise((resolve) =>
      resolve(this.controller.store.change((world) => mutate(world, this.controller.now()))),
    );
  }
}
