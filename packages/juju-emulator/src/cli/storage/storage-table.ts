import { formatSize } from '../../model';
import { layoutTable } from '../status/table';
import { naturally } from '../status/natural-order';
import type { StorageDocument, StorageEntry, UnitAttachment } from './storage-document';

const sizeText = (size: number | undefined): string => (size === undefined || size === 0 ? '' : formatSize(size));

/** Pool and size come from the filesystem or the volume that a storage is made of. */
function backing(document: StorageDocument, id: string): { pool: string; size: string } {
  const of = [...Object.values(document.filesystems ?? {}), ...Object.values(document.volumes ?? {})].find(
    (each) => each.storage === id,
  );
  return { pool: of?.pool ?? '', size: sizeText(of?.size) };
}

interface Row {
  readonly unit: string;
  readonly id: string;
  readonly entry: StorageEntry;
  readonly attachment: UnitAttachment | undefined;
}

/** By unit and storage; what is on no unit comes first. */
function rowsOf(document: StorageDocument): Row[] {
  return Object.entries(document.storage ?? {})
    .flatMap(([id, entry]): Row[] => {
      const units = Object.entries(entry.attachments?.units ?? {});
      if (units.length === 0) return [{ unit: '', id, entry, attachment: undefined }];
      return units.map(([unit, attachment]) => ({ unit, id, entry, attachment }));
    })
    .sort((a, b) => naturally(a.unit, b.unit) || naturally(a.id, b.id));
}

/** `juju storage`. */
export function storageTable(document: StorageDocument): string {
  return layoutTable([
    ['Unit', 'Storage ID', 'Type', 'Pool', 'Size', 'Status', 'Message'],
    ...rowsOf(document).map(({ unit, id, entry }) => {
      const { pool, size } = backing(document, id);
      return [unit, id, entry.kind, pool, size, entry.status.current, entry.status.message ?? ''];
    }),
  ]);
}

/** The storage section of `juju status --storage`; empty without storage. */
export function statusStorageTable(document: StorageDocument): string {
  const rows = rowsOf(document);
  if (rows.length === 0) return '';
  return layoutTable([
    ['Storage Unit', 'Storage ID', 'Type', 'Pool', 'Mountpoint', 'Size', 'Status', 'Message'],
    ...rows.map(({ unit, id, entry, attachment }) => {
      const { pool, size } = backing(document, id);
      const { current, message = '' } = entry.status;
      return [unit, id, entry.kind, pool, attachment?.location ?? '', size, current, message];
    }),
  ]);
}

/** `juju storage --filesystem`. */
export function filesystemTable(document: StorageDocument): string {
  const rows = Object.entries(document.filesystems ?? {}).map(([id, entry]) => {
    const [machine = '', attachment] = Object.entries(entry.attachments?.machines ?? {})[0] ?? [];
    const [unit = ''] = Object.keys(entry.attachments?.units ?? {});
    return [
      ...[machine, unit, entry.storage ?? '', id, entry['provider-id'] ?? '', attachment?.['mount-point'] ?? ''],
      ...[sizeText(entry.size), entry.status.current, entry.status.message ?? ''],
    ];
  });
  return layoutTable([
    ['Machine', 'Unit', 'Storage ID', 'ID', 'Provider ID', 'Mountpoint', 'Size', 'State', 'Message'],
    ...byPlace(rows),
  ]);
}

/** `juju storage --volume`. */
export function volumeTable(document: StorageDocument): string {
  const rows = Object.entries(document.volumes ?? {}).map(([id, entry]) => {
    const [machine = '', attachment] = Object.entries(entry.attachments?.machines ?? {})[0] ?? [];
    const [unit = ''] = Object.keys(entry.attachments?.units ?? {});
    return [
      ...[machine, unit, entry.storage ?? '', id, entry['provider-id'] ?? '', attachment?.device ?? ''],
      ...[sizeText(entry.size), entry.status.current, entry.status.message ?? ''],
    ];
  });
  return layoutTable([
    ['Machine', 'Unit', 'Storage ID', 'Volume ID', 'Provider ID', 'Device', 'Size', 'State', 'Message'],
    ...byPlace(rows),
  ]);
}

const byPlace = (rows: string[][]): string[][] =>
  rows.sort(
    (a, b) =>
      naturally(a[0] ?? '', b[0] ?? '') || naturally(a[1] ?? '', b[1] ?? '') || naturally(a[2] ?? '', b[2] ?? ''),
  );
