import { CharmError } from '../domain/errors';
import { generation, url } from '../domain/ids';
import type { DataMarker } from '../domain/observed';

/** The marker's text form: JSON of {@link DataMarker}. An unreadable marker is an error, never absent. */
export function parseDataMarker(text: string | null, path: string): DataMarker | null {
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
  const { lastRevision, logEnd } = value;
  return {
    generation: generation(value.generation as number),
    startedAs,
    token: value.token,
    initial,
    endpoints,
    ...(lastRevision === null || (typeof lastRevision === 'string' && /^\d+$/.test(lastRevision))
      ? { lastRevision }
      : {}),
    ...(logEnd === null || (logEnd !== undefined && isLogEnd(logEnd)) ? { logEnd } : {}),
  };
}

const isLogEnd = (value: NonNullable<DataMarker['logEnd']>): boolean =>
  [value.term, value.index, value.commit].every((text) => typeof text === 'string' && /^\d+$/.test(text));

const unreadable = (path: string): CharmError =>
  new CharmError({
    code: 'FILE_FAILED',
    operation: 'read marker',
    message: `${path} is not readable as what the charm wrote there`,
    retryable: false,
  });
