import { charmOf } from '../../model';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { layoutTable } from '../status/table';

export function registerResources(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'resources <application>', 'Show the resources for an application or unit.')
    .alias('list-resources')
    .formats('tabular', 'json', 'yaml')
    .missing('missing application or unit name')
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
