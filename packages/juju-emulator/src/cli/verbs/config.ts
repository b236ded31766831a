import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ApplicationConfigAnswer, OptionAnswer } from '../../model';
import { quote } from '../../format/go-quote';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { collect, keyValue, type Registry, sessionOf, verb } from '../program';

/** `juju config APP`: the answer with its maps in order. */
function configDocument(answer: ApplicationConfigAnswer): Record<string, unknown> {
  const options = (given: Readonly<Record<string, OptionAnswer>>): MapDocument =>
    new MapDocument(
      Object.fromEntries(Object.entries(given).map(([name, option]) => [name, new MapDocument({ ...option })])),
    );
  return {
    application: answer.application,
    'application-config': options(answer['application-config']),
    charm: answer.charm,
    settings: options(answer.config),
  };
}

/** One value on its own; an option without a value prints an empty line. */
const plain = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

type Values = Record<string, string | number | boolean>;

/** `key=@file` reads the file. */
const textOf = (key: string, value: string): string => {
  if (!value.startsWith('@')) return value;
  const path = value.slice(1);
  if (!existsSync(path)) throw new CliError(`cannot read option from file ${quote(path)}: ${key}: no such file`);
  return readFileSync(path, 'utf8');
};

/** `--file`: `{application: {key: value}}`, or a document that `juju config APP` printed. */
export function settingsOfFile(path: string, application: string): Values {
  if (!existsSync(path)) throw new CliError(`open ${path}: no such file or directory`);
  let document: unknown;
  try {
    document = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CliError(`${path}: invalid YAML: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
  const sections = (document ?? {}) as Record<string, unknown>;
  const printed = sections['settings'] as
    Record<string, { value?: string | number | boolean; source?: string }> | undefined;
  if (printed !== undefined && sections['application'] !== undefined)
    return Object.fromEntries(
      Object.entries(printed).flatMap(([key, { value, source }]) =>
        value === undefined || source === 'default' ? [] : [[key, value]],
      ),
    );
  const own = sections[application];
  if (typeof own !== 'object' || own === null) throw new CliError(`no settings found for "${application}"`);
  return own as Values;
}

/** Settings and names of options as they stand on the command line; both at once is refused. */
function sortWords(words: readonly string[]): { readonly values: Values; readonly keys: readonly string[] } {
  const values: Values = {};
  const keys: string[] = [];
  for (const word of words) {
    const pair = keyValue(word);
    if (pair === undefined) keys.push(word);
    else values[pair[0]] = textOf(...pair);
  }
  if (keys.length > 0 && Object.keys(values).length > 0)
    throw new CliError('cannot set and retrieve configuration values simultaneously', 2);
  if (keys.length > 1) throw new CliError('can only retrieve a single value, or all values', 2);
  return { values, keys };
}

interface ConfigFlags {
  readonly model?: string;
  readonly format: string;
  readonly file?: string;
  readonly reset: readonly string[];
}

export function registerConfig(registry: Registry): void {
  const { terminal } = registry;
  verb(
    registry,
    'config <application-name> [settings...]',
    'Get, set, or reset configuration for a deployed application.',
  )
    .aliases(['set-config', 'get-config'])
    .option('--file <path>', 'Path to yaml-formatted configuration file')
    .option('--reset <options>', 'Reset the provided comma delimited keys', collect, [])
    .formats('yaml', 'json')
    .missing('no application name specified')
    .details(
      `Without a key all options are shown with their defaults and where the value is from; with a key its value.
key=value sets an option, key=@file sets it from a file, --reset takes options back to their defaults.
Every change makes each unit run config-changed.`,
    )
    .examples(
      'juju config apache2',
      'juju config mysql dataset-size',
      'juju config mysql dataset-size=80% backup_dir=/vol1/mysql/backups',
      'juju config apache2 --file path/to/config.yaml',
      'juju config apache2 --reset servername,lb_balancer_timeout',
    )
    .seeAlso('deploy', 'status')
    .action(async (application: string, settings: string[], flags: ConfigFlags) => {
      const { values, keys } = sortWords(settings);
      if (flags.file !== undefined) Object.assign(values, settingsOfFile(flags.file, application));
      const reset = flags.reset.flatMap((each) => each.split(',')).filter((each) => each !== '');
      if (reset.some((each) => each.includes('=')))
        throw new CliError(
          '--reset accepts a comma delimited set of keys "a,b,c", received: ' + quote(flags.reset.join(',')),
          2,
        );
      const session = sessionOf(flags);
      if (Object.keys(values).length > 0 || reset.length > 0) {
        await session.call('setConfig', { application, values, reset });
        return;
      }
      const answer = await session.ask('applicationConfig', { application });
      const [key] = keys;
      if (key === undefined) {
        const document = configDocument(answer);
        terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
        return;
      }
      const option = answer.config[key] ?? answer['application-config'][key];
      if (option === undefined)
        throw new CliError(`key "${key}" not found in "${application}" application config or charm settings.`);
      terminal.out(`${plain(option.value)}\n`);
    });
}
