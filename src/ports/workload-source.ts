import type { EtcdVersion } from '../domain/ids';
import type { WorkloadOffer } from '../domain/observed';

/** One way to get etcd's binaries: the resource, apt, or the snap. */
export interface WorkloadSource {
  readonly kind: 'resource' | 'apt' | 'snap';
  /** What it offers; null when it offers nothing at all. Throws `SOURCE_UNREACHABLE` when that is not known. */
  offer(): Promise<WorkloadOffer | null>;
  /** Puts the binaries completely into `directory` (made by the caller, empty). */
  unpack(version: EtcdVersion, directory: string): Promise<void>;
}
