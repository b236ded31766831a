import type { Application, ConfigValue } from './application';
import type { CharmSpec } from './charm';
import { ModelError } from './model-error';
import { isSecretUri } from './secret';

/** Values as given (text from a command line, or typed from yaml) turned into the types of the charm's options. */
export function coerceSettings(
  spec: CharmSpec,
  values: Readonly<Record<string, ConfigValue>>,
): Record<string, ConfigValue> {
  const settings: Record<string, ConfigValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const option = spec.options[name];
    if (option === undefined)
      throw new ModelError('not-valid', 'set config', `invalid application config: unknown option "${name}"`);
    settings[name] = coerce(name, option.type, value);
  }
  return settings;
}

function coerce(name: string, type: string, value: ConfigValue): ConfigValue {
  const text = String(value);
  const wrong = (): ModelError =>
    new ModelError('not-valid', 'set config', `option "${name}" expected ${type}, got "${text}"`);
  switch (type) {
    case 'int':
      if (!/^[+-]?\d+$/.test(text)) throw wrong();
      return Number(text);
    case 'float':
      if (text.trim() === '' || Number.isNaN(Number(text))) throw wrong();
      return Number(text);
    case 'boolean':
      if (!/^(true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)$/.test(text)) throw wrong();
      return /^(true|1|t|T|TRUE|True)$/.test(text);
    case 'secret':
      if (text !== '' && !isSecretUri(text)) throw wrong();
      return text;
    default:
      return text;
  }
}

/** Every option with its value in force; null where there is neither value nor default. */
export function effectiveConfig(spec: CharmSpec, application: Application): Record<string, ConfigValue | null> {
  const values: Record<string, ConfigValue | null> = {};
  for (const [name, option] of Object.entries(spec.options)) {
    // Juju reads an empty string default of a string option as that: a value.
    values[name] = application.settings[name] ?? option.default ?? null;
  }
  return values;
}
