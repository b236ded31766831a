import type { LoadRecord } from '../domain/configuration';
import type { Files } from './files';
import type { Paths } from './paths';

/** What the load phase has done on this unit. One that cannot be read is none: all of it can be done again. */
export async function readLoadRecord(
  files: Files,
  { recreation }: Pick<Paths, 'recreation'>,
): Promise<LoadRecord | null> {
  const text = await files.read(recreation.loaded);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<LoadRecord> | null;
    if (typeof value?.token !== 'string') return null;
    return { token: value.token, seeded: value.seeded ?? null, stores: value.stores ?? null };
  } catch {
    return null;
  }
}

/** Adds to what was written down of the same attempt; what an older one left goes. */
export async function noteLoad(
  token: string,
  found: Partial<Pick<LoadRecord, 'seeded' | 'stores'>>,
  files: Files,
  paths: Pick<Paths, 'recreation'>,
): Promise<void> {
  const before = await readLoadRecord(files, paths);
  const kept = before?.token === token ? before : { seeded: null, stores: null };
  await files.writeAtomic(paths.recreation.loaded, `${JSON.stringify({ ...kept, ...found, token })}\n`, {
    mode: 0o600,
  });
}
