import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readCharm } from '../../agent/charm-archive';
import { currentModel } from '../../controller/model-directory';
import { CliError } from '../cli-error';
import { storageDirectives, storageIds } from '../storage/storage-flags';
import { collect, keyValue, type Registry, verb } from '../program';
import { defaultModelOptions, openSession, startModel } from '../session';

interface DeployFlags {
  readonly model?: string;
  readonly numUnits: string;
  readonly config: string[];
  readonly resource: string[];
  readonly to?: string;
  readonly base?: string;
  readonly series?: string;
  readonly channel?: string;
  readonly trust?: boolean;
  readonly storage: string[];
  readonly attachStorage: string[];
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Where a bare charm name is looked for, in order. */
function charmDirectories(): string[] {
  const given = (process.env['JUJU_EMULATOR_CHARMS'] ?? '').split(':').filter((path) => path !== '');
  return [...given, 'dist', 'charms'];
}

/** A path as it is; a bare name in the charm directories: `<name>_*-<arch>.charm`, `<name>.charm` or a directory. */
export function locateCharm(charm: string): string {
  if (charm.startsWith('./') || charm.startsWith('/') || charm.startsWith('../') || charm.endsWith('.charm')) {
    if (!existsSync(charm)) throw new CliError(`no charm was found at "${charm}"`);
    return resolve(charm);
  }
  const arch = architectures[process.arch] ?? process.arch;
  for (const directory of charmDirectories()) {
    if (!existsSync(directory)) continue;
    const files = readdirSync(directory).sort();
    const packed =
      files.find((file) => file.startsWith(`${charm}_`) && file.endsWith(`-${arch}.charm`)) ??
      files.find((file) => file === `${charm}.charm`);
    if (packed !== undefined) return resolve(directory, packed);
    if (existsSync(join(directory, charm, 'metadata.yaml'))) return resolve(directory, charm);
  }
  throw new CliError(
    `no charm "${charm}" in ${charmDirectories().join(', ')}: give a path (./${charm}.charm) or set JUJU_EMULATOR_CHARMS`,
  );
}

/** `--config k=v` and `--config file.yaml` ({application: {k: v}}). */
function readSettings(application: string, given: readonly string[]): Record<string, string | number | boolean> {
  const settings: Record<string, string | number | boolean> = {};
  for (const each of given) {
    const pair = keyValue(each);
    if (pair !== undefined) {
      const [key, value] = pair;
      settings[key] = value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value;
      continue;
    }
    if (!existsSync(each))
      throw new CliError(`unable to read configuration file: open ${each}: no such file or directory`);
    const document = parse(readFileSync(each, 'utf8')) as Record<
      string,
      Record<string, string | number | boolean>
    > | null;
    Object.assign(settings, document?.[application] ?? {});
  }
  return settings;
}

export function registerDeploy(registry: Registry): void {
  verb(registry, 'deploy <charm> [application]', 'deploys a charm')
    .option('-n, --num-units <number>', 'number of units', '1')
    .option('--config <key=value|file>', 'application configuration', collect, [])
    .option('--resource <name=path>', 'resource to attach', collect, [])
    .option('--to <machines>', 'machines for the units')
    .option('--storage <name=directive>', 'storage of each unit: pool,size,count', collect, [])
    .option('--attach-storage <storage>', 'existing storage to attach to the deployed unit', collect, [])
    .option('--base <base>', 'base to deploy on')
    .option('--series <series>', '2.9: base by its name')
    .option('--channel <channel>', 'channel of the charm')
    .option('--trust', 'allow access to cloud credentials')
    .option('--revision <number>', 'accepted')
    .option('--constraints <list>', 'accepted')
    .option('--force', 'accepted')
    .action(async (charm: string, name: string | undefined, flags: DeployFlags) => {
      const storage = storageDirectives(flags.storage);
      const attachStorage = storageIds(flags.attachStorage, Number(flags.numUnits));
      const path = locateCharm(charm);
      if (!statSync(path).isDirectory() && !path.endsWith('.charm'))
        throw new CliError(`${path} is neither a .charm file nor a charm directory`);
      const session =
        flags.model === undefined && currentModel() === undefined
          ? await startModel('default', defaultModelOptions())
          : openSession(flags.model);
      const spec = await readCharm(path);
      const application = name ?? spec.name;
      const revision = (await session.world()).charmRevisions[spec.name] ?? 0;
      const base = flags.base ?? 'ubuntu@24.04';
      registry.terminal.err(`Located local charm "${spec.name}", revision ${revision}\n`);
      registry.terminal.err(
        `Deploying "${application}" from local charm "${spec.name}", revision ${revision} on ${base}/stable\n`,
      );
      const resources = Object.fromEntries(
        flags.resource.map((each): [string, string] => {
          const pair = keyValue(each);
          if (pair === undefined) throw new CliError(`expected name=value for --resource, got "${each}"`, 2);
          if (!existsSync(pair[1]))
            throw new CliError(`file for resource "${pair[0]}": open ${pair[1]}: no such file or directory`);
          return [pair[0], resolve(pair[1])];
        }),
      );
      await session.call('deploy', {
        path,
        options: {
          name: application,
          units: Number(flags.numUnits),
          base,
          config: readSettings(application, flags.config),
          resources,
          storage,
          attachStorage,
          ...(flags.channel === undefined ? {} : { channel: flags.channel }),
          ...(flags.trust === undefined ? {} : { trust: flags.trust }),
          ...(flags.to === undefined ? {} : { to: flags.to.split(',') }),
        },
      });
    });

  verb(registry, 'refresh <application>', 'switches an application to another version of its charm')
    .alias('upgrade-charm')
    .option('--path <path>', 'charm file or directory')
    .option('--channel <channel>', 'accepted')
    .option('--force-units', 'accepted')
    .action(async (application: string, flags: { model?: string; path?: string }) => {
      const session = openSession(flags.model);
      if (flags.path === undefined) throw new CliError('the emulator knows no charm store: give --path');
      const path = locateCharm(flags.path);
      const spec = await readCharm(path);
      const revision = (await session.world()).charmRevisions[spec.name] ?? 0;
      await session.call('refresh', { application, path });
      registry.terminal.err(`Added local charm "${spec.name}", revision ${revision}, to the model\n`);
      registry.terminal.err(
        `no change to endpoints in space "alpha": ${Object.keys(spec.endpoints)
          .filter((each) => each !== 'juju-info')
          .sort()
          .join(', ')}\n`,
      );
    });
}
