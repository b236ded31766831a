import { join } from 'node:path';
import type { ClearwaterNode } from './read-store';

/** While it is there, Clearwater's cluster manager does not start (clearwater-cluster-manager's init script). */
export const clusterManagerMarker = 'etc/clearwater/no_cluster_manager';

/**
 * Keeps the cluster manager from starting, from before etcd is stopped until the stores' keys are loaded: it would make them empty, and
 * each node would then join anew (Cassandra by a destructive restart). Where there is no Clearwater nothing is written.
 */
export async function holdClusterManager({ files, root }: Pick<ClearwaterNode, 'files' | 'root'>): Promise<void> {
  if ((await files.list(join(root, 'etc/clearwater'))) === null) return;
  const path = join(root, clusterManagerMarker);
  if ((await files.size(path)) === null) await files.writeAtomic(path, '', { mode: 0o644 });
}

export const isClusterManagerHeld = async ({ files, root }: Pick<ClearwaterNode, 'files' | 'root'>): Promise<boolean> =>
  (await files.size(join(root, clusterManagerMarker))) !== null;

/** The last step of a recovery on a node: after all keys are loaded. */
export const releaseClusterManager = ({ files, root }: Pick<ClearwaterNode, 'files' | 'root'>): Promise<void> =>
  files.remove(join(root, clusterManagerMarker));
