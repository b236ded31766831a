import type { ClusterId } from '../domain/ids';

/**
 * Whether keys are another cluster's than the unit's. A machine that was given up may come back to a new one that is still empty: its
 * files are older than those that the recovery has chosen, and must not be first. Unknown is no other.
 */
export const isOther = (own: ClusterId | null, answered: ClusterId): boolean => own !== null && own !== answered;

/** What is kept of an entry between two looks, also over a restart. */
export interface Applied {
  /** sha256 of the value that key and file had in common last; null before the first time. */
  readonly common: string | null;
}

/** Contents by their sha256, hex; null where there is none. */
export interface Contents {
  readonly key: string | null;
  readonly file: string | null;
}

/** What is to be done with one entry. */
export type Decision =
  | { readonly kind: 'nothing'; readonly verdict: 'in-step' | 'edited-here' | 'unused' }
  /** The key is absent: the file's content becomes its value, unless someone is first. */
  | { readonly kind: 'create-key' }
  /** The file becomes what the key is. `keep`: it has content that no key had, which is to be kept beside. */
  | { readonly kind: 'write-file'; readonly keep: boolean };

/**
 * Clearwater's config manager: a key that is absent comes from the file, whoever is first; a key that changed goes to the file; a file
 * that alone was changed is neither sent nor overwritten. What was in common last tells which of the two changed, also where revisions
 * began anew because the cluster was made again. A file that is removed comes back.
 */
export function decide({ common }: Applied, { key, file }: Contents): Decision {
  if (key === null) return file === null ? { kind: 'nothing', verdict: 'unused' } : { kind: 'create-key' };
  if (file === null) return { kind: 'write-file', keep: false };
  if (file === key) return { kind: 'nothing', verdict: 'in-step' };
  if (common === key) return { kind: 'nothing', verdict: 'edited-here' };
  return { kind: 'write-file', keep: common !== file };
}
