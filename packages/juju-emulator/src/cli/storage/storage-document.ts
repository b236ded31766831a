import type { CombinedStorage, FilesystemDetails, StorageDetails, StorageStatus, VolumeDetails } from '../../model';
import { naturally } from '../status/natural-order';
import { formatSince } from '../status/time';

/** What the storage verbs are answered: a list that is missing or null is empty. */
export type StorageAnswer = {
  readonly [K in keyof CombinedStorage]?: CombinedStorage[K] | null;
};

export interface UnitAttachment {
  readonly machine?: string;
  readonly location?: string;
  readonly life?: string;
}

interface EntityStatus {
  readonly current: string;
  readonly message?: string;
  readonly since?: string;
}

export interface StorageEntry {
  readonly kind: string;
  readonly life?: string;
  readonly status: EntityStatus;
  readonly persistent: boolean;
  readonly attachments?: { readonly units: Readonly<Record<string, UnitAttachment>> };
}

interface Attachments<T> {
  readonly machines?: Readonly<Record<string, T>>;
  readonly units?: Readonly<Record<string, UnitAttachment>>;
}

export interface FilesystemEntry {
  readonly 'provider-id'?: string;
  readonly volume?: string;
  readonly storage?: string;
  readonly attachments?: Attachments<{
    readonly 'mount-point': string;
    readonly 'read-only': boolean;
    readonly life?: string;
  }>;
  readonly pool?: string;
  readonly size: number;
  readonly life?: string;
  readonly status: EntityStatus;
}

export interface VolumeEntry {
  readonly 'provider-id'?: string;
  readonly storage?: string;
  readonly attachments?: Attachments<{
    readonly device?: string;
    readonly 'read-only': boolean;
    readonly life?: string;
  }>;
  readonly pool?: string;
  readonly size: number;
  readonly persistent: boolean;
  readonly life?: string;
  readonly status: EntityStatus;
}

/** `juju storage --format yaml`: keys in Juju's order, empty ones left out. */
export interface StorageDocument {
  readonly storage?: Readonly<Record<string, StorageEntry>>;
  readonly filesystems?: Readonly<Record<string, FilesystemEntry>>;
  readonly volumes?: Readonly<Record<string, VolumeEntry>>;
}

/** `storage-data-0` -> `data/0`, `unit-app-0` -> `app/0`, `machine-0` -> `0`. */
export function idOfTag(tag: string): string {
  const [kind = '', ...rest] = tag.split('-');
  if (kind !== 'storage' && kind !== 'unit') return rest.join('-').replaceAll('-', '/');
  return `${rest.slice(0, -1).join('-')}/${rest.at(-1) ?? ''}`;
}

/** The storage of an answer as a document. */
export function storageDocument(answer: StorageAnswer | null): StorageDocument {
  const storage = (answer?.storage ?? []).map((one): [string, StorageEntry] => [
    idOfTag(one['storage-tag']),
    storageEntry(one),
  ]);
  const filesystems = (answer?.filesystems ?? []).map((one): [string, FilesystemEntry] => [
    idOfTag(one['filesystem-tag']),
    filesystemEntry(one),
  ]);
  const volumes = (answer?.volumes ?? []).map((one): [string, VolumeEntry] => [
    idOfTag(one['volume-tag']),
    volumeEntry(one),
  ]);
  return {
    ...(storage.length === 0 ? {} : { storage: sorted(storage) }),
    ...(filesystems.length === 0 ? {} : { filesystems: sorted(filesystems) }),
    ...(volumes.length === 0 ? {} : { volumes: sorted(volumes) }),
  };
}

const sorted = <T>(entries: [string, T][]): Record<string, T> =>
  Object.fromEntries(entries.sort(([a], [b]) => naturally(a, b)));

/** Times of storage are local ones even with --utc. */
function entityStatus(status: StorageStatus): EntityStatus {
  return {
    current: status.status,
    ...(status.info === '' ? {} : { message: status.info }),
    ...(status.since === null ? {} : { since: formatSince(status.since, false) }),
  };
}

const lifeOf = (life: string | undefined): { life?: string } => (life === undefined || life === '' ? {} : { life });

export function storageEntry(details: StorageDetails): StorageEntry {
  const units = unitsOf(details);
  return {
    kind: details.kind === 1 ? 'block' : details.kind === 2 ? 'filesystem' : 'unknown',
    ...lifeOf(details.life),
    status: entityStatus(details.status),
    persistent: details.persistent,
    ...(units === undefined ? {} : { attachments: { units } }),
  };
}

function unitsOf(details: StorageDetails | undefined): Record<string, UnitAttachment> | undefined {
  const attachments = Object.values(details?.attachments ?? {});
  if (attachments.length === 0) return undefined;
  return sorted(
    attachments.map((attachment): [string, UnitAttachment] => [
      idOfTag(attachment['unit-tag']),
      {
        ...(attachment['machine-tag'] === '' ? {} : { machine: idOfTag(attachment['machine-tag']) }),
        ...(attachment.location === undefined || attachment.location === '' ? {} : { location: attachment.location }),
        ...lifeOf(attachment.life),
      },
    ]),
  );
}

function attachmentsOf<T, R>(
  details: { readonly 'machine-attachments'?: Readonly<Record<string, T>>; readonly storage?: StorageDetails },
  make: (attachment: T) => R,
): { attachments?: Attachments<R> } {
  const machines = Object.entries(details['machine-attachments'] ?? {});
  const units = unitsOf(details.storage);
  if (machines.length === 0 && units === undefined) return {};
  return {
    attachments: {
      ...(machines.length === 0
        ? {}
        : {
            machines: sorted(machines.map(([tag, attachment]): [string, R] => [idOfTag(tag), make(attachment)])),
          }),
      ...(units === undefined ? {} : { units }),
    },
  };
}

const named = (key: string, value: string | undefined): Record<string, string> =>
  value === undefined || value === '' ? {} : { [key]: value };

function filesystemEntry(details: FilesystemDetails): FilesystemEntry {
  return {
    ...named('provider-id', details.info['filesystem-id']),
    ...named('volume', details['volume-tag'] === undefined ? undefined : idOfTag(details['volume-tag'])),
    ...named('storage', details.storage === undefined ? undefined : idOfTag(details.storage['storage-tag'])),
    ...attachmentsOf(details, (attachment) => ({
      'mount-point': attachment['mount-point'],
      'read-only': attachment['read-only'] === true,
      ...lifeOf(attachment.life),
    })),
    ...named('pool', details.info.pool),
    size: details.info.size,
    ...lifeOf(details.life),
    status: entityStatus(details.status),
  };
}

function volumeEntry(details: VolumeDetails): VolumeEntry {
  return {
    ...named('provider-id', details.info['volume-id']),
    ...named('storage', details.storage === undefined ? undefined : idOfTag(details.storage['storage-tag'])),
    ...attachmentsOf(details, (attachment) => ({
      ...named('device', attachment['device-name']),
      'read-only': attachment['read-only'] === true,
      ...lifeOf(attachment.life),
    })),
    ...named('pool', details.info.pool),
    size: details.info.size,
    persistent: details.info.persistent,
    ...lifeOf(details.life),
    status: entityStatus(details.status),
  };
}
