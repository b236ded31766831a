import type { ActionSpecAnswer } from '../../model';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { layoutTable } from '../status/table';
import { sortKeys } from '../tasks/task-output';

type Specs = Readonly<Record<string, ActionSpecAnswer>>;

const applicationName = (name: string): void => {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new CliError(`invalid application name "${name}"`, 2);
};

/** `juju actions APP`: names with descriptions, or with the schemas of their parameters. */
function listActions(specs: Specs, format: string, withSchema: boolean): string {
  const names = Object.keys(specs).sort();
  const document = new MapDocument(
    Object.fromEntries(
      Object.entries(specs).map(([name, { Description, Params }]) => [
        name,
        withSchema ? sortKeys(Params ?? {}) : Description,
      ]),
    ),
  );
  if (format === 'json') return toJson(document);
  if (format === 'yaml' || withSchema) return toYaml(document);
  return layoutTable([
    ['Action', 'Description'],
    ...names.map((name) => [name, (specs[name]?.Description ?? '').split('\n')[0] ?? '']),
  ]);
}

/** `juju show-action APP ACTION`: its description and parameters. */
function showAction({ Description, Params }: ActionSpecAnswer): string {
  const properties = (Params?.['properties'] ?? {}) as Record<string, Record<string, unknown>>;
  const documents = Object.entries(properties).map(([name, property]): [string, unknown] => [
    name,
    {
      type: property['type'] ?? null,
      description: property['description'] ?? null,
      ...(property['default'] === undefined ? {} : { default: property['default'] }),
    },
  ]);
  return `${Description}\n\nArguments\n${toYaml(new MapDocument(Object.fromEntries(documents)))}\n`;
}

/** actions, show-action. */
export function registerActionVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'actions <application>', 'List actions defined for an application.')
    .alias('list-actions')
    .option('--schema', 'Display the full action schema')
    .formats('default', 'tabular', 'json', 'yaml')
    .missing('no application name specified')
    .examples('juju actions postgresql', 'juju actions postgresql --format yaml', 'juju actions postgresql --schema')
    .seeAlso('run', 'show-action')
    .action(async (application: string, flags: { model?: string; schema?: boolean; format: string }) => {
      applicationName(application);
      if (flags.schema === true && flags.format === 'tabular')
        throw new CliError('full schema not compatible with tabular output', 2);
      const specs = await sessionOf(flags).ask('actionSpecs', { application });
      if (Object.keys(specs).length === 0) {
        terminal.err(`No actions defined for ${application}.\n`);
        return;
      }
      terminal.out(listActions(specs, flags.format, flags.schema === true));
    });

  verb(registry, 'show-action <application> <action>', 'Shows detailed information about an action.')
    .missing('no application specified')
    .examples('juju show-action postgresql backup')
    .seeAlso('actions', 'run')
    .action(async (application: string, action: string, flags: { model?: string }) => {
      applicationName(application);
      const spec = (await sessionOf(flags).ask('actionSpecs', { application }))[action];
      if (spec === undefined) {
        terminal.err(`unknown action "${action}"\n`);
        throw new CliError('');
      }
      terminal.out(showAction(spec));
    });
}
