import type { Url } from '../domain/ids';

/** A watch of some keys at one endpoint. */
export interface KeyWatch {
  /**
   * Begins to watch; resolves once etcd tells changes from then on, so that a read after it misses nothing. `changed` may be called more
   * often than a key changed. `lost` is called once, when the watch tells no more: it has to be made again, and the keys to be read.
   * Rejects where there is no watch to be had.
   */
  start(
    endpoint: Url,
    keys: readonly string[],
    changed: (key: string) => void,
    lost: (why: string) => void,
  ): Promise<void>;
  close(): void;
}
