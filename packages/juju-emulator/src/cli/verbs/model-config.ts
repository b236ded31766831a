import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { collect, keyValue, type Registry, sessionOf, verb } from '../program';
import { layoutTable } from '../status/table';

interface ModelConfigFlags {
  readonly model?: string;
  readonly format: string;
  readonly file?: string;
  readonly reset: readonly string[];
}

/** How a value stands in the table: empty text as "", maps as {}. */
function cell(value: unknown): string {
  return value === '' ? '""' : typeof value === 'string' ? value : JSON.stringify(value);
}

export function registerModelConfig(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'model-config [settings...]', 'Displays or sets configuration values on a model.')
    .aliases(['get-model-config', 'set-model-config'])
    .option('--file <path>', 'Path to yaml-formatted configuration file')
    .option('--reset <keys>', 'Reset the provided comma delimited keys', collect, [])
    .option('--ignore-read-only-fields', 'Ignore read only fields')
    .formats('tabular', 'json', 'yaml')
    .details(
      `All of Juju's attributes are kept and shown. The emulator heeds update-status-hook-interval and
automatically-retry-hooks; the others change nothing here.`,
    )
    .examples(
      'juju model-config',
      'juju model-config update-status-hook-interval=1m',
      'juju model-config --reset test-mode',
    )
    .action(async (settings: string[], flags: ModelConfigFlags) => {
      const session = sessionOf(flags);
      const values: Record<string, string> = {};
      const keys: string[] = [];
      for (const word of settings) {
        const pair = keyValue(word);
        if (pair !== undefined) values[pair[0]] = pair[1];
        else if (existsSync(word) || word.endsWith('.yaml')) Object.assign(values, fileValues(word));
        else keys.push(word);
      }
      if (flags.file !== undefined) Object.assign(values, fileValues(flags.file));
      if (keys.length > 0 && Object.keys(values).length > 0)
        throw new CliError('cannot set and retrieve configuration values simultaneously', 2);
      if (keys.length > 1) throw new CliError('can only retrieve a single value, or all values', 2);
      const reset = flags.reset.flatMap((each) => each.split(',')).filter((each) => each !== '');
      if (Object.keys(values).length + reset.length > 0) {
        await session.call('modelConfig', { values, reset });
        return;
      }
      const config = await session.ask('modelConfigValues', {});
      const [key] = keys;
      if (key !== undefined) {
        const option = config[key];
        if (option === undefined) throw new CliError(`key "${key}" not found in "${session.model}" model`);
        terminal.out(`${typeof option.value === 'string' ? option.value : JSON.stringify(option.value)}\n`);
        return;
      }
      const document = new MapDocument(
        Object.fromEntries(
          Object.entries(config).map(([name, { value, source }]) => [
            name,
            flags.format === 'json' ? { Value: value, Source: source } : { value, source },
          ]),
        ),
      );
      if (flags.format === 'json') terminal.out(toJson(document));
      else if (flags.format === 'yaml') terminal.out(toYaml(document));
      else
        terminal.out(
          layoutTable([
            ['Attribute', 'From', 'Value'],
            ...Object.entries(config)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, { value, source }]) => [name, source, cell(value)]),
          ]),
        );
    });
}

function fileValues(path: string): Record<string, string> {
  if (!existsSync(path)) throw new CliError(`open ${path}: no such file or directory`);
  const document = (parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, String(value)]));
}
