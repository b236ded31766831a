import { archivePattern } from '../domain/backup';
import { pruning, type Pruning } from '../domain/backup-catalogue';
import type { Ladder } from '../domain/backup-retention';
import type { BackupMachine } from './back-up';
import { listBackups, type ListingOptions } from './catalogue';

export interface PruningOptions extends Pick<ListingOptions, 'directory' | 'tool' | 'now' | 'reading'> {
  readonly ladder: Ladder;
  /** Whose backups; null for each unit's by themselves. */
  readonly unit: string | null;
}

/**
 * What of a directory goes by the ladder. Before anything does, the newest of each cluster is read from end to end in this very run: a
 * disk may have damaged it since it was found good, and then the one before it must stay. Null where there is no such directory.
 */
export async function planPruning(
  machine: BackupMachine,
  { ladder, unit, ...listing }: PruningOptions,
): Promise<Pruning | null> {
  const only = (name: string): boolean => archivePattern.test(name);
  const read = new Set<string>();
  const unread = new Set<string>();
  for (;;) {
    const files = await listBackups(machine, { ...listing, only, again: (path) => unread.has(path) });
    if (files === null) return null;
    const now = new Date(listing.now).toISOString();
    for (const { path, found } of files) if (found.kind === 'good' && found.verifiedAt === now) read.add(path);
    const plan = pruning(files, ladder, listing.now, unit);
    unread.clear();
    if (plan.gone.length === 0) return plan;
    for (const [path, why] of plan.kept) if (why === 'newest' && !read.has(path)) unread.add(path);
    if (unread.size === 0) return plan;
  }
}
