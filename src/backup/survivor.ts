import { chown, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { Clock } from '../ports/clock';
import { targetProblem } from '../ports/backup-target';
import { GatewayEtcdProbe } from '../ports/etcd-probe-gateway';
import { fileSha256 } from '../ports/file-sha256';
import { passwdOwners } from '../ports/files-node';
import { commitAll, raftTail, uncommitted, type RaftTail } from '../ports/raft-tail';
import { installedTool } from '../ports/snapshot-tool';
import { clientCredentials, type BackupMachine } from './back-up';
import { ScratchEtcd, scratchUrls, type RunAs } from './scratch-etcd';

export interface SurvivorRequest {
  /** Data directory of a member that has stopped; it is only read. */
  readonly data: string;
  /** Where the copy is opened: a path that nothing else uses, on the file system of the data. Gone afterwards. */
  readonly scratch: string;
  /** Where the database is put. */
  readonly db: string;
  /** Who etcd runs as; null where everything runs as one user. */
  readonly user: RunAs;
  readonly progress?: (line: string) => void;
}

/** All that a survivor knows, as a database to restore. */
export interface SurvivorSnapshot {
  readonly sha256: string;
  readonly size: number;
  readonly revision: bigint;
  readonly keys: number;
  readonly hash: number;
  readonly tail: RaftTail;
  /** Entries above the recorded commit index, which were kept: some may never have been acknowledged to anybody. */
  readonly kept: number;
}

/** Replaying a log and reading all keys into the index take as long as starting etcd does. */
const startTimeoutMs = 15 * 60_000;
const endTimeoutMs = 5 * 60_000;
const statusTimeoutMs = 5000;
const pollMs = 100;
/** Two segments of a write-ahead log and a little. */
const logBytes = 192 * 1024 * 1024;

const failed = (message: string, retryable = true): CharmError =>
  new CharmError({ code: 'BACKUP_FAILED', operation: 'save a survivor', message, retryable });

/** The data themselves are no good: trying again gives nothing else. */
const damaged = (message: string): CharmError => failed(message, false);

/**
 * Makes a database of all that a stopped member has: its data are copied, everything in the copy's log is marked as agreed on (with
 * force-new-cluster alone the entries above the recorded commit index are thrown away, acknowledged ones among them), and an etcd of
 * one member applies it on loopback and ends in order. What it leaves is the database; no snapshot is asked for, which a cluster with
 * authentication refuses. Run again after it was killed, it begins anew.
 * @throws CharmError, not retryable where it is the data that cannot be read.
 */
export async function saveSurvivor(
  machine: BackupMachine & { readonly clock: Clock },
  request: SurvivorRequest,
): Promise<SurvivorSnapshot> {
  const { files, processes } = machine;
  const { data, scratch, db, user, progress } = request;
  await rm(scratch, { recursive: true, force: true });
  const bytes = await files.usage(data);
  const problem = await targetProblem(dirname(scratch), bytes + logBytes);
  if (problem !== null) throw failed(`The data of this unit cannot be copied: ${dirname(scratch)} ${problem}.`);
  const tool = await installedTool(machine);
  const copy = join(scratch, 'data');
  await mkdir(copy, { recursive: true, mode: 0o700 });
  try {
    progress?.(`copying ${Math.ceil(bytes / 1024 / 1024)} MiB`);
    await processes.run('cp', ['-a', '--reflink=auto', join(data, 'member'), copy], { timeoutMs: startTimeoutMs });
    if (user !== null) {
      const owner = await passwdOwners()(user);
      for (const path of [scratch, copy]) if (owner !== null) await chown(path, owner.uid, owner.gid);
    }
    const tail = await raftTail(files, copy).catch((error: unknown) => {
      throw error instanceof CharmError ? damaged(error.message) : error;
    });
    if (tail === null) throw damaged('The data of this unit have no log: it never had anything of the cluster.');
    await commitAll(tail);
    progress?.('applying its log');
    const revision = await apply(machine, request, tail);
    const { status, said } = await tool.status(join(copy, 'member/snap/db'));
    if (status === null) throw damaged(`What this unit's data became is no good: etcd ${tool.version} says: ${said}`);
    if (status.revision !== revision)
      throw damaged(`The database ends at revision ${status.revision}, and etcd had served ${revision}.`);
    await rename(join(copy, 'member/snap/db'), db);
    const { size } = await stat(db);
    const { hash, totalKeys } = status;
    return { sha256: await fileSha256(db), size, revision, keys: totalKeys, hash, tail, kept: uncommitted(tail) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Lets etcd apply all of the log; gives the revision that it came to. */
async function apply(
  machine: BackupMachine & { readonly clock: Clock },
  { scratch, user }: SurvivorRequest,
  { last }: RaftTail,
): Promise<bigint> {
  const { clock, paths } = machine;
  const urls = await scratchUrls();
  const probe = new GatewayEtcdProbe(await clientCredentials(machine), statusTimeoutMs);
  const etcd = await ScratchEtcd.start(paths, scratch, urls, user, 'survivor');
  try {
    const deadline = clock.monotonic() + startTimeoutMs;
    let why = 'it gave no answer';
    for (;;) {
      const ended = await etcd.ended();
      if (ended !== null) throw damaged(`etcd does not start from this unit's data: ${ended}`);
      const status = await probe.status(urls.client).catch((error: unknown) => {
        why = error instanceof Error ? error.message : String(error);
        return null;
      });
      // It leads a cluster of itself only once it has applied everything that came before.
      if (status !== null && status.leaderId === status.memberId && status.raftAppliedIndex >= last.index) {
        await etcd.end(endTimeoutMs);
        return status.revision;
      }
      if (clock.monotonic() >= deadline) throw failed(`etcd does not serve this unit's data: ${why}`);
      await clock.sleep(pollMs);
    }
  } finally {
    await etcd.stop();
    probe.close();
  }
}
