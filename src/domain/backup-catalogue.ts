import { archivePattern, type BackupForm, type BackupManifest } from './backup';
import { keptBackups, type KeptFor, type Ladder } from './backup-retention';

/** What a backup was found to hold when all of it was read. */
export interface GoodContent {
  readonly form: BackupForm;
  /** Decimal. */
  readonly revision: string;
  readonly totalKeys: number;
  /** Version of etcd that made it; null where nothing tells. */
  readonly etcdVersion: string | null;
  /** null for what another made. */
  readonly manifest: BackupManifest | null;
}

/**
 * A good backup that was read once, kept so that it need not be read again while it is the same. What was found no good is read each
 * time: a full disk or an older etcd may have been the reason.
 */
export interface CatalogueEntry {
  /** Bytes of the file. */
  readonly size: number;
  /** Its time of change, milliseconds since the epoch. */
  readonly changed: number;
  /** Version of etcd's tool that judged it: a newer one takes more. */
  readonly tool: string;
  /** ISO 8601, UTC. */
  readonly verifiedAt: string;
  readonly good: GoodContent;
}

/** By path. */
export type Catalogue = Readonly<Record<string, CatalogueEntry>>;

/** The catalogue in that text; what cannot be read is an empty one, and all files are read again. */
export function parseCatalogue(text: string | null): Catalogue {
  try {
    return text === null ? {} : ((JSON.parse(text) as Catalogue | null) ?? {});
  } catch {
    return {};
  }
}

/** A file of a directory of backups. */
export interface ListedFile {
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was taken, else when the file was changed; milliseconds since the epoch. */
  readonly time: number;
  readonly found:
    | { readonly kind: 'good'; readonly good: GoodContent; readonly verifiedAt: string }
    | { readonly kind: 'bad'; readonly why: string }
    /** Still being written, or left by a run that was killed. */
    | { readonly kind: 'unfinished' }
    /** Nothing of what backups are called. */
    | { readonly kind: 'other' };
}

/** A good backup that this charm made and named. */
export interface OwnBackup extends ListedFile {
  readonly manifest: BackupManifest;
}

/** Those of a listing that this charm made: only these are ever removed. */
export const ownBackups = (files: readonly ListedFile[]): readonly OwnBackup[] =>
  files.flatMap((file) => {
    const manifest = file.found.kind === 'good' ? file.found.good.manifest : null;
    return manifest !== null && archivePattern.test(file.name) ? [{ ...file, manifest }] : [];
  });

/** What of a directory goes, and why the rest of this charm's backups stays. */
export interface Pruning {
  readonly gone: readonly OwnBackup[];
  readonly kept: ReadonlyMap<string, KeptFor>;
}

/** Each unit's backups by a ladder of their own; `unit` is the only one whose are looked at, null for all. */
export function pruning(files: readonly ListedFile[], ladder: Ladder, now: number, unit: string | null): Pruning {
  const byUnit = new Map<string, OwnBackup[]>();
  for (const backup of ownBackups(files)) {
    const taker = backup.manifest.unit;
    if (unit === null || unit === taker) byUnit.set(taker, [...(byUnit.get(taker) ?? []), backup]);
  }
  const gone: OwnBackup[] = [];
  const kept = new Map<string, KeptFor>();
  for (const backups of byUnit.values()) {
    const dated = backups.map(({ path, time, manifest }) => ({
      path,
      time,
      revision: BigInt(manifest.revision),
      cluster: manifest.clusterId,
    }));
    const stays = keptBackups(dated, ladder, now);
    for (const [path, why] of stays) kept.set(path, why);
    gone.push(...backups.filter(({ path }) => !stays.has(path)));
  }
  return { gone, kept };
}
