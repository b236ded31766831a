import { ModelError } from './model-error';
import type { World } from './world';

export type ModelConfigValue = string | number | boolean;

/** A model attribute as it is told: its value, and whether the model or the default gave it. */
export interface ModelConfigAnswer {
  readonly value: ModelConfigValue | Readonly<Record<string, string>>;
  readonly source: 'default' | 'model';
}

/** Juju 4.1's model attributes with their defaults. */
const defaults: Readonly<Record<string, ModelConfigValue>> = {
  'agent-metadata-url': '',
  'apt-ftp-proxy': '',
  'apt-http-proxy': '',
  'apt-https-proxy': '',
  'apt-mirror': '',
  'apt-no-proxy': '',
  'automatically-retry-hooks': true,
  'backup-dir': '',
  'charmhub-url': 'https://api.charmhub.io',
  'cloudinit-userdata': '',
  'container-image-metadata-defaults-disabled': false,
  'container-image-metadata-url': '',
  'container-image-stream': 'released',
  'container-inherit-properties': '',
  'container-networking-method': '',
  'default-base': '',
  'default-space': '',
  development: false,
  'disable-network-management': false,
  'disable-telemetry': false,
  'egress-subnets': '',
  'enable-os-upgrade': false,
  'firewall-mode': 'instance',
  'ftp-proxy': '',
  'http-proxy': '',
  'https-proxy': '',
  'image-metadata-defaults-disabled': false,
  'image-metadata-url': '',
  'image-stream': 'released',
  'juju-ftp-proxy': '',
  'juju-http-proxy': '',
  'juju-https-proxy': '',
  'juju-no-proxy': '127.0.0.1,localhost,::1',
  'lxd-snap-channel': '5.0/stable',
  'max-action-results-age': '336h',
  'max-action-results-size': '5G',
  mode: 'requires-prompts',
  'net-bond-reconfigure-delay': 17,
  'no-proxy': '127.0.0.1,localhost,::1',
  'num-container-provision-workers': 4,
  'num-provision-workers': 16,
  'proxy-ssh': false,
  'saas-ingress-allow': '0.0.0.0/0,::/0',
  'snap-http-proxy': '',
  'snap-https-proxy': '',
  'snap-store-assertions': '',
  'snap-store-proxy': '',
  'snap-store-proxy-url': '',
  'ssh-allow': '0.0.0.0/0,::/0',
  'ssl-hostname-verification': true,
  'test-mode': false,
  'transmit-vendor-metrics': true,
  'update-status-hook-interval': '5m',
};

/** Seconds as operators write them: `5m`. */
const duration = (seconds: number): string => (seconds % 60 === 0 && seconds > 0 ? `${seconds / 60}m` : `${seconds}s`);

/** `5m`, `90s`, `1h30m` in seconds. */
function seconds(text: string): number {
  if (!/^(\d+[smh])+$|^\d+$/.test(text))
    throw new ModelError(
      'not-valid',
      'model config',
      `invalid update status hook interval: time: invalid duration "${text}"`,
    );
  if (/^\d+$/.test(text)) return Number(text);
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)([smh])/g))
    total += Number(number) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  return total;
}

/** Every attribute in force. */
export function modelConfigAnswer(world: World): Record<string, ModelConfigAnswer> {
  const answers: Record<string, ModelConfigAnswer> = {
    'agent-stream': { value: 'released', source: 'model' },
    'agent-version': { value: world.agentVersion, source: 'model' },
    'enable-os-refresh-update': { value: false, source: 'model' },
    'logging-config': { value: '<root>=INFO;unit=DEBUG', source: 'model' },
    'resource-tags': { value: {}, source: 'model' },
  };
  const own: Record<string, ModelConfigValue> = {
    ...world.config.others,
    'automatically-retry-hooks': world.config['automatically-retry-hooks'],
    'update-status-hook-interval': duration(world.config['update-status-hook-interval']),
  };
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = own[name] ?? fallback;
    answers[name] = { value, source: value === fallback ? 'default' : 'model' };
  }
  for (const name of ['logging-config', 'enable-os-refresh-update'])
    if (own[name] !== undefined) answers[name] = { value: own[name], source: 'model' };
  return answers;
}

/** A value of the type that its default has. */
function typed(key: string, text: string): ModelConfigValue {
  const fallback = defaults[key];
  if (typeof fallback === 'boolean') {
    if (text !== 'true' && text !== 'false')
      throw new ModelError('not-valid', 'model config', `${key}: expected bool, got string("${text}")`);
    return text === 'true';
  }
  if (typeof fallback === 'number') {
    if (!/^\d+$/.test(text))
      throw new ModelError('not-valid', 'model config', `${key}: expected number, got string("${text}")`);
    return Number(text);
  }
  return text;
}

/** Sets an attribute. The emulator heeds two of them, the others are kept and shown. */
export function setModelOption(world: World, key: string, value: string): void {
  if (key === 'agent-version')
    throw new ModelError('refused', 'model config', '"agent-version" must be set via "upgrade-model"');
  if (defaults[key] === undefined && !['logging-config', 'enable-os-refresh-update'].includes(key))
    throw new ModelError('not-valid', 'model config', `the emulator knows no model option "${key}"`);
  if (key === 'update-status-hook-interval') world.config[key] = seconds(value);
  else if (key === 'automatically-retry-hooks') world.config[key] = typed(key, value) === true;
  else world.config.others = { ...world.config.others, [key]: typed(key, value) };
}

/** Takes an attribute back to its default. */
export function resetModelOption(world: World, key: string): void {
  const fallback = defaults[key];
  if (fallback !== undefined) setModelOption(world, key, String(fallback));
}
