import { parseStorageDirectives } from '../../model';
import type { StorageOutcome } from '../../controller/storage-methods';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { storageDocument, type StorageAnswer, type StorageDocument } from '../storage/storage-document';
import { filesystemTable, storageTable, volumeTable } from '../storage/storage-table';

const storageId = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*\/(?:0|[1-9][0-9]*)$/;
const unitName = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*\/(?:0|[1-9][0-9]*)$/;

interface ListFlags {
  readonly model?: string;
  readonly format: string;
  readonly filesystem?: boolean;
  readonly volume?: boolean;
}

/** The part of a document that the flags ask for. */
function chosen(all: StorageDocument, flags: ListFlags, ids: readonly string[]): StorageDocument {
  const named = <T>(entries: Readonly<Record<string, T>> | undefined): Record<string, T> | undefined => {
    const kept = Object.entries(entries ?? {}).filter(([id]) => ids.length === 0 || ids.includes(id));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  };
  if (flags.filesystem === true) {
    const filesystems = named(all.filesystems);
    return filesystems === undefined ? {} : { filesystems };
  }
  if (flags.volume === true) {
    const volumes = named(all.volumes);
    return volumes === undefined ? {} : { volumes };
  }
  return all;
}

function reportFailures(registry: Registry, lines: readonly string[]): void {
  if (lines.length === 0) return;
  for (const line of lines) registry.terminal.err(`${line}\n`);
  throw new CliError('', 1);
}

/** storage, show-storage, add-storage, attach-storage, detach-storage, remove-storage. */
export function registerStorageVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'storage [ids...]', 'Lists storage details.')
    .alias('list-storage')
    .formats('tabular', 'json', 'yaml')
    .option('--filesystem', 'List filesystem storage (deprecated)')
    .option('--volume', 'List volume storage (deprecated)')
    .seeAlso('show-storage', 'add-storage', 'remove-storage')
    .action(async (ids: string[], flags: ListFlags) => {
      if (flags.filesystem === true && flags.volume === true)
        throw new CliError('--filesystem and --volume can not be used together', 2);
      if (ids.length > 0 && flags.filesystem !== true && flags.volume !== true)
        throw new CliError('specifying IDs only supported with --filesystem and --volume options', 2);
      const all = storageDocument(await sessionOf(flags).call<StorageAnswer | null>('listStorage', {}));
      const document = chosen(all, flags, ids);
      if (Object.keys(document).length === 0) {
        if (flags.format === 'tabular') terminal.err('No storage to display.\n');
        return;
      }
      if (flags.format === 'json') terminal.out(toJson(document));
      else if (flags.format === 'yaml') terminal.out(toYaml(document));
      else if (flags.filesystem === true) terminal.out(filesystemTable(document));
      else if (flags.volume === true) terminal.out(volumeTable(document));
      else terminal.out(storageTable(document));
    });

  verb(registry, 'show-storage <ids...>', 'Shows storage instance information.')
    .formats('yaml', 'json')
    .missing('must specify storage id(s)')
    .seeAlso('storage', 'attach-storage', 'detach-storage')
    .action(async (ids: string[], flags: { model?: string; format: string }) => {
      for (const id of ids) if (!storageId.test(id)) throw new CliError(`storage id ${id} not valid`);
      const { storage = {} } = storageDocument(await sessionOf(flags).call<StorageAnswer | null>('listStorage', {}));
      const missing = ids.filter((id) => storage[id] === undefined);
      if (missing.length > 0) throw new CliError(missing.map((id) => `storage "${id}" not found`).join('\n'));
      const document = Object.fromEntries(Object.entries(storage).filter(([id]) => ids.includes(id)));
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });

  verb(registry, 'add-storage <unit> <directives...>', 'Adds storage to a unit after it has been deployed.')
    .missing('add-storage requires a unit and a storage directive')
    .examples('juju add-storage store/0 data=loop,1G', 'juju add-storage store/0 data=2')
    .seeAlso('storage', 'storage-pools')
    .action(async (unit: string, given: string[], flags: { model?: string }) => {
      if (!unitName.test(unit)) throw new CliError(`unit name "${unit}" not valid`, 2);
      try {
        parseStorageDirectives(given);
      } catch (error) {
        throw new CliError((error as Error).message, 2);
      }
      const directives = Object.fromEntries(
        given.map((argument): [string, string] => {
          const equals = argument.indexOf('=');
          return equals < 0 ? [argument, '1'] : [argument.slice(0, equals), argument.slice(equals + 1)];
        }),
      );
      const results = await sessionOf(flags).call<StorageOutcome[]>('addStorage', { unit, directives });
      for (const { ids } of results) for (const id of ids) terminal.err(`added storage ${id} to ${unit}\n`);
      const failed = results.filter(({ error }) => error !== undefined);
      const reasons = [...new Set(failed.map(({ error = '' }) => error))].sort();
      // A fault of the unit is the same for each storage: it is told once.
      reportFailures(
        registry,
        failed.length === results.length && reasons.length < failed.length
          ? reasons
          : failed.map(({ name, error = '' }) => `failed to add storage "${name}" to ${unit}: ${error}`),
      );
    });

  verb(registry, 'attach-storage <unit> <ids...>', 'Attaches existing storage to a unit.')
    .missing('attach-storage requires a unit ID and at least one storage ID')
    .seeAlso('storage', 'detach-storage')
    .action(async (unit: string, ids: string[], flags: { model?: string }) => {
      const results = await sessionOf(flags).call<StorageOutcome[]>('attachStorage', { unit, ids });
      for (const { name, error } of results) if (error === undefined) terminal.err(`attaching ${name} to ${unit}\n`);
      reportFailures(
        registry,
        results.flatMap(({ name, error }) =>
          error === undefined ? [] : [`failed to attach ${name} to ${unit}: ${error}`],
        ),
      );
    });

  verb(registry, 'detach-storage <ids...>', 'Detaches storage from units.')
    .option('--force', 'Forcefully detach storage')
    .option('--no-wait', 'Rush through storage detachment without waiting for each individual step to complete')
    .missing('detach-storage requires at least one storage ID')
    .seeAlso('storage', 'attach-storage')
    .action(async (ids: string[], flags: { model?: string; force?: boolean }) => {
      const results = await sessionOf(flags).call<StorageOutcome[]>('detachStorage', {
        ids,
        force: flags.force === true,
      });
      for (const { name, error } of results) if (error === undefined) terminal.err(`detaching ${name}\n`);
      reportFailures(
        registry,
        results.flatMap(({ name, error }) => (error === undefined ? [] : [`failed to detach ${name}: ${error}`])),
      );
    });

  verb(registry, 'remove-storage <ids...>', 'Removes storage from the model.')
    .option('--force', 'Remove storage even if it is currently attached')
    .option('--no-destroy', 'Remove the storage without destroying it')
    .option('--no-wait', 'Rush through storage removal without waiting for each individual step to complete')
    .missing('remove-storage requires at least one storage ID')
    .seeAlso('add-storage', 'attach-storage', 'detach-storage', 'storage')
    .action(async (ids: string[], flags: { model?: string; force?: boolean; destroy?: boolean }) => {
      const results = await sessionOf(flags).call<StorageOutcome[]>('removeStorage', {
        ids,
        force: flags.force === true,
        destroy: flags.destroy !== false,
      });
      for (const { name, error } of results) if (error === undefined) terminal.err(`removing ${name}\n`);
      const failures = results.flatMap(({ name, error }) =>
        error === undefined ? [] : [`failed to remove ${name}: ${error}`],
      );
      const hint = `
Use the --force option to remove attached storage, or use
"juju detach-storage" to explicitly detach the storage
before removing.`;
      const attached = results.some(({ error }) => error === 'storage is attached');
      reportFailures(registry, attached ? [...failures, hint] : failures);
    });
}
