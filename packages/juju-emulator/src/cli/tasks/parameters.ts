import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { quote } from '../../format/go-quote';
import { CliError } from '../cli-error';

const unitOrLeader = /^([a-z](?:[a-z0-9]*-)*[a-z0-9]*)\/(?:\d+|leader)$/;
const keyRule = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** The targets, the action and its parameters of a command line, as `juju run` takes them. */
export interface ActionCall {
  readonly units: readonly string[];
  readonly action: string;
  readonly pairs: readonly string[];
}

/** Units come first, then the action, then `key.key=value`s. Texts: Juju's run command. */
export function parseActionCall(words: readonly string[]): ActionCall {
  const split = words.findIndex((word) => !unitOrLeader.test(word));
  const units = split < 0 ? words : words.slice(0, split);
  const action = split < 0 ? undefined : words[split];
  if (action !== undefined && !keyRule.test(action))
    throw new CliError(`invalid unit or action name ${quote(action)}`, 2);
  if (units.length === 0) throw new CliError('no unit specified', 2);
  if (action === undefined) throw new CliError('no action specified', 2);
  if (new Set(units.map((unit) => unit.split('/')[0])).size > 1)
    throw new CliError('all units must be of the same application', 2);
  return { units, action, pairs: words.slice(split + 1) };
}

/** `a.b=1` into nested maps; values as yaml unless `strings`. */
export function parseParameters(pairs: readonly string[], strings: boolean): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const text of pairs) {
    const equals = text.indexOf('=');
    if (equals < 0) throw new CliError(`argument ${quote(text)} must be of the form key.key.key...=value`, 2);
    const keys = text.slice(0, equals).split('.');
    for (const key of keys)
      if (!keyRule.test(key))
        throw new CliError(
          `key ${quote(key)} must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`,
          2,
        );
    const value = text.slice(equals + 1);
    let node = parameters;
    for (const key of keys.slice(0, -1)) {
      const next = node[key];
      node = (typeof next === 'object' && next !== null ? next : (node[key] = {})) as Record<string, unknown>;
    }
    node[keys.at(-1) ?? ''] = strings ? value : (parse(value) as unknown);
  }
  return parameters;
}

/** Parameters of a file (`--params`) under those of the command line. */
export function readParameters(
  call: ActionCall,
  flags: { readonly params?: string; readonly stringArgs?: boolean },
): Record<string, unknown> {
  const given = parseParameters(call.pairs, flags.stringArgs === true);
  if (flags.params === undefined) return given;
  let text: string;
  try {
    text = readFileSync(flags.params, 'utf8');
  } catch {
    throw new CliError(`open ${flags.params}: no such file or directory`);
  }
  const document = (parse(text) ?? {}) as unknown;
  if (typeof document !== 'object' || Array.isArray(document))
    throw new CliError('params must contain a YAML map with string keys');
  return { ...document, ...given };
}
