import { parseClusterValue } from './cluster-value';
import { clusterStateOf } from './node-state';
import { placeOf, storeTitles, stores, type Store, type StorePlace } from './store';

/** One store's cluster as its key has it. */
export interface StoreReport {
  readonly key: string;
  readonly place: StorePlace;
  /** Every node is normal. */
  readonly stable: boolean;
  readonly lines: readonly string[];
}

const named = (list: readonly string[]): string =>
  list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list.at(-1) ?? ''}`;

/** The stores that a node has, as check_cluster_state says it. */
export function describeOwnStores(address: string, own: readonly Store[]): string {
  const titles = stores.filter((store) => own.includes(store)).map((store) => storeTitles[store]);
  if (titles.length === 0) return `This node (${address}) should not be in any cluster.`;
  return `This node (${address}) should be in the ${named(titles)} cluster${titles.length === 1 ? '' : 's'}.`;
}

/** Every cluster whose key is given, each with its site: the remote site's are told apart from the local one's. */
export function describeStores(etcdKey: string, values: ReadonlyMap<string, string>): readonly StoreReport[] {
  return [...values]
    .flatMap(([key, text]) => {
      const place = placeOf(etcdKey, key);
      return place === null ? [] : [describeStore(key, place, text)];
    })
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}

function describeStore(key: string, place: StorePlace, text: string): StoreReport {
  const where = place.site === null ? '' : ` in site ${place.site}`;
  const title = `Describing the ${storeTitles[place.store]} cluster of ${place.nodeType}${where}:`;
  const read = parseClusterValue(text);
  if (read.value === null) {
    const lines = [title, `  The cluster is *not* stable.`, `    ${key} cannot be read: ${read.problem}.`];
    return { key, place, stable: false, lines };
  }
  const state = clusterStateOf(read.value.values());
  const stable = state === 'stable' || state === 'empty';
  const lines = [
    title,
    stable ? '  The cluster is stable.' : `  The cluster is *not* stable. (${state})`,
    ...[...read.value].map(([address, one]) => `    ${address} is in state ${one}.`),
  ];
  return { key, place, stable, lines };
}
