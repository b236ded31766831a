import { CharmFileError, mapAt, parseYamlMap, readCharmFile, textAt, type YamlMap } from './charm-yaml';
import type { ConfigValue, ConfigValues } from './tools/config';

export type ConfigType = 'string' | 'int' | 'float' | 'boolean' | 'secret';

export interface ConfigOption {
  readonly name: string;
  readonly type: ConfigType;
  /** Null where the option has none. */
  readonly default: ConfigValue | null;
  readonly description: string;
}

export type ConfigSpec = Readonly<Record<string, ConfigOption>>;

const file = 'config.yaml';

/** Reads config.yaml of a charm; no file means no options. @throws CharmFileError */
export async function readConfigSpec(charmDir: string): Promise<ConfigSpec> {
  return parseConfigSpec((await readCharmFile(charmDir, file)) ?? '');
}

/** Parses the text of config.yaml. @throws CharmFileError where a type is unknown or a default has another type. */
export async function parseConfigSpec(text: string): Promise<ConfigSpec> {
  const options = mapAt(await parseYamlMap(file, text), 'options');
  return Object.freeze(
    Object.fromEntries(Object.keys(options).map((name) => [name, configOption(name, mapAt(options, name))])),
  );
}

function configOption(name: string, spec: YamlMap): ConfigOption {
  const types: readonly ConfigType[] = ['string', 'int', 'float', 'boolean', 'secret'];
  const written = textAt(spec, 'type');
  const type = types.find((one) => one === written);
  if (type === undefined) {
    throw new CharmFileError(`parse ${file}`, `${file}: option ${name} has the unknown type ${written ?? ''}`);
  }
  const value = spec['default'] ?? null;
  if (value !== null && !hasType(type, value)) {
    throw new CharmFileError(`parse ${file}`, `${file}: the default of option ${name} is no ${type}`);
  }
  return Object.freeze({
    name,
    type,
    default: value as ConfigValue | null,
    description: textAt(spec, 'description') ?? '',
  });
}

/** Whether a value is one that Juju would hand out for an option of this type. */
export function hasType(type: ConfigType, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'secret':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return Number.isInteger(value);
    case 'float':
      return typeof value === 'number';
  }
}

/** What a charm expects of an option. `null` in place of a default: the option may be unset. */
type Expected = { readonly [name: string]: 'string' | 'number' | 'boolean' };
type ValueOf<T> = T extends 'string' ? string : T extends 'number' ? number : boolean;

/** The options did not have the types that the charm expects: charm code and config.yaml disagree. */
export class ConfigTypeError extends Error {
  readonly code = 'config-type';
  readonly operation = 'config-get';
  readonly retryable = false;

  constructor(
    readonly option: string,
    expected: string,
    actual: unknown,
  ) {
    super(
      `config option ${option} should be a ${expected}, but Juju gave ${actual === undefined ? 'no such option' : typeof actual}`,
    );
    this.name = 'ConfigTypeError';
  }
}

/**
 * `config-get` with types: `typedConfig(await tools.configGet(), {port: 'number'}).port` is `number | null`.
 * Null: neither set nor with a default.
 * @throws ConfigTypeError
 */
export function typedConfig<const E extends Expected>(
  values: ConfigValues,
  expected: E,
): { readonly [K in keyof E]: ValueOf<E[K]> | null } {
  const result: Record<string, ConfigValue | null> = {};
  for (const [name, type] of Object.entries(expected)) {
    const value = values[name];
    if (value === undefined || (value !== null && typeof value !== type)) throw new ConfigTypeError(name, type, value);
    result[name] = value;
  }
  return Object.freeze(result) as { readonly [K in keyof E]: ValueOf<E[K]> | null };
}
