import type { StorageAttachment, StorageInstance } from './storage';
import { allStorage } from './storage';
import { storageProviders } from './storage-pool';
import type { World } from './world';

/** A status value as the controller answers it. */
export interface StorageStatus {
  readonly status: string;
  readonly info: string;
  readonly since: string | null;
}

/** A storage instance on a unit (Juju's params.StorageAttachmentDetails). */
export interface StorageAttachmentDetails {
  readonly 'storage-tag': string;
  readonly 'unit-tag': string;
  readonly 'machine-tag': string;
  readonly location?: string;
  readonly life?: string;
}

/** A storage instance (Juju's params.StorageDetails). */
export interface StorageDetails {
  readonly 'storage-tag': string;
  readonly 'owner-tag': string;
  /** 1 block, 2 filesystem. */
  readonly kind: number;
  readonly status: StorageStatus;
  readonly life: string;
  readonly persistent: boolean;
  readonly attachments?: Readonly<Record<string, StorageAttachmentDetails>>;
}

/** A filesystem (Juju's params.FilesystemDetails). */
export interface FilesystemDetails {
  readonly 'filesystem-tag': string;
  readonly 'volume-tag'?: string;
  readonly info: { readonly 'filesystem-id': string; readonly pool: string; readonly size: number };
  readonly life: string;
  readonly status: StorageStatus;
  readonly 'machine-attachments'?: Readonly<
    Record<string, { readonly 'mount-point': string; readonly 'read-only'?: boolean; readonly life: string }>
  >;
  readonly storage?: StorageDetails;
}

/** A volume (Juju's params.VolumeDetails). */
export interface VolumeDetails {
  readonly 'volume-tag': string;
  readonly info: {
    readonly 'volume-id': string;
    readonly pool: string;
    readonly size: number;
    readonly persistent: boolean;
  };
  readonly life: string;
  readonly status: StorageStatus;
  readonly 'machine-attachments'?: Readonly<
    Record<string, { readonly 'device-name': string; readonly 'read-only'?: boolean; readonly life: string }>
  >;
  readonly storage?: StorageDetails;
}

/** All storage of a model. */
export interface CombinedStorage {
  readonly storage: readonly StorageDetails[];
  readonly filesystems: readonly FilesystemDetails[];
  readonly volumes: readonly VolumeDetails[];
}

const tag = (kind: string, id: string): string => `${kind}-${id.replace('/', '-')}`;

/** What the status answer has of storage. */
export function storageDetails(world: World): CombinedStorage {
  const all = allStorage(world);
  return {
    storage: all.map(instanceDetails),
    filesystems: all.flatMap((instance) => filesystemDetails(instance) ?? []),
    volumes: all.flatMap((instance) => volumeDetails(instance) ?? []),
  };
}

/** What the storage facade lists: there a filesystem's and a volume's units come without place and life. */
export function storageList(world: World): CombinedStorage {
  const { storage, filesystems, volumes } = storageDetails(world);
  const bare = <T extends { readonly storage?: StorageDetails }>(one: T): T =>
    one.storage?.attachments === undefined
      ? one
      : {
          ...one,
          storage: {
            ...one.storage,
            attachments: Object.fromEntries(
              Object.entries(one.storage.attachments).map(([unit, attachment]) => [
                unit,
                {
                  'storage-tag': attachment['storage-tag'],
                  'unit-tag': attachment['unit-tag'],
                  'machine-tag': attachment['machine-tag'],
                },
              ]),
            ),
          },
        };
  return { storage, filesystems: filesystems.map(bare), volumes: volumes.map(bare) };
}

const statusOf = ({ status }: StorageInstance): StorageStatus => ({
  status: status.status,
  info: status.message,
  since: status.since,
});

const isPersistent = (instance: StorageInstance): boolean => storageProviders[instance.provider]?.scope === 'model';
const isProvisioned = (instance: StorageInstance): boolean => instance.status.status !== 'pending';

function instanceDetails(instance: StorageInstance): StorageDetails {
  const [first] = instance.attachments;
  return {
    'storage-tag': tag('storage', instance.id),
    'owner-tag': first === undefined ? '' : tag('unit', first.unit),
    kind: instance.kind === 'block' ? 1 : 2,
    status: statusOf(instance),
    life: instance.life,
    persistent: isPersistent(instance),
    ...(first === undefined
      ? {}
      : {
          attachments: Object.fromEntries(
            instance.attachments.map((attachment) => [
              tag('unit', attachment.unit),
              attachmentDetails(instance, attachment),
            ]),
          ),
        }),
  };
}

const attachmentDetails = (instance: StorageInstance, attachment: StorageAttachment): StorageAttachmentDetails => ({
  'storage-tag': tag('storage', instance.id),
  'unit-tag': tag('unit', attachment.unit),
  'machine-tag': `machine-${attachment.machine}`,
  ...(attachment.location === '' ? {} : { location: attachment.location }),
  life: attachment.life,
});

const onMachines = <T>(
  instance: StorageInstance,
  make: (attachment: StorageAttachment) => T,
): { 'machine-attachments'?: Record<string, T> } => {
  const there = instance.attachments.filter((attachment) => attachment.attached);
  return there.length === 0
    ? {}
    : { 'machine-attachments': Object.fromEntries(there.map((each) => [`machine-${each.machine}`, make(each)])) };
};

function filesystemDetails(instance: StorageInstance): FilesystemDetails | undefined {
  if (instance.filesystem === null) return undefined;
  return {
    'filesystem-tag': `filesystem-${instance.filesystem}`,
    ...(instance.volume === null ? {} : { 'volume-tag': `volume-${instance.volume}` }),
    info: {
      'filesystem-id': isProvisioned(instance) ? String(instance.filesystem) : '',
      pool: instance.pool,
      size: instance.size,
    },
    life: instance.life,
    status: statusOf(instance),
    ...onMachines(instance, (attachment) => ({
      'mount-point': attachment.location,
      'read-only': instance.readOnly,
      life: attachment.life,
    })),
    storage: instanceDetails(instance),
  };
}

function volumeDetails(instance: StorageInstance): VolumeDetails | undefined {
  if (instance.volume === null) return undefined;
  return {
    'volume-tag': `volume-${instance.volume}`,
    info: {
      'volume-id': isProvisioned(instance) ? `volume-${instance.volume}` : '',
      pool: instance.pool,
      size: instance.size,
      persistent: isPersistent(instance),
    },
    life: instance.life,
    status: statusOf(instance),
    ...onMachines(instance, (attachment) => ({
      'device-name': attachment.device.replace(/^\/dev\//, ''),
      'read-only': instance.readOnly,
      life: attachment.life,
    })),
    storage: instanceDetails(instance),
  };
}
