/** A piece of storage, as a machine or its host needs to know it. */
export interface StorageRequest {
  /** Names its data on the host; never used again. */
  readonly uuid: string;
  /** Number of the volume or filesystem; names a device where there are no real ones. */
  readonly number: number;
  readonly kind: 'filesystem' | 'block';
  /** A directory, memory, or a disk image on a loop device (a filesystem is made on it once). */
  readonly backing: 'directory' | 'memory' | 'image';
  /** `machine`: the data are on the machine's own disk and go with it; `model`: they outlive machines. */
  readonly scope: 'machine' | 'model';
  /** MiB, at least. */
  readonly size: number;
  readonly readOnly: boolean;
  /** Where a filesystem is to be mounted; empty for a block device. */
  readonly mountPoint: string;
}

/** Where storage is on a machine. */
export interface AttachedStorage {
  /** Path on the machine: the mount point or the device. */
  readonly location: string;
  /** Path of the block device that it is or lies on; empty without one. */
  readonly device: string;
  /** MiB. */
  readonly size: number;
}
