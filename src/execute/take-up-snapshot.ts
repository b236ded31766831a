import { join } from 'node:path';
import { serviceName } from '../ports/service-unit';
import type { Execution } from './execution';

const pollMs = 100;
/** By then the member has made its index of so small a database. */
const settleMs = 500;
/** Above it sending and reading a database take longer than what is waited for in vain. */
const mostBytes = 256 * 1024 * 1024;

/** Of what a leader sent, once all of it is on disk: term and index, in hex (etcd server/etcdserver/api/snap, `Snapshotter.save`). */
const received = /^[0-9a-f]{16}-[0-9a-f]{16}\.snap$/;

/**
 * Starts a joining member once more where its leader sent it the whole database. It serves only after its own name, which it tells through
 * the leader, has come back to it; but the database was made after that was written, so it never comes by itself, and the member tries
 * again after seven seconds (etcd server/etcdserver, `publishV3`, 3.4 to 3.7). Started again it tells its name at once. It has no vote yet,
 * and what it has received it has on disk. Ends when `signal` aborts.
 */
export async function takeUpSnapshot({ clock, files, paths, services }: Execution, signal: AbortSignal): Promise<void> {
  const directory = join(paths.data, 'member/snap');
  let since: number | null = null;
  while (since === null || clock.monotonic() - since < settleMs) {
    await clock.sleep(pollMs);
    if (signal.aborted) return;
    const names = since === null ? await files.list(directory) : null;
    if (names?.some((name) => received.test(name)) && !names.some((name) => name.endsWith('.snap.db')))
      since = clock.monotonic();
  }
  if (((await files.size(join(directory, 'db'))) ?? 0) <= mostBytes && !signal.aborted)
    await services.restart(serviceName);
}
