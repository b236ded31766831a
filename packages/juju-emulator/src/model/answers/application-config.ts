import type { ConfigValue } from '../application';
import type { OptionType } from '../charm';
import type { World } from '../world';
import { applicationOf, charmOf } from '../world';

/** One option as the controller answers it: where its value is from, and the value when there is one. */
export interface OptionAnswer {
  readonly default?: ConfigValue;
  readonly description: string;
  readonly source: 'user' | 'default' | 'unset';
  readonly type: OptionType | 'bool';
  readonly value?: ConfigValue;
}

/** Juju's params.ApplicationGetResults, as far as `juju config` prints it. */
export interface ApplicationConfigAnswer {
  readonly application: string;
  readonly charm: string;
  readonly config: Readonly<Record<string, OptionAnswer>>;
  readonly 'application-config': Readonly<Record<string, OptionAnswer>>;
}

/** Configuration of an application with defaults and sources. */
export function applicationConfigAnswer(world: World, name: string): ApplicationConfigAnswer {
  const application = applicationOf(world, name);
  const { spec } = charmOf(world, name);
  return {
    application: name,
    charm: spec.name,
    config: Object.fromEntries(
      Object.entries(spec.options).map(([option, { default: fallback, description, type }]): [string, OptionAnswer] => {
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
    ),
    'application-config': {
      trust: {
        default: false,
        description: 'Does this application have access to trusted credentials',
        source: application.trust ? 'user' : 'default',
        type: 'bool',
        value: application.trust,
      },
    },
  };
}
