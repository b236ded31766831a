import { applicationResources } from '../model';
import type { Method } from './api-server';
import type { Emulator } from './emulator';

/** Parameters of the methods about storage. */
export interface StorageMethodParams {
  readonly listStorage: Record<string, never>;
  readonly listStoragePools: Record<string, never>;
  readonly addStorage: {
    readonly unit: string;
    /** Storage name -> directive. */
    readonly directives: Readonly<Record<string, string>>;
  };
  readonly attachStorage: { readonly unit: string; readonly ids: readonly string[] };
  readonly detachStorage: { readonly ids: readonly string[]; readonly force: boolean };
  readonly removeStorage: { readonly ids: readonly string[]; readonly force: boolean; readonly destroy: boolean };
  readonly createStoragePool: {
    readonly name: string;
    readonly provider: string;
    readonly attributes: Readonly<Record<string, string>>;
  };
  readonly removeStoragePool: { readonly name: string };
  readonly resources: { readonly application: string };
}

/** What became of one of several requests: each stands for itself. */
export interface StorageOutcome {
  readonly name: string;
  readonly ids: readonly string[];
  /** Juju's words for the refusal; absent when it worked. */
  readonly error?: string;
}

async function outcomes(
  names: readonly string[],
  work: (name: string) => Promise<readonly string[]>,
): Promise<StorageOutcome[]> {
  const results: StorageOutcome[] = [];
  for (const name of names)
    results.push(
      await work(name).then(
        (ids) => ({ name, ids }),
        (error: Error) => ({ name, ids: [], error: error.message }),
      ),
    );
  return results;
}

/** The methods about storage, for the command line. */
export function storageMethods({ storage, controller }: Emulator): Record<keyof StorageMethodParams, Method> {
  const typed = <K extends keyof StorageMethodParams>(
    _name: K,
    method: (params: StorageMethodParams[K]) => unknown,
  ): Method => method;
  const none = (work: Promise<void>): Promise<readonly string[]> => work.then(() => []);
  return {
    listStorage: typed('listStorage', () => storage.list()),
    listStoragePools: typed('listStoragePools', () => storage.pools()),
    addStorage: typed('addStorage', ({ unit, directives }) =>
      outcomes(Object.keys(directives).sort(), (name) => storage.add(unit, name, directives[name])),
    ),
    attachStorage: typed('attachStorage', ({ unit, ids }) => outcomes(ids, (id) => none(storage.attach(unit, id)))),
    detachStorage: typed('detachStorage', ({ ids, force }) =>
      outcomes(ids, (id) => none(storage.detach(id, { force }))),
    ),
    removeStorage: typed('removeStorage', ({ ids, force, destroy }) =>
      outcomes(ids, (id) => none(storage.remove(id, { force, destroy }))),
    ),
    createStoragePool: typed('createStoragePool', ({ name, provider, attributes }) =>
      storage.createPool(name, provider, attributes),
    ),
    resources: typed('resources', ({ application }) => applicationResources(controller.world, application)),
    removeStoragePool: typed('removeStoragePool', ({ name }) => storage.removePool(name)),
  };
}
