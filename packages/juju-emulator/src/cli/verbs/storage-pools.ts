import type { StoragePool } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { collect, keyValue, type Registry, sessionOf, verb } from '../program';
import { layoutTable } from '../status/table';

const sortedEntries = (attributes: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));

/** storage-pools, create-storage-pool, remove-storage-pool. */
export function registerStoragePoolVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'storage-pools', 'List storage pools.')
    .alias('list-storage-pools')
    .formats('tabular', 'json', 'yaml')
    .option('--provider <provider>', 'Only show pools of these provider types', collect, [])
    .option('--name <name>', 'Only show pools with these names', collect, [])
    .seeAlso('create-storage-pool', 'remove-storage-pool')
    .action(async (flags: { model?: string; format: string; provider: string[]; name: string[] }) => {
      const all = await sessionOf(flags).call<StoragePool[]>('listStoragePools', {});
      const pools = all
        .filter(({ name }) => flags.name.length === 0 || flags.name.includes(name))
        .filter(({ provider }) => flags.provider.length === 0 || flags.provider.includes(provider))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      if (pools.length === 0) {
        terminal.err('No storage pools to display.\n');
        return;
      }
      const document = Object.fromEntries(
        pools.map(({ name, provider, attributes }) => [
          name,
          {
            provider,
            ...(Object.keys(attributes).length === 0 ? {} : { attrs: Object.fromEntries(sortedEntries(attributes)) }),
          },
        ]),
      );
      if (flags.format === 'json') terminal.out(toJson(document));
      else if (flags.format === 'yaml') terminal.out(toYaml(document));
      else
        terminal.out(
          layoutTable([
            ['Name', 'Provider', 'Attributes'],
            ...pools.map(({ name, provider, attributes }) => [
              name,
              provider,
              sortedEntries(attributes)
                .map(([key, value]) => `${key}=${value}`)
                .join(' '),
            ]),
          ]),
        );
    });

  verb(registry, 'create-storage-pool <name> <provider> [attributes...]', 'Create or define a storage pool.')
    .missing('pool creation requires names, provider type and optional attributes for configuration')
    .details(
      'Providers: rootfs, tmpfs and loop, whose storage stays on its machine; lxd (filesystems) and ebs, gce, cinder, azure, maas (block devices, or filesystems on them), whose storage can be attached to another machine.',
    )
    .examples('juju create-storage-pool fast ebs volume-type=ssd')
    .seeAlso('storage-pools', 'remove-storage-pool')
    .action(async (name: string, provider: string, given: string[], flags: { model?: string }) => {
      if (name.includes('=') || provider.includes('='))
        throw new CliError(
          'pool creation requires names and provider type before optional attributes for configuration',
          2,
        );
      const attributes = Object.fromEntries(
        given.map((argument) => {
          const pair = keyValue(argument);
          if (pair === undefined) throw new CliError(`expected "key=value", got "${argument}"`, 2);
          return pair;
        }),
      );
      await sessionOf(flags).call('createStoragePool', { name, provider, attributes });
    });

  verb(registry, 'remove-storage-pool <name>', 'Remove an existing storage pool.')
    .missing('pool removal requires storage pool name')
    .seeAlso('create-storage-pool', 'storage-pools')
    .action(async (name: string, flags: { model?: string }) => {
      await sessionOf(flags).call('removeStoragePool', { name });
    });
}
