import type { ConfigValue } from './application';
import { coerceSettings } from './config';
import { ModelError } from './model-error';
import type { World } from './world';
import { applicationOf, charmOf } from './world';

/** Changes options of an application; `reset` names go back to the charm's defaults. */
export function setConfig(
  world: World,
  name: string,
  values: Readonly<Record<string, ConfigValue>>,
  reset: readonly string[] = [],
): void {
  const application = applicationOf(world, name);
  const spec = charmOf(world, name).spec;
  for (const option of reset)
    if (spec.options[option] === undefined)
      throw new ModelError('not-valid', 'set config', `invalid application config: unknown option "${option}"`);
  const { trust, ...rest } = values;
  const settings = { ...application.settings, ...coerceSettings(spec, rest) };
  for (const option of reset) delete settings[option];
  application.settings = settings;
  if (trust !== undefined) application.trust = String(trust) === 'true';
}
