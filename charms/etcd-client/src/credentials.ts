import type { HookTools, RelationBag, RelationId } from '@juju/charm-helpers-ts';

/** What a client of the cluster needs, as every unit of the provider publishes it in full. */
export interface Credentials {
  /** `https://address:port`, sorted. */
  readonly endpoints: readonly string[];
  /** PEM texts. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Why there are none: words for the status. */
export interface Missing {
  readonly missing: string;
  readonly related: boolean;
}

const keys = ['connection_string', 'client_ca', 'client_cert', 'client_key'] as const;

/**
 * The credentials from relation `db`: those of the first unit that published all of it, in the order of unit names.
 * @param leaving a relation that is being broken and counts no more.
 */
export async function readCredentials(tools: HookTools, leaving: RelationId | null): Promise<Credentials | Missing> {
  const relations = (await tools.relationIds('db')).filter((id) => id !== leaving);
  if (relations.length === 0)
    return { missing: 'no relation to etcd: juju integrate etcd-client etcd:db', related: false };
  let units = 0;
  const absent = new Set<string>();
  for (const relation of relations) {
    for (const unit of await tools.relationList({ relation })) {
      units += 1;
      const bag = await tools.relationGet({ relation, unit });
      const without = keys.filter((key) => bag[key] === undefined);
      if (without.length === 0) return credentialsOf(bag);
      for (const key of without) absent.add(key);
    }
  }
  const missing =
    units === 0 ? 'waiting for units of etcd' : `waiting for etcd to publish ${[...absent].sort().join(', ')}`;
  return { missing, related: true };
}

function credentialsOf(bag: RelationBag): Credentials {
  return {
    endpoints: (bag['connection_string'] ?? '').split(',').map((one) => one.trim()),
    ca: bag['client_ca'] ?? '',
    certificate: bag['client_cert'] ?? '',
    key: bag['client_key'] ?? '',
  };
}
