import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { applicationOf, charmOf } from '../../model';
import type { World } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { collect, keyValue, type Registry, sessionOf, verb } from '../program';

/** `juju config APP`: every option with its value, default and source. */
export function configDocument(world: World, name: string): Record<string, unknown> {
  const application = applicationOf(world, name);
  const { spec } = charmOf(world, name);
  const settings = Object.fromEntries(
    Object.keys(spec.options)
      .sort()
      .map((option) => {
        const { default: fallback, description, type } = spec.options[option] ?? { description: '', type: 'string' };
        const set = application.settings[option];
        const value = set ?? fallback;
        return [
          option,
          {
            ...(fallback === undefined ? {} : { default: fallback }),
            description,
            source: set !== undefined && set !== fallback ? 'user' : fallback === undefined ? 'unset' : 'default',
            type,
            ...(value === undefined ? {} : { value }),
          },
        ];
      }),
  );
  return {
    application: name,
    'application-config': {
      trust: {
        default: false,
        description: 'Does this application have access to trusted credentials',
        source: application.trust ? 'user' : 'default',
        type: 'bool',
        value: application.trust,
      },
    },
    charm: spec.name,
    settings,
  };
}

/** One value on its own; an option without a value prints an empty line. */
const plain = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

export function registerConfig(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'config <application> [settings...]', 'shows or sets application configuration')
    .formats('yaml', 'json')
    .option('--file <path>', 'yaml file with settings')
    .option('--reset <options>', 'options to reset, separated by commas', collect, [])
    .action(
      async (
        application: string,
        settings: string[],
        flags: { model?: string; format: string; file?: string; reset: string[] },
      ) => {
        const session = sessionOf(flags);
        const world = await session.world();
        const pairs = settings.map(keyValue);
        const values: Record<string, string | number | boolean> = {};
        for (const pair of pairs)
          if (pair !== undefined)
            values[pair[0]] = pair[1].startsWith('@') ? readFileSync(pair[1].slice(1), 'utf8') : pair[1];
        if (flags.file !== undefined) {
          if (!existsSync(flags.file)) throw new CliError(`open ${flags.file}: no such file or directory`);
          const document = parse(readFileSync(flags.file, 'utf8')) as Record<
            string,
            Record<string, string | number | boolean>
          >;
          Object.assign(values, document[application] ?? {});
        }
        const reset = flags.reset.flatMap((each) => each.split(','));
        if (Object.keys(values).length > 0 || reset.length > 0) {
          try {
            await session.call('setConfig', { application, values, reset });
          } catch (error) {
            terminal.out('{}\n');
            throw error;
          }
          return;
        }
        const document = configDocument(world, application);
        const [key] = settings;
        if (key === undefined) {
          terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
          return;
        }
        const all = {
          ...(document['application-config'] as Record<string, { value?: unknown }>),
          ...(document.settings as Record<string, { value?: unknown }>),
        };
        const option = all[key];
        if (option === undefined) {
          terminal.out('{}\n');
          throw new CliError(`key "${key}" not found in "${application}" application config or charm settings.`);
        }
        terminal.out(`${plain(option.value)}\n`);
      },
    );
}
