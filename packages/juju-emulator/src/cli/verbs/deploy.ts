import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { currentModel } from '../../controller/model-directory';
import { bundleFile, readBundle } from '../bundle/bundle';
import { BundleDeployment } from '../bundle/deploy-bundle';
import { CliError } from '../cli-error';
import { storageDirectives, storageIds } from '../storage/storage-flags';
import { opener, type SessionOpener } from '../framework/run-verb';
import { checkNewApplicationName } from '../names';
import { collect, keyValue, type Registry, sessionOf, verb } from '../program';
import { defaultModelOptions, openSession, type Session, startModel } from '../session';
import { wholeNumber } from './units';

interface DeployFlags {
  readonly [opener]?: SessionOpener;
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
  readonly dryRun?: boolean;
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

/** The model named, or the current one; without any a model `default` with real machines is started. */
async function sessionToDeploy(flags: DeployFlags): Promise<Session> {
  if (flags[opener] !== undefined && flags[opener] !== openSession) return sessionOf(flags);
  return flags.model === undefined && currentModel() === undefined
    ? startModel('default', defaultModelOptions())
    : openSession(flags.model);
}

export function registerDeploy(registry: Registry): void {
  verb(registry, 'deploy <charm> [application]', 'Deploys a new application.')
    .option('-n, --num-units <number>', 'Number of application units to deploy', '1')
    .option(
      '--config <key=value|file>',
      'Either a path to yaml-formatted application config file or a key=value pair',
      collect,
      [],
    )
    .option('--resource <name=path>', 'Resource to be uploaded to the controller', collect, [])
    .option('--to <machines>', 'The machine to deploy the unit to, several by commas')
    .option('--storage <name=directive>', 'Storage of each unit: pool,size,count', collect, [])
    .option('--attach-storage <storage>', 'Existing storage to attach to the deployed unit', collect, [])
    .option('--base <base>', 'The base on which to deploy')
    .option('--series <series>', '2.9: the base by its name')
    .option('--channel <channel>', 'Channel of the charm; shown, nothing more')
    .option('--trust', 'Allow the application to access trusted credentials')
    .option('--revision <number>', 'Accepted: there is no charm store')
    .option('--constraints <list>', 'Accepted: machines are all alike')
    .option('--force', 'Accepted')
    .option('--dry-run', 'Of a bundle: just show what the deploy would do')
    .missing('no charm or bundle specified')
    .details(
      `A path (./my.charm, ./my-charm/) is deployed from there. A bare name is looked for in the directories of
$JUJU_EMULATOR_CHARMS (separated by colons), then in dist and charms of the current directory: NAME_*-ARCH.charm,
NAME.charm, or a directory NAME. There is no charm store.
A file that ends in .yaml, or a directory with a bundle.yaml, is a bundle: applications (charm, num_units, to, options,
resources, storage, constraints, base, channel, trust, expose), machines and relations. Its paths begin at its own directory.
What the model has already is left there: options are set, missing units and relations are added.
Without any model, a model "default" with real machines is added first.`,
    )
    .examples(
      'juju deploy ./my-charm_amd64.charm',
      'juju deploy mysql db -n 3 --config dataset-size=80%',
      'juju deploy ./my.charm --to 0,1 --resource data=./data.tgz --storage data=rootfs,1G',
      'juju deploy ./bundle.yaml --dry-run',
    )
    .seeAlso('add-unit', 'config', 'integrate', 'refresh')
    .action(async (charm: string, name: string | undefined, flags: DeployFlags) => {
      const bundle = bundleFile(charm);
      if (bundle !== undefined) return deployBundle(registry, bundle, flags);
      const units = wholeNumber(flags.numUnits, '-n');
      if (name !== undefined) checkNewApplicationName(name);
      if (units < 1) throw new CliError('--num-units must be a positive integer', 2);
      const storage = storageDirectives(flags.storage);
      const attachStorage = storageIds(flags.attachStorage, units);
      const session = await sessionToDeploy(flags);
      const path = session.locateCharm(charm);
      const spec = await session.ask('charmInfo', { path });
      const application = name ?? spec.name;
      const base = flags.base ?? spec.base;
      registry.terminal.err(`Located local charm "${spec.name}", revision ${spec.revision}\n`);
      registry.terminal.err(
        `Deploying "${application}" from local charm "${spec.name}", revision ${spec.revision} on ${base}/stable\n`,
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
          units,
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
}

/** What Juju says of a bundle, change by change, and does. */
async function deployBundle({ terminal }: Registry, file: string, flags: DeployFlags): Promise<void> {
  const bundle = readBundle(file);
  const changes = await new BundleDeployment(await sessionToDeploy(flags), bundle, file).changes();
  if (changes.length === 0) {
    terminal.err('No changes to apply.\n');
    return;
  }
  const list = changes.map(({ description }) => `- ${description}\n`);
  if (flags.dryRun === true) {
    terminal.out(`Changes to deploy bundle:\n${list.join('')}`);
    return;
  }
  terminal.err('Executing changes:\n');
  for (const { description, carryOut } of changes) {
    terminal.err(`- ${description}\n`);
    await carryOut();
  }
  terminal.err('Deploy of bundle completed.\n');
}
