import { open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { archiveTime, madeByNewer, maybeBackup, type BackupVerdict, type VerifiedBackup } from '../domain/backup';
import { bareDb, NoBackup, unpackDb, type UnpackedDb } from './backup-source';
import { readBolt, readBoltValue } from './bolt-file';
import type { SnapshotTool } from './snapshot-tool';

export interface VerifyOptions {
  /** A path that is not there yet; the database is left there where the backup is good, and removed where it is not. */
  readonly scratch: string;
  /** etcd's own tool, of the version that is installed. */
  readonly tool: SnapshotTool;
  /** Free space that must be left beside the database, bytes. */
  readonly keepFree?: number;
  /**
   * What is made of the database while etcd's own tool looks at all of it; answers what is wrong, as the end of a sentence that begins with
   * the path, or null. With it nothing is left in `scratch`, and a bare database that ends with its sha256 is not copied there but read
   * where it lies: `make` has to compare that sha256 with what it reads.
   */
  readonly make?: (db: MadeFrom) => Promise<string | null>;
}

/** A database that something is made of. */
export interface MadeFrom {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** It ends with its own sha256. */
  readonly hasHash: boolean;
}

/**
 * Reads a backup from its first to its last byte and has it checked by etcd's own tool: our archive, an archive of the Python charm
 * (tar.gz or tar, also without trailing hash), a bare database, what `etcdctl snapshot save` writes, or a directory of these (the
 * newest good one). Touches nothing but `scratch`; memory stays flat whatever the size.
 * @throws errors of the disk; what is wrong with the backup is a verdict.
 */
export async function verifyBackup(path: string, options: VerifyOptions): Promise<BackupVerdict> {
  let found;
  try {
    found = await stat(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return refused(path, 'is not on this unit');
    throw error;
  }
  if (found.isDirectory()) return newestGood(path, options);
  if (!found.isFile()) return refused(path, 'is neither a file nor a directory');
  return verifyFile(path, options);
}

const refused = (path: string, why: string): BackupVerdict => ({ good: false, why: `${path} ${why}.` });

/** Files of a directory that may be backups, the newest first: by the time in the name, else by that of the file. */
export async function backupFiles(
  directory: string,
): Promise<readonly { readonly name: string; readonly time: number; readonly size: number }[]> {
  const names = (await readdir(directory)).filter(maybeBackup);
  const files = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(directory, name)).catch(() => null);
      return found?.isFile() === true ? [{ name, time: archiveTime(name) ?? found.mtimeMs, size: found.size }] : [];
    }),
  );
  return files.flat().sort((one, other) => other.time - one.time || (one.name < other.name ? 1 : -1));
}

async function newestGood(directory: string, options: VerifyOptions): Promise<BackupVerdict> {
  const passedOver: string[] = [];
  for (const { name } of await backupFiles(directory)) {
    const verdict = await verifyFile(join(directory, name), options);
    if (verdict.good) return { ...verdict, passedOver };
    passedOver.push(verdict.why);
  }
  const [first] = passedOver;
  if (first === undefined) return refused(directory, 'is a directory without any backup in it');
  return refused(
    directory,
    `has no good backup in it (${passedOver.length} looked at; the newest: ${first.replace(/\.$/, '')})`,
  );
}

async function verifyFile(path: string, options: VerifyOptions): Promise<BackupVerdict> {
  const { scratch } = options;
  try {
    return await judge(path, options);
  } catch (error) {
    await rm(scratch, { force: true });
    if (error instanceof NoBackup) return refused(path, error.message);
    throw error;
  }
}

async function judge(path: string, options: VerifyOptions): Promise<VerifiedBackup> {
  const { scratch, tool, make, keepFree = 64 * 1024 * 1024 } = options;
  await rm(scratch, { force: true });
  const bare = make === undefined ? null : await bareDb(path);
  const db: UnpackedDb =
    bare === null
      ? await unpackDb(path, scratch, (bytes) => roomFor(bytes, scratch, keepFree))
      : { form: 'db', ...bare, trailingHash: 'right', manifest: null };
  const at = bare === null ? scratch : path;
  const made = await checkDb(at, db, tool);
  const { size, trailingHash, manifest } = db;
  const hasHash = trailingHash === 'right';
  const [{ status, said }, wrong] = await Promise.all([tool.status(at), make?.({ path: at, size, hasHash }) ?? null]);
  if (wrong !== null) throw new NoBackup(wrong);
  if (status === null) throw new NoBackup(`is damaged: etcd ${tool.version} says of it: ${said}`);
  if (manifest !== null && manifest.revision !== status.revision.toString())
    throw new NoBackup('does not hold what its manifest says');
  if (make !== undefined) await rm(scratch, { force: true });
  return {
    good: true,
    path,
    form: db.form,
    hasHash,
    ...status,
    size,
    sha256: db.sha256,
    etcdVersion: manifest?.etcdVersion ?? made,
    manifest,
    passedOver: [],
  };
}

async function roomFor(bytes: number, scratch: string, keepFree: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(scratch));
  const free = bavail * bsize;
  if (bytes + keepFree > free)
    throw new NoBackup(
      `cannot be looked at: its database has ${mebibytes(bytes)} and only ${mebibytes(free)} are free in ${dirname(scratch)}`,
    );
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;

/** What can be seen without etcd; gives the version of etcd that the database names. */
async function checkDb(path: string, db: UnpackedDb, tool: SnapshotTool): Promise<string | null> {
  const { manifest, trailingHash, size } = db;
  if (manifest !== null && (manifest.sha256 !== db.sha256 || manifest.size !== size))
    throw new NoBackup('is damaged: its database has not the sha256 of its manifest');
  if (trailingHash === 'wrong') throw new NoBackup('is damaged: the sha256 at its end is not that of its content');
  const file = await open(path, 'r');
  try {
    const bolt = await readBolt(file);
    if (bolt === null) throw new NoBackup('is no etcd database (bbolt finds no valid meta page in it)');
    const content = trailingHash === null ? size : size - 32;
    if (content < bolt.usedBytes)
      throw new NoBackup(`is truncated: its database has ${bolt.usedBytes} bytes, and ${content} are there`);
    const read = async (bucket: string, key: string): Promise<string | null> =>
      (await readBoltValue(file, bolt, bucket, key))?.toString('utf8') ?? null;
    const named =
      manifest?.etcdVersion ?? (await read('meta', 'storageVersion')) ?? (await read('cluster', 'clusterVersion'));
    const made = named !== null && /^\d+\.\d+(\.\d+)?$/.test(named) ? named : null;
    if (made !== null && madeByNewer(made, tool.version))
      throw new NoBackup(
        `is of etcd ${made}, newer than the ${tool.version} that is installed on this unit: upgrade the charm's etcd first`,
      );
    return made;
  } finally {
    await file.close();
  }
}
