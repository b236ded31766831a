import type { EtcdKeys } from '../ports/etcd-keys';
import type { Url } from '../domain/ids';
import { parseClusterValue, valueOf } from './cluster-value';
import { planLoad } from './plan-load';
import { readStore, type ClearwaterNode } from './read-store';
import { storeKey, stores, type Store } from './store';

/** How the load of one store ended. */
export interface StoreLoad {
  readonly store: Store;
  readonly key: string;
  readonly outcome:
    /** The node does not have the store: nothing is to be loaded. */
    | { readonly kind: 'absent' }
    | { readonly kind: 'written'; readonly value: string }
    | { readonly kind: 'same' }
    /** The key came back with the data, or someone else was first: it stays. */
    | { readonly kind: 'kept'; readonly differences: readonly string[] }
    /** What the store says cannot be taken: nothing was written. */
    | { readonly kind: 'fault'; readonly why: string };
}

/** How often a key that someone else writes meanwhile is looked at again. */
const tries = 3;

/**
 * The recovery's load of all stores of this node: what came back with the data wins, what is absent is written once, and one store's
 * fault does not keep the others. A second time it finds nothing left to do. Throws `ETCD_…` where etcd does not answer.
 */
export async function loadStores(
  node: ClearwaterNode,
  keys: EtcdKeys,
  endpoint: Url,
  place: { readonly etcdKey: string; readonly siteName: string; readonly nodeType: string },
): Promise<readonly StoreLoad[]> {
  const loads: StoreLoad[] = [];
  for (const store of stores) {
    const site = store === 'cassandra' ? null : place.siteName;
    const key = storeKey(place.etcdKey, { store, nodeType: place.nodeType, site });
    loads.push({ store, key, outcome: await loadStore(node, keys, endpoint, store, key) });
  }
  return loads;
}

async function loadStore(
  node: ClearwaterNode,
  keys: EtcdKeys,
  endpoint: Url,
  store: Store,
  key: string,
): Promise<StoreLoad['outcome']> {
  const reading = await readStore(node, store);
  if (reading.kind === 'absent') return reading;
  if (reading.kind === 'fault') {
    const present = await keys.read(endpoint, key);
    const { value } = parseClusterValue(present?.value.toString('utf8') ?? '{}');
    return value === null || value.size === 0 ? reading : { kind: 'kept', differences: [reading.why] };
  }
  const wanted = valueOf(reading.nodes);
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const present = await keys.read(endpoint, key);
    const there = present === null ? null : { text: present.value.toString('utf8'), modRevision: present.modRevision };
    const plan = planLoad(there, wanted, false);
    if (plan.kind === 'same') return { kind: 'same' };
    if (plan.kind === 'kept') return { kind: 'kept', differences: plan.differences };
    const { written } = await keys.put(endpoint, key, plan.value, plan.expected);
    if (written) return { kind: 'written', value: plan.value };
  }
  return { kind: 'kept', differences: ['someone else goes on writing it'] };
}

/** `chronos: written {...}`, one line for each store that the node has. */
export const describeLoads = (loads: readonly StoreLoad[]): readonly string[] =>
  loads.flatMap(({ store, key, outcome }) => {
    switch (outcome.kind) {
      case 'absent':
        return [];
      case 'written':
        return [`${store}: ${key} was written: ${outcome.value}`];
      case 'same':
        return [`${store}: ${key} has it already`];
      case 'kept':
        return [`${store}: ${key} stays as it came back: ${outcome.differences.join('; ')}`];
      case 'fault':
        return [`${store}: nothing was loaded: ${outcome.why}`];
    }
  });
