import { differences, formatClusterValue, parseClusterValue, type ClusterValue } from './cluster-value';

/** A key as it was read. */
export interface PresentKey {
  readonly text: string;
  readonly modRevision: bigint;
}

/** What is to be done with a store's key, by what is there and what the store's configuration says. */
export type LoadPlan =
  /** `expected` is the revision of what is replaced; null where the key must be absent. */
  | { readonly kind: 'write'; readonly value: string; readonly expected: bigint | null }
  | { readonly kind: 'same' }
  /** The key has data of its own: it stays. */
  | { readonly kind: 'kept'; readonly differences: readonly string[]; readonly modRevision: bigint };

/**
 * A key that is absent, or empty as a cluster manager creates it, is written; one that has data stays as it is, unless the operator
 * asked to `replace` it. What is written names the revision that it replaces: it fails where another one wrote meanwhile.
 */
export function planLoad(present: PresentKey | null, wanted: ClusterValue, replace: boolean): LoadPlan {
  const value = formatClusterValue(wanted);
  if (present === null) return { kind: 'write', value, expected: null };
  const { modRevision } = present;
  const read = parseClusterValue(present.text);
  if (read.value === null) {
    if (replace) return { kind: 'write', value, expected: modRevision };
    return { kind: 'kept', differences: [`the value in etcd cannot be read: ${read.problem}`], modRevision };
  }
  const differ = differences(read.value, wanted);
  if (differ.length === 0) return { kind: 'same' };
  if (read.value.size === 0 || replace) return { kind: 'write', value, expected: modRevision };
  return { kind: 'kept', differences: differ, modRevision };
}
