import { join } from 'node:path';
import type { ClusterManagerHolder } from '../domain/configuration';
import { letClusterManagerStart, stopClusterManager } from './cluster-manager';
import type { ClearwaterNode } from './read-store';

/** While it is there, Clearwater's cluster manager does not start (clearwater-cluster-manager's init script). */
export const clusterManagerMarker = 'etc/clearwater/no_cluster_manager';

/** Only that it is there counts; by this the charm knows its own from an operator's. */
const words = 'Written by the etcd charm for the recovery of the cluster, which removes it at its end.\n';

type Machine = Pick<ClearwaterNode, 'files' | 'root'>;

export async function holderOfClusterManager({ files, root }: Machine): Promise<ClusterManagerHolder> {
  const text = await files.read(join(root, clusterManagerMarker));
  if (text === null) return 'nobody';
  return text === words ? 'charm' : 'operator';
}

/**
 * Stops the cluster manager and keeps it from starting, from before etcd is stopped until the stores' keys are loaded: it would make
 * them empty, and each node would then join anew (Cassandra by a destructive restart). Where there is no Clearwater nothing is written.
 * @throws where it runs all the same.
 */
export async function holdClusterManager(node: ClearwaterNode): Promise<void> {
  const { files, root } = node;
  if ((await files.list(join(root, 'etc/clearwater'))) === null) return;
  // The marker is last: where it is, both are done.
  await stopClusterManager(node);
  if ((await holderOfClusterManager(node)) !== 'nobody') return;
  await files.writeAtomic(join(root, clusterManagerMarker), words, { mode: 0o644 });
}

/** The last step of a recovery on a node: after all keys are loaded. What an operator put there stays. */
export async function releaseClusterManager(node: ClearwaterNode): Promise<void> {
  const { files, root } = node;
  if ((await holderOfClusterManager(node)) !== 'charm') return;
  await files.remove(join(root, clusterManagerMarker));
  await letClusterManagerStart(node);
}
