import { createHash } from 'node:crypto';
import { chown, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { archiveName, partPattern, type BackupManifest, type BackupRecord, type LiveFacts } from '../domain/backup';
import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import { ArchiveWriter, writeAll } from '../ports/backup-archive';
import type { PemCredentials } from '../ports/pem-credentials';
import { revisionOf, type SnapshotTool } from '../ports/snapshot-tool';
import { withSnapshot, type SnapshotStream } from '../ports/snapshot-stream';

/** From which member, to where, and as whom. */
export interface BackupRequest {
  readonly endpoint: Url;
  readonly credentials: PemCredentials;
  readonly tool: SnapshotTool;
  /** An absolute directory; made where it is not there. */
  readonly target: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly source: Pick<BackupManifest, 'unit' | 'member' | 'memberId' | 'clusterId' | 'etcdVersion'>;
  /** What the snapshot must have at least: the revision of a linearizable answer that came before; null for a stale one. */
  readonly leastRevision: bigint | null;
  /** What the member says of a revision that it just gave; null where it does not. */
  readonly live: (revision: bigint) => Promise<LiveFacts | null>;
  /** Who may read the archive besides root; null where everything runs as one user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** Told after each chunk: bytes so far, bytes in all. */
  readonly progress?: (done: number, of: number) => void;
}

const trailingHash = 32;

const failed = (message: string): CharmError =>
  new CharmError({ code: 'BACKUP_FAILED', operation: 'snapshot', message, retryable: true });

const damaged = (why: string): CharmError =>
  failed(
    `The snapshot was no good and was thrown away: ${why}. Try again; where it happens again, run check-consistency.`,
  );

/** Removes what runs that were killed left in a directory; those that still run keep theirs. */
export async function clearParts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = Number(partPattern.exec(name)?.[1] ?? 0);
    if (pid > 0 && (pid === process.pid || !runs(pid))) await rm(join(directory, name), { force: true });
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Passes the chunks on and keeps them, with their sha256s, in a file for etcd's own tool. */
async function* kept(
  { chunks, size }: SnapshotStream,
  file: FileHandle,
  hashes: { readonly all: ReturnType<typeof createHash>; body: Buffer | null; readonly tail: Buffer[] },
  progress: BackupRequest['progress'],
): AsyncGenerator<Buffer> {
  const hashed = size - trailingHash;
  let at = 0;
  let writing: Promise<void> = Promise.resolve();
  for await (const chunk of chunks) {
    await writing;
    writing = writeAll(file, [chunk]);
    // Told with the next chunk, or at the end.
    writing.catch(() => undefined);
    const split = Math.max(0, Math.min(chunk.length, hashed - at));
    hashes.all.update(chunk.subarray(0, split));
    if (split < chunk.length) {
      hashes.body ??= hashes.all.copy().digest();
      hashes.all.update(chunk.subarray(split));
      hashes.tail.push(chunk.subarray(split));
    }
    at += chunk.length;
    yield chunk;
    progress?.(at, size);
  }
  await writing;
}

/** What of a directory's name must be on the disk, too. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Level by level: Node's own way of making all of them at once never ends on file systems like /proc. */
async function makeTarget(target: string, owner: BackupRequest['owner']): Promise<void> {
  const missing: string[] = [];
  for (let path = target; (await stat(path).catch(() => null)) === null; path = dirname(path)) missing.unshift(path);
  for (const path of missing) {
    await mkdir(path, { mode: 0o755 });
    if (owner !== null) await chown(path, owner.uid, owner.gid);
  }
}

/**
 * Streams one snapshot into an archive: `./db`, then `./manifest.json`. The database lies beside it as a file for as long as etcd's own
 * tool needs it. The archive gets its name when all of it was checked and is on the disk: killed before, there is none.
 */
export async function takeBackup(request: BackupRequest): Promise<BackupRecord> {
  const { target, now, owner } = request;
  await makeTarget(target, owner);
  await clearParts(target);
  const name = archiveName(now);
  const path = join(target, name);
  if ((await stat(path).catch(() => null)) !== null) throw failed(`${path} is there already: try again in a second.`);
  const [part, db] = ['archive', 'db'].map((kind) => join(target, `.${name}.${process.pid}.${kind}.part`)) as [
    string,
    string,
  ];
  try {
    const taken = await withSnapshot(request.endpoint, request.credentials, (snapshot) =>
      writeArchive(request, snapshot, part, db),
    );
    if (owner !== null) await chown(part, owner.uid, owner.gid);
    await rename(part, path);
    await syncDirectory(target);
    return { ...taken, path };
  } finally {
    await rm(part, { force: true });
    await rm(db, { force: true });
  }
}

async function writeArchive(
  request: BackupRequest,
  snapshot: SnapshotStream,
  part: string,
  db: string,
): Promise<Omit<BackupRecord, 'path'>> {
  const { now, tool, source, leastRevision } = request;
  const hashes = { all: createHash('sha256'), body: null as Buffer | null, tail: [] as Buffer[] };
  const file = await open(db, 'wx', 0o600);
  const archive = await ArchiveWriter.create(part, new Date(now)).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  try {
    try {
      await archive.entry('./db', snapshot.size, kept(snapshot, file, hashes, request.progress));
    } finally {
      await file.close();
    }
    if (hashes.body?.equals(Buffer.concat(hashes.tail)) !== true)
      throw damaged('the sha256 at its end is not that of its content');
    const revision = await revisionOf(db);
    // The disk, etcd's tool and the member work at the same time.
    const [{ status, said }, live] = await Promise.all([
      tool.status(db),
      revision === null ? null : request.live(revision),
      archive.flush(),
    ]);
    if (status === null) throw damaged(`etcd ${tool.version} says of it: ${said}`);
    if (leastRevision !== null && status.revision < leastRevision)
      throw damaged(`it is of revision ${status.revision}, and the cluster was at ${leastRevision} before`);
    const manifest: BackupManifest = {
      format: 1,
      takenAt: new Date(now).toISOString(),
      ...source,
      revision: status.revision.toString(),
      totalKeys: status.totalKeys,
      hash: status.hash,
      size: snapshot.size,
      sha256: hashes.all.digest('hex'),
      live: status.revision === revision ? live : null,
    };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await archive.entry('./manifest.json', text.length, [text]);
    const { size, sha256 } = await archive.finish();
    return { archiveSize: size, archiveSha256: sha256, manifest };
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}
