import type { FileSum } from '../domain/mirror';
import type { Remains } from '../domain/remains';

/** Key of a unit's bag of the `cluster` relation; JSON, 64-bit numbers as decimal text. */
export const remainsKey = 'remains';

export function formatRemains({ log, revision, size, backup, files }: Remains): string {
  return JSON.stringify({
    log: log === null ? null : { term: `${log.term}`, index: `${log.index}`, commit: `${log.commit}` },
    revision: revision === null ? null : `${revision}`,
    size,
    backup: backup === null ? null : { takenAt: backup.takenAt, revision: `${backup.revision}` },
    files,
  });
}

/** It is for people to weigh a recovery by, and nothing is decided on it: what cannot be read counts as not told. */
export function parseRemains(text: string | undefined): Remains | null {
  if (text === undefined) return null;
  try {
    const { log, revision, size, backup, files } = JSON.parse(text) as Record<string, unknown>;
    return {
      log: fieldsOf(log, ({ term, index, commit }) => ({
        term: numberOf(term),
        index: numberOf(index),
        commit: numberOf(commit),
      })),
      revision: revision === null ? null : numberOf(revision),
      size: typeof size === 'number' ? size : null,
      backup: fieldsOf(backup, (one) => ({ takenAt: Number(one['takenAt']), revision: numberOf(one['revision']) })),
      files: Array.isArray(files) ? files.map(sumOf) : [],
    };
  } catch {
    return null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = <T>(value: unknown, read: (fields: Fields) => T): T | null =>
  value === null ? null : read(value as Fields);

const numberOf = (value: unknown): bigint => {
  if (typeof value !== 'string') throw new TypeError('not a number');
  return BigInt(value);
};

function sumOf(value: unknown): FileSum {
  const { file, sha256 } = value as Fields;
  if (typeof file !== 'string' || (sha256 !== null && typeof sha256 !== 'string')) throw new TypeError('not a sum');
  return { file, sha256 };
}
