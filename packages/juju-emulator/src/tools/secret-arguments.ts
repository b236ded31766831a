import { parse } from 'yaml';
import { quote } from '../format/go-quote';
import { stringOption, type Option } from '../format/option-parser';
import { openErrorText } from './agent-files';
import type { HookContext } from './hook-context';
import type { SecretAttributes } from './secret-changes';
import { parseSecretUri, type SecretUri } from './secret-uri';
import { usageError } from './tool-error';
import type { SecretContent } from './uniter-api';

const keyPattern = /^[a-z](?:-?[a-z0-9]){2,}$/;
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

function toBase64(data: string | Uint8Array): string {
  return Buffer.from(data).toString('base64');
}

/** Paths in secret tools are the agent's: relative ones start at its own directory. */
async function readAgentFile(context: HookContext, path: string, prefix: string): Promise<Uint8Array> {
  try {
    return await context.options.files.read(path.startsWith('/') ? path : `/${path}`);
  } catch (error) {
    throw usageError(`${prefix}${openErrorText(path, error)}`);
  }
}

/** `key=value`, `key#base64=...`, `key#file=path`, and the yaml map of `--file`, which wins; of a repeated key the last one does. */
export async function parseSecretData(
  context: HookContext,
  args: readonly string[],
  file: string,
): Promise<Record<string, string>> {
  const data: Record<string, string> = {};
  const add = async (key: string, value: string): Promise<void> => {
    const base64 = key.endsWith('#base64');
    const fromFile = key.endsWith('#file');
    const name = base64 || fromFile ? key.slice(0, key.lastIndexOf('#')) : key;
    if (!keyPattern.test(name)) throw usageError(`key ${quote(name)} not valid`);
    if (base64) data[name] = value;
    else if (!fromFile) data[name] = toBase64(value);
    else data[name] = toBase64(await readAgentFile(context, value, `reading content for secret key ${quote(name)}: `));
  };
  for (const argument of args) {
    const equals = argument.indexOf('=');
    if (equals <= 0 || equals === argument.length - 1) throw usageError(`key value ${quote(argument)} not valid`);
    await add(argument.slice(0, equals), argument.slice(equals + 1));
  }
  if (file !== '') {
    const text = Buffer.from(await readAgentFile(context, file, '')).toString();
    const values = (parse(text, { schema: 'failsafe' }) ?? {}) as Record<string, unknown>;
    for (const [key, value] of Object.entries(values)) await add(key, String(value));
  }
  return data;
}

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
