import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { ClearwaterNode } from './read-store';

/** As the packages of Clearwater lay them out. */
const monit = 'usr/bin/monit';
const group = 'clearwater_cluster_manager';
const script = 'etc/init.d/clearwater-cluster-manager';
const patience = { timeoutMs: 60_000, allowFailure: true } as const;

const isThere = async ({ files, root }: ClearwaterNode, path: string): Promise<boolean> =>
  (await files.size(join(root, path))) !== null;

/** Ends the cluster manager, and its supervision, so that nothing starts it again. @throws where it runs all the same. */
export async function stopClusterManager(node: ClearwaterNode): Promise<void> {
  const { processes, root } = node;
  if (!(await isThere(node, script))) return;
  if (await isThere(node, monit)) await processes.run(join(root, monit), ['stop', '-g', group], patience);
  await processes.run(join(root, script), ['stop'], patience);
  const { exitCode } = await processes.run(join(root, script), ['status'], patience);
  if (exitCode !== 0) return;
  throw new CharmError({
    code: 'SERVICE_FAILED',
    operation: 'hold cluster manager',
    message: `Clearwater's cluster manager runs and could not be stopped: monit stop -g ${group}; it is looked at again.`,
    retryable: true,
  });
}

/** What supervises it starts it; without that its own script does. It is no etcd of ours: not starting fails nothing. */
export async function letClusterManagerStart(node: ClearwaterNode): Promise<void> {
  const { processes, root } = node;
  if (!(await isThere(node, script))) return;
  if (await isThere(node, monit)) await processes.run(join(root, monit), ['monitor', '-g', group], patience);
  else await processes.run(join(root, script), ['start'], patience);
}
