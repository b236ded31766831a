import { charmOf } from '../../model';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { layoutTable } from '../status/table';
import { sortKeys } from '../tasks/task-output';

/** actions, resources. */
export function registerCharmVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'actions <application>', 'lists the actions of an application')
    .alias('list-actions')
    .option('--schema', 'with the schema of their parameters')
    .formats('default', 'tabular', 'json', 'yaml')
    .action(async (application: string, flags: { model?: string; schema?: boolean; format: string }) => {
      const { actions } = charmOf(await sessionOf(flags).world(), application).spec;
      const names = Object.keys(actions).sort();
      const document = Object.fromEntries(
        names.map((name) => [
          name,
          flags.schema === true ? sortKeys(actions[name]?.schema ?? {}) : (actions[name]?.description ?? ''),
        ]),
      );
      if (flags.format === 'json') terminal.out(toJson(document));
      else if (flags.format === 'yaml' || flags.schema === true) terminal.out(toYaml(document));
      else
        terminal.out(
          layoutTable([
            ['Action', 'Description'],
            ...names.map((name) => [name, (actions[name]?.description ?? '').split('\n')[0] ?? '']),
          ]),
        );
    });

  verb(registry, 'resources <application>', 'lists the resources of an application')
    .formats('default', 'tabular', 'json', 'yaml')
    .action(async (application: string, flags: { model?: string; format: string }) => {
      const world = await sessionOf(flags).world();
      const attached = world.applications[application]?.resources ?? {};
      const names = Object.keys(charmOf(world, application).spec.resources).sort();
      const document = {
        resources: names.map((name) => ({
          name,
          ...(attached[name] === undefined ? {} : { size: attached[name].size, timestamp: attached[name].uploaded }),
        })),
      };
      if (flags.format === 'json') terminal.out(toJson(document));
      else if (flags.format === 'yaml') terminal.out(toYaml(document));
      else
        terminal.out(
          layoutTable([
            ['Resource', 'Supplied by', 'Revision'],
            ...names.map((name) => [
              name,
              attached[name] === undefined ? 'none' : 'admin',
              attached[name]?.uploaded.slice(0, 16) ?? '-',
            ]),
          ]),
        );
    });
}
