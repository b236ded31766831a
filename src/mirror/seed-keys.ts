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

/** One for each key that has something to be told of. */
export const describeSeeded = (seeded: readonly Seeded[]): readonly string[] =>
  seeded.flatMap(({ key, outcome }) => {
    switch (outcome) {
      case 'written':
        return [`${key} was made`];
      case 'kept':
        return [`${key} was there and stays`];
      case 'too large':
        return [`${key} was not made: its file is larger than ${largestFile} bytes`];
      case 'no file':
        return [];
    }
  });
