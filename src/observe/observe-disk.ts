import { CharmError } from '../domain/errors';
import { generation, url } from '../domain/ids';
import type { DataMarker, DiskFacts } from '../domain/observed';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import { hadLeader } from '../ports/raft-log';
import { probing } from './probing';

/** The data directory and the marker beside it. */
export async function observeDisk(files: Files, paths: Paths): Promise<DiskFacts> {
  const [data, marker, led, freeBytes] = await Promise.all([
    probing(async () => {
      const entries = await files.list(paths.data);
      return entries === null ? 'absent' : entries.length === 0 ? 'empty' : 'present';
    }),
    probing(async () => parseMarker(await files.read(paths.marker), paths.marker)),
    probing(() => hadLeader(files, paths.data)),
    probing(async () => files.freeBytes((await files.list(paths.volume)) === null ? '/' : paths.volume)),
  ]);
  return { data, marker, hadLeader: led, freeBytes };
}

/** The marker's text form: JSON of {@link DataMarker}. An unreadable marker is unknown, never absent. */
function parseMarker(text: string | null, path: string): DataMarker | null {
  if (text === null) return null;
  const value = JSON.parse(text) as Partial<DataMarker>;
  const startedAs = value.startedAs;
  if (!Number.isInteger(value.generation) || typeof value.token !== 'string') throw unreadable(path);
  if (startedAs !== 'new' && startedAs !== 'existing') throw unreadable(path);
  const initial = Array.isArray(value.initial) ? value.initial : null;
  if (
    initial === null ||
    !initial.every(({ name, peerUrl }) => typeof name === 'string' && typeof peerUrl === 'string')
  ) {
    throw unreadable(path);
  }
  const endpoints = Array.isArray(value.endpoints)
    ? value.endpoints.filter((one) => typeof one === 'string').map(url)
    : [];
  return { generation: generation(value.generation as number), startedAs, token: value.token, initial, endpoints };
}

const unreadable = (path: string): CharmError =>
  new CharmError({
    code: 'FILE_FAILED',
    operation: 'read marker',
    message: `${path} is not readable as what the charm wrote there`,
    retryable: false,
  });
