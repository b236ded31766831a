import { recordOf, runJson, unexpected } from './output';
import type { HookToolRunner } from './runner';

/** A config option's value as Juju gives it: typed by config.yaml; a secret option is its URI. */
export type ConfigValue = string | number | boolean;
export type ConfigValues = Readonly<Record<string, ConfigValue | null>>;

export interface ConfigTools {
  /** `config-get --all`: every option; null where it has neither a value nor a default. Numbers beyond 2^53 lose digits (Juju does that). */
  configGet(): Promise<ConfigValues>;
}

export const configTools = (runner: HookToolRunner): ConfigTools => ({
  configGet: async () => {
    const output = await runJson(runner, 'config-get', ['--all']);
    const values: Record<string, ConfigValue | null> = {};
    for (const [key, value] of Object.entries(recordOf(output))) {
      if (value !== null && typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
        throw unexpected(output, `plain value for option ${key}`);
      }
      values[key] = value;
    }
    return Object.freeze(values);
  },
});
