import { join } from 'node:path';
import type { Files } from '../ports/files';
import type { Processes } from '../ports/processes';
import { parseCassandraCluster } from './cassandra-cluster';
import { parseChronosCluster } from './chronos-cluster';
import { faultOf, formatFault, type DescribedNode } from './described-cluster';
import { parseMemcachedCluster } from './memcached-cluster';
import { stores, type Store } from './store';

/** This node as Clearwater's programs lay it out, below `root`. */
export interface ClearwaterNode {
  readonly files: Files;
  readonly processes: Processes;
  readonly root: string;
}

/** What the store on this node says of its cluster. */
export type StoreReading =
  /** The node does not have the store. */
  | { readonly kind: 'absent' }
  /** It has it, and what it says cannot be taken; one line with the place at fault. */
  | { readonly kind: 'fault'; readonly why: string }
  | { readonly kind: 'read'; readonly source: string; readonly nodes: ReadonlyMap<string, DescribedNode> };

const parsers = {
  chronos: parseChronosCluster,
  memcached: parseMemcachedCluster,
  cassandra: parseCassandraCluster,
};

/** Where each store is configured, and the service whose presence says that the node has it. */
const places: Readonly<Record<Store, { readonly settings: string; readonly service: string }>> = {
  chronos: { settings: 'etc/chronos/chronos_cluster.conf', service: 'etc/init.d/chronos' },
  memcached: { settings: 'etc/clearwater/cluster_settings', service: 'etc/init.d/clearwater-memcached' },
  cassandra: { settings: 'etc/cassandra/cassandra.yaml', service: 'etc/init.d/cassandra' },
};
const remoteSettings = 'etc/clearwater/remote_cluster_settings';

/** What tells which stores a node has: its files alone. */
type NodeFiles = Pick<ClearwaterNode, 'files' | 'root'>;

const isThere = async ({ files, root }: NodeFiles, path: string): Promise<boolean> =>
  (await files.size(join(root, path))) !== null;

/** The stores that this node has. */
export async function ownStores(node: NodeFiles): Promise<readonly Store[]> {
  const there = await Promise.all(stores.map((store) => hasStore(node, store)));
  return stores.filter((_, index) => there[index]);
}

const hasStore = async (node: NodeFiles, store: Store): Promise<boolean> =>
  (await isThere(node, places[store].settings)) || isThere(node, places[store].service);

/** The cluster that the store on this node is in. */
export async function readStore(node: ClearwaterNode, store: Store): Promise<StoreReading> {
  if (!(await hasStore(node, store))) return { kind: 'absent' };
  if (store === 'cassandra') return describeCassandra(node);
  return readSettings(node, places[store].settings, store);
}

/** The memcached cluster of the other site, as this node knows it. */
export const readRemoteMemcached = (node: ClearwaterNode): Promise<StoreReading> =>
  readSettings(node, remoteSettings, 'memcached');

async function readSettings({ files, root }: ClearwaterNode, path: string, store: Store): Promise<StoreReading> {
  const source = `/${path}`;
  const text = await files.read(join(root, path));
  return text === null ? { kind: 'fault', why: `${source} is missing.` } : judge(source, text, store);
}

function judge(source: string, text: string, store: Store): StoreReading {
  const { nodes, fault } = parsers[store](text);
  const wrong = fault ?? faultOf(nodes, text);
  if (wrong !== null) return { kind: 'fault', why: `${source}, ${formatFault(wrong)}.` };
  return { kind: 'read', source, nodes: nodes ?? new Map<string, DescribedNode>() };
}

/** Clearwater's wrapper runs programs in the network namespace of its signalling. */
const wrapper = 'usr/share/clearwater/bin/run-in-signaling-namespace';

async function describeCassandra(node: ClearwaterNode): Promise<StoreReading> {
  const { processes, root } = node;
  const source = 'nodetool describecluster';
  const command = (await isThere(node, wrapper)) ? [join(root, wrapper), 'nodetool'] : ['nodetool'];
  const [program = 'nodetool', ...args] = [...command, 'describecluster'];
  const { exitCode, stdout, stderr } = await processes.run(program, args, { timeoutMs: 60_000, allowFailure: true });
  if (exitCode !== 0) {
    const said = `${stderr}\n${stdout}`.trim().split('\n').at(-1) ?? '';
    return { kind: 'fault', why: `"${source}" failed (${said.slice(0, 160)}): Cassandra must be healthy first.` };
  }
  return judge(`"${source}"`, stdout, 'cassandra');
}
