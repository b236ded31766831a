import { ModelError, type World } from '../model';

/** `5m`, `90s`, `1h` in seconds. */
function seconds(text: string): number {
  const match = /^(\d+)(s|m|h)?$/.exec(text);
  if (match === null) throw new ModelError('not-valid', 'model config', `invalid duration "${text}"`);
  return Number(match[1]) * (match[2] === 'h' ? 3600 : match[2] === 'm' ? 60 : 1);
}

/** Sets one option of the model's configuration from its text. */
export function setModelOption(world: World, key: string, value: string): void {
  if (key === 'update-status-hook-interval') world.config[key] = seconds(value);
  else if (key === 'automatically-retry-hooks') world.config[key] = value === 'true';
  else throw new ModelError('not-valid', 'model config', `the emulator does not heed model option "${key}"`);
}
