import { join } from 'node:path';
import type { BackupVerdict } from '../domain/backup';
import type { Url } from '../domain/ids';
import { leastRevision, type Recreation } from '../domain/recreation';
import { verifyBackup, type MadeFrom } from '../ports/backup-verify';
import { restoreArguments } from '../ports/restore-arguments';
import { lastWords, revisionOf, type SnapshotTool } from '../ports/snapshot-tool';
import type { Execution } from './execution';

/** The member that the data are made for. */
export interface RestoreTarget {
  readonly recreation: Pick<Recreation, 'token' | 'bump'>;
  readonly name: string;
  readonly peerUrl: Url;
}

export interface Preparation {
  /** A file, or a directory whose newest good backup is taken. */
  readonly source: string;
  /** Where a database that has to be unpacked lies meanwhile; gone afterwards. */
  readonly scratch: string;
  readonly tool: SnapshotTool;
  readonly target: RestoreTarget;
  /** Why data of so many bytes cannot be made here, as the end of a sentence that begins with the backup's path; null where they can. */
  readonly room: (bytes: number) => Promise<string | null>;
}

/** Runs `snapshot restore` into a directory that is made for it; gives the tool's words where it refuses. */
export async function runRestore(
  tool: SnapshotTool,
  { db, hasHash }: { readonly db: string; readonly hasHash: boolean },
  { recreation, name, peerUrl }: RestoreTarget,
  { files, processes, paths, owner }: Pick<Execution, 'files' | 'processes' | 'paths' | 'owner'>,
): Promise<string | null> {
  const target = paths.recreation.data;
  await files.remove(target);
  const args = restoreArguments({ db, hasHash, recreation, name, peerUrl, target });
  const { exitCode, stderr } = await tool.run(args, paths.recreation.directory);
  if (exitCode !== 0) return lastWords(stderr, exitCode);
  if (owner !== null) await processes.run('chown', ['-R', `${owner}:${owner}`, target], { timeoutMs: 600_000 });
  return null;
}

/**
 * Verifies a backup and makes the data directory of a restore of it, beside the place of the data, at the same time: etcd's tool looks at
 * all pages while it copies the database, comparing the sha256 at its end with what it has copied. Made and read twice, one after the
 * other, took three times as long as plain `etcdutl snapshot restore` (benchmark/restore.bench.ts). Where the backup is refused nothing is
 * left behind.
 */
export async function prepareRestore(
  { source, scratch, tool, target, room }: Preparation,
  execution: Pick<Execution, 'files' | 'processes' | 'paths' | 'owner'>,
): Promise<BackupVerdict> {
  const { files, paths } = execution;
  const make = async ({ path, size, hasHash }: MadeFrom): Promise<string | null> => {
    const lack = await room(size);
    if (lack !== null) return lack;
    const said = await runRestore(tool, { db: path, hasHash }, target, execution);
    if (said === null) return null;
    // etcdutl snapshot restore, copyAndVerifyDB.
    if (said.includes('expected sha256')) return 'is damaged: the sha256 at its end is not that of its content';
    return `is damaged: etcd ${tool.version} could not restore it: ${said}`;
  };
  const drop = (): Promise<void> => files.remove(paths.recreation.data);
  let verdict: BackupVerdict;
  try {
    verdict = await verifyBackup(source, { scratch, tool, make });
  } catch (error) {
    await drop();
    throw error;
  }
  const wrong = verdict.good ? await differs(verdict, target, paths.recreation.data) : null;
  if (verdict.good && wrong === null) return verdict;
  await drop();
  return verdict.good ? { good: false, why: `${verdict.path} ${wrong ?? ''}.` } : verdict;
}

/** Whether the data are of another revision than the backup that etcd's tool looked at meanwhile. */
async function differs(
  { revision }: { readonly revision: bigint },
  { recreation: { bump } }: RestoreTarget,
  data: string,
): Promise<string | null> {
  const is = await revisionOf(join(data, 'member/snap/db'));
  const should = leastRevision({ snapshot: { revision }, bump });
  if (is !== null && (bump ? is >= should : is === should)) return null;
  return `gave data of revision ${is ?? 'unknown'} instead of ${should}: was it changed meanwhile? Try again`;
}
