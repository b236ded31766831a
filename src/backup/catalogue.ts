import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { maybeBackup, partPattern, type BackupVerdict } from '../domain/backup';
import {
  parseCatalogue,
  type Catalogue,
  type CatalogueEntry,
  type GoodContent,
  type ListedFile,
} from '../domain/backup-catalogue';
import { verifyBackup } from '../ports/backup-verify';
import type { SnapshotTool } from '../ports/snapshot-tool';
import type { BackupMachine } from './back-up';
import { clearParts } from './take-backup';

export interface ListingOptions {
  readonly directory: string;
  readonly tool: SnapshotTool;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether a file is read although it was read before and is the same since; none where it is left out. */
  readonly again?: (path: string) => boolean;
  /** Whether a file of that name may be read from end to end; others of unknown content are not in the listing. All where it is left out. */
  readonly only?: (name: string) => boolean;
  /** Told before a file is read. */
  readonly reading?: (name: string) => Promise<void>;
}

/** A database is unpacked beside the cache, one at a time; what a killed run left there goes first. */
async function readFile(machine: BackupMachine, path: string, tool: SnapshotTool): Promise<BackupVerdict> {
  const { files, paths } = machine;
  await files.makeDirectory(paths.cache, { mode: 0o755 });
  await clearParts(paths.cache);
  const scratch = join(paths.cache, `.etcd-snapshot-list.tar.gz.${process.pid}.db.part`);
  try {
    return await verifyBackup(path, { scratch, tool });
  } finally {
    await rm(scratch, { force: true });
  }
}

function contentOf(verdict: BackupVerdict & { readonly good: true }): GoodContent {
  const { form, revision, totalKeys, etcdVersion, manifest } = verdict;
  return { form, revision: revision.toString(), totalKeys, etcdVersion, manifest };
}

/** Names in a directory; null where there is none. */
async function namesIn(directory: string): Promise<readonly string[] | null> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}

/**
 * What is in a directory, the newest first, each file judged by all of its bytes: now, or when it was found good before and is the same
 * since. Null where there is no such directory.
 */
export async function listBackups(
  machine: BackupMachine,
  { directory, tool, now, again = () => false, only = () => true, reading }: ListingOptions,
): Promise<readonly ListedFile[] | null> {
  const names = await namesIn(directory);
  if (names === null) return null;
  const before = parseCatalogue(await machine.files.read(machine.paths.schedule.catalogue));
  const catalogue: Record<string, CatalogueEntry> = {};
  const listed: ListedFile[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const facts = await stat(path).catch(() => null);
    // Gone meanwhile, or a directory.
    if (facts?.isFile() !== true) continue;
    const file = { name, path, size: facts.size, time: facts.mtimeMs };
    if (!maybeBackup(name)) {
      listed.push({ ...file, found: { kind: partPattern.test(name) ? 'unfinished' : 'other' } });
      continue;
    }
    let entry = before[path];
    const same = entry?.size === facts.size && entry.changed === facts.mtimeMs && entry.tool === tool.version;
    if (entry === undefined || !same || again(path)) {
      if (!only(name)) continue;
      await reading?.(name);
      const verdict = await readFile(machine, path, tool);
      if (!verdict.good) {
        listed.push({ ...file, found: { kind: 'bad', why: verdict.why } });
        continue;
      }
      const verifiedAt = new Date(now).toISOString();
      entry = { size: facts.size, changed: facts.mtimeMs, tool: tool.version, verifiedAt, good: contentOf(verdict) };
    }
    catalogue[path] = entry;
    const { good, verifiedAt } = entry;
    const taken = good.manifest?.takenAt;
    const time = taken === undefined ? file.time : Date.parse(taken);
    listed.push({ ...file, time, found: { kind: 'good', good, verifiedAt } });
  }
  await keep(machine, directory, before, catalogue);
  return listed.sort((one, other) => other.time - one.time || (one.name < other.name ? 1 : -1));
}

/** Files of other directories stay known; those that are gone from this one do not. */
async function keep(
  { files, paths }: BackupMachine,
  directory: string,
  before: Catalogue,
  found: Catalogue,
): Promise<void> {
  const others = Object.entries(before).filter(([path]) => dirname(path) !== directory);
  const text = `${JSON.stringify({ ...Object.fromEntries(others), ...found })}\n`;
  if (text === (await files.read(paths.schedule.catalogue))) return;
  if ((await files.list(dirname(paths.schedule.catalogue))) === null) return;
  await files.writeAtomic(paths.schedule.catalogue, text, { mode: 0o644 });
}
