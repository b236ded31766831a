import { join } from 'node:path';
import type { Url } from '../domain/ids';
import { largestFile, type FileSum, type MirrorEntry } from '../domain/mirror';
import type { EtcdKeys } from '../ports/etcd-keys';
import type { Files } from '../ports/files';
import { contentHash, readContent } from './entry-mirror';

/** What is on this unit's disk, for the comparison of units before the configuration comes from one of them. */
export async function sumFiles(
  files: Files,
  root: string,
  entries: readonly MirrorEntry[],
): Promise<readonly FileSum[]> {
  const sums: FileSum[] = [];
  for (const { file } of entries) sums.push({ file, sha256: contentHash(await readContent(files, join(root, file))) });
  return sums;
}

/** Files that are not the same on all units that have them, with who has what apart from the others. */
export function disagreements(
  byUnit: ReadonlyMap<string, readonly FileSum[]>,
): readonly { readonly file: string; readonly units: ReadonlyMap<string, readonly string[]> }[] {
  const byFile = new Map<string, Map<string, string[]>>();
  for (const [unit, sums] of byUnit)
    for (const { file, sha256 } of sums) {
      if (sha256 === null) continue;
      const versions = byFile.get(file) ?? new Map<string, string[]>();
      versions.set(sha256, [...(versions.get(sha256) ?? []), unit]);
      byFile.set(file, versions);
    }
  return [...byFile].flatMap(([file, units]) => (units.size > 1 ? [{ file, units }] : []));
}

/** How the key of one file came to be. */
export interface Seeded {
  readonly key: string;
  readonly outcome: 'written' | 'kept' | 'no file' | 'too large';
}

/**
 * Makes the keys that are absent from this unit's files, before any other unit's mirror runs: so it is one unit's configuration that
 * comes back, and not a mixture. A second time it finds nothing left to do.
 */
export async function seedKeys(
  files: Files,
  root: string,
  entries: readonly MirrorEntry[],
  keys: EtcdKeys,
  endpoint: Url,
): Promise<readonly Seeded[]> {
  const seeded: Seeded[] = [];
  for (const { key, file } of entries) {
    const content = await readContent(files, join(root, file));
    if (content === null) seeded.push({ key, outcome: 'no file' });
    else if (content.length > largestFile) seeded.push({ key, outcome: 'too large' });
    else {
      const { written } = await keys.put(endpoint, key, content, null);
      seeded.push({ key, outcome: written ? 'written' : 'kept' });
    }
  }
  return seeded;
}
