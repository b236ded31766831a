import { quote } from '../format/go-quote';
import { stringOption, type Option } from '../format/option-parser';
import type { HookContext } from './hook-context';
import type { SecretAttributes } from './secret-changes';
import { parseSecretUri, type SecretUri } from './secret-uri';
import { usageError } from './tool-error';
import type { SecretContent } from './uniter-api';

const rotatePolicies = ['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'];
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[-+]\d{2}:\d{2})?$/;
const durationPattern = /^([-+]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;
const durationUnits: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The first argument of a secret tool. */
export function requireSecretUri(args: readonly string[]): SecretUri {
  const [text] = args;
  if (text === undefined) throw usageError('missing secret URI');
  return secretUriOf(text);
}

export function secretUriOf(text: string): SecretUri {
  const uri = parseSecretUri(text);
  if (uri === undefined) throw usageError(`secret URI ${quote(text)} not valid`);
  return uri;
}

/** Paths in secret tools are the agent's: relative ones start at its own directory. */
export const agentFileReader =
  (context: HookContext) =>
  (path: string): Promise<Uint8Array> =>
    context.options.files.read(path.startsWith('/') ? path : `/${path}`);

/** The options that secret-add and secret-set share. An empty value means "not given". */
export class SecretAttributeArguments {
  owner = 'application';
  file = '';
  private label = '';
  private description = '';
  private rotate = '';
  private expire = '';
  readonly options: readonly Option[];

  constructor(private readonly context: HookContext) {
    this.options = [
      stringOption(['label'], (value) => void (this.label = value)),
      stringOption(['description'], (value) => void (this.description = value)),
      stringOption(['rotate'], (value) => void (this.rotate = value)),
      stringOption(['expire'], (value) => void (this.expire = value)),
      stringOption(['owner'], (value) => void (this.owner = value)),
      stringOption(['file'], (value) => void (this.file = value)),
    ];
  }

  /** @throws ToolError (exit 2) for a bad expiry, rotate policy or owner. */
  attributes(): SecretAttributes {
    const expireTime = this.parseExpire();
    if (this.rotate !== '' && !rotatePolicies.includes(this.rotate)) {
      throw usageError(`rotate policy ${quote(this.rotate)} not valid`);
    }
    if (this.owner !== 'application' && this.owner !== 'unit') {
      throw usageError(`secret owner ${quote(this.owner)} not valid`);
    }
    return {
      ...(this.label === '' ? {} : { label: this.label }),
      ...(this.description === '' ? {} : { description: this.description }),
      ...(this.rotate === '' ? {} : { rotatePolicy: this.rotate }),
      ...(expireTime === undefined ? {} : { expireTime }),
    };
  }

  private parseExpire(): string | undefined {
    const { expire } = this;
    if (expire === '') return undefined;
    const zone = dateTime.exec(expire);
    if (zone !== null) {
      const time = new Date(zone[1] === undefined ? `${expire}Z` : expire);
      if (!Number.isNaN(time.getTime())) return time.toISOString().replace('.000Z', 'Z');
    }
    const duration = durationPattern.exec(expire);
    if (duration === null && expire !== '0') throw usageError(`expire time or duration ${quote(expire)} not valid`);
    let milliseconds = 0;
    for (const [, amount = '', unit = ''] of expire.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
      milliseconds += Number(amount) * (durationUnits[unit] ?? 0);
    }
    if (duration?.[1] === '-' || milliseconds <= 0)
      throw usageError(`negative expire duration ${quote(expire)} not valid`);
    return new Date(this.context.options.now().getTime() + milliseconds).toISOString();
  }
}

export function isEmptyData(data: SecretContent): boolean {
  return Object.keys(data).length === 0;
}
