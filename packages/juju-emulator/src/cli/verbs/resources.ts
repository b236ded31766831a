import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readCharm } from '../../agent/charm-archive';
import type { ApplicationResources } from '../../model';
import { locateCharm } from '../charm-location';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { keyValue, plainVerb, type Registry, sessionOf, verb } from '../program';
import { applicationDocument, detailsDocument, unitDocument } from '../resources/resource-document';
import { applicationTable, detailsTable, unitTable } from '../resources/resource-table';
import { layoutTable } from '../status/table';

/** resources, attach-resource, charm-resources. */
export function registerResourceVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'resources <application|unit>', 'Show the resources for an application or unit.')
    .alias('list-resources')
    .formats('tabular', 'json', 'yaml')
    .option('--details', 'show detailed information about resources used by each unit.')
    .missing('missing application or unit name')
    .seeAlso('attach-resource', 'charm-resources')
    .action(async (target: string, flags: { model?: string; format: string; details?: boolean }) => {
      const [application = '', number] = target.split('/');
      const unit = number === undefined ? undefined : target;
      const details = flags.details === true;
      const answer = await sessionOf(flags).call<ApplicationResources>('resources', { application });
      if (flags.format === 'tabular') {
        if (unit !== undefined) terminal.out(unitTable(answer, unit, details));
        else if (answer.Resources.length === 0) terminal.err('No resources to display.\n');
        else terminal.out(details ? detailsTable(answer) : applicationTable(answer));
        return;
      }
      const document =
        unit === undefined
          ? details
            ? detailsDocument(answer)
            : applicationDocument(answer)
          : unitDocument(answer, unit, details);
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });

  verb(registry, 'attach-resource <application> <resource>', 'Update a resource for an application.')
    .alias('attach')
    .missing('missing application name')
    .examples('juju attach-resource store blob=./blob.tgz')
    .seeAlso('resources', 'charm-resources')
    .action(async (application: string, resource: string, flags: { model?: string }) => {
      const pair = keyValue(resource);
      if (pair === undefined || pair[1] === '')
        throw new CliError(`bad resource arg "${resource}": expected name=path format`, 2);
      const [name, path] = pair;
      const failed = (why: string): CliError => new CliError(`failed to upload resource "${name}": ${why}`);
      if (!existsSync(path)) throw failed(`open ${path}: no such file or directory`);
      await sessionOf(flags)
        .call('attachResource', { application, name, path: resolve(path) })
        .catch((error: Error) => {
          throw failed(error.message);
        });
    });

  plainVerb(registry, 'charm-resources <charm>', 'Display the resources for a charm in a repository.')
    .alias('list-charm-resources')
    .formats('tabular', 'json', 'yaml')
    .option('--channel <channel>', 'the channel of the charm', '')
    .missing('missing charm')
    .details('The emulator knows no store: a path, or a name that deploy would find.')
    .seeAlso('resources', 'attach-resource')
    .action(async (charm: string, flags: { format: string }) => {
      const { resources } = await readCharm(locateCharm(charm));
      const names = Object.keys(resources).sort();
      if (names.length === 0) {
        if (flags.format === 'tabular') terminal.err('No resources to display.\n');
        return;
      }
      const document = names.map((name) => ({ name, ...resources[name], revision: 0, origin: 'upload' }));
      if (flags.format === 'json') terminal.out(toJson(document));
      else if (flags.format === 'yaml') terminal.out(toYaml(document));
      else terminal.out(layoutTable([['Resource', 'Revision'], ...names.map((name) => [name, '0'])]));
    });
}
