import { CharmError } from '../domain/errors';
import type { StagedSnapshot } from '../domain/recreation';
import type { Files } from './files';
import type { Paths } from './paths';
import { formatRecreation, sourcedOf } from './recreation-bags';

/** The record beside a verified database; null where none is staged. An unreadable one is an error, never absent. */
export async function readStaged(files: Files, { recreation }: Paths): Promise<StagedSnapshot | null> {
  const text = await files.read(recreation.record);
  if (text === null) return null;
  const staged = parseStaged(text, recreation.record);
  const made = staged.made && (await files.list(recreation.data)) !== null;
  // Once the data are made, what they were made of is not needed.
  return { ...staged, made, complete: made || (await files.size(staged.db)) === staged.size };
}

export async function writeStaged(
  { complete: _, ...staged }: Omit<StagedSnapshot, 'complete'> & { readonly complete?: boolean },
  files: Files,
  paths: Paths,
): Promise<void> {
  const text = JSON.stringify({ ...staged, recreation: JSON.parse(formatRecreation(staged.recreation)) as unknown });
  await files.writeAtomic(paths.recreation.record, `${text}\n`, { mode: 0o600 });
}

function parseStaged(text: string, path: string): Omit<StagedSnapshot, 'complete'> {
  try {
    const { recreation, db, size, hasHash, alone, checked, made, problem, damaged, takenAt } = JSON.parse(
      text,
    ) as Record<string, unknown>;
    if (typeof db !== 'string' || typeof size !== 'number') throw new Error('no database is named');
    return {
      recreation: sourcedOf(recreation as Record<string, unknown>),
      db,
      size,
      hasHash: hasHash === true,
      alone: alone === true,
      checked: checked === true,
      made: made === true,
      problem: typeof problem === 'string' ? problem : null,
      damaged: damaged === true,
      takenAt: typeof takenAt === 'number' ? takenAt : null,
    };
  } catch (cause) {
    throw new CharmError({
      code: 'FILE_FAILED',
      operation: 'read staged snapshot',
      message: `${path} is not readable as what the charm wrote there`,
      cause,
      retryable: false,
    });
  }
}
