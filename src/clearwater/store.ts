/** A data store whose cluster Clearwater keeps in etcd. */
export type Store = 'chronos' | 'memcached' | 'cassandra';

export const stores: readonly Store[] = ['chronos', 'memcached', 'cassandra'];

/** As operators read it. */
export const storeTitles: Readonly<Record<Store, string>> = {
  chronos: 'Chronos',
  memcached: 'Memcached',
  cassandra: 'Cassandra',
};

/** Which cluster of a store. Cassandra is one cluster across all sites: its key names none. */
export interface StorePlace {
  readonly store: Store;
  readonly nodeType: string;
  readonly site: string | null;
}

/** `/clearwater/site1/vellum/clustering/chronos`, `/clearwater/vellum/clustering/cassandra`; `etcdKey` is the first segment. */
export function storeKey(etcdKey: string, { store, nodeType, site }: StorePlace): string {
  return ['', etcdKey, ...(site === null ? [] : [site]), nodeType, 'clustering', store].join('/');
}

/** The cluster that a key is of; null where it is of none. */
export function placeOf(etcdKey: string, key: string): StorePlace | null {
  const [empty, first, ...rest] = key.split('/');
  if (empty !== '' || first !== etcdKey || rest.some((segment) => segment === '')) return null;
  const [site, nodeType, clustering, name]: (string | null | undefined)[] = rest.length === 3 ? [null, ...rest] : rest;
  const store = stores.find((one) => one === name);
  if (store === undefined || clustering !== 'clustering' || rest.length > 4) return null;
  if (site === undefined || nodeType === undefined || nodeType === null) return null;
  return { store, nodeType, site };
}
