import type { ClusterId, Url } from '../domain/ids';

/** A key as a linearizable read found it. */
export interface KeyValue {
  readonly value: Buffer;
  /** Revision of its last change: what compare-and-swap names. */
  readonly modRevision: bigint;
}

/** What was read, and which cluster it was read from. */
export interface KeyAnswer {
  readonly cluster: ClusterId;
  readonly present: KeyValue | null;
}

/** How a write went: as asked, or not, because the key is not what it was expected to be. */
export type PutOutcome = { readonly written: true } | { readonly written: false; readonly present: KeyValue | null };

/** Keys of the store, one endpoint a call, so that it is known who was asked. Throws `ETCD_UNAVAILABLE`, `ETCD_TIMEOUT` or `ETCD_REFUSED`. */
export interface EtcdKeys {
  read(endpoint: Url, key: string): Promise<KeyValue | null>;
  /** The same, with the id of the cluster that answered, from the header of that very answer. */
  readOf(endpoint: Url, key: string): Promise<KeyAnswer>;
  /** Names of all keys that begin with `prefix`. */
  names(endpoint: Url, prefix: string): Promise<readonly string[]>;
  /** Compare-and-swap: writes only where the key still has this revision; null for a key that must be absent. */
  put(endpoint: Url, key: string, value: string | Buffer, expected: bigint | null): Promise<PutOutcome>;
  close(): void;
}
