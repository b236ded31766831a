import type { DiskFacts } from '../domain/observed';
import { parseDataMarker } from '../ports/data-marker';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import { hadLeader } from '../ports/raft-log';
import { readStaged } from '../ports/staged-snapshot';
import { probing } from './probing';

/** The data directory and the marker beside it. */
export async function observeDisk(files: Files, paths: Paths): Promise<DiskFacts> {
  const [data, marker, led, freeBytes, staged] = await Promise.all([
    probing(async () => {
      const entries = await files.list(paths.data);
      return entries === null ? 'absent' : entries.length === 0 ? 'empty' : 'present';
    }),
    probing(async () => parseDataMarker(await files.read(paths.marker), paths.marker)),
    probing(() => hadLeader(files, paths.data)),
    probing(async () => files.freeBytes((await files.list(paths.volume)) === null ? '/' : paths.volume)),
    probing(() => readStaged(files, paths)),
  ]);
  return { data, marker, hadLeader: led, freeBytes, staged };
}
