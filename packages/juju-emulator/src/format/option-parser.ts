import { quote } from './go-quote';

/** An option of a command. `set` returns the reason for a refusal, or nothing. */
export interface Option {
  readonly names: readonly string[];
  readonly isBool: boolean;
  set(value: string): string | undefined | Promise<string | undefined>;
}

export type ParsedArguments =
  | { readonly ok: true; readonly positional: readonly string[] }
  | { readonly ok: false; readonly help: true }
  | { readonly ok: false; readonly help: false; readonly message: string };

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** strconv.ParseBool; a string is the error text. */
export function parseBool(value: string): boolean | string {
  if (trueWords.has(value)) return true;
  if (falseWords.has(value)) return false;
  return `strconv.ParseBool: parsing ${quote(value)}: invalid syntax`;
}

export function boolOption(names: readonly string[], store: (value: boolean) => void): Option {
  return {
    names,
    isBool: true,
    set: (value) => {
      const parsed = parseBool(value);
      if (typeof parsed === 'string') return parsed;
      store(parsed);
      return undefined;
    },
  };
}

export function stringOption(names: readonly string[], store: (value: string) => void): Option {
  const set = (value: string): undefined => {
    store(value);
    return undefined;
  };
  return { names, isBool: false, set };
}

function withDashes(name: string): string {
  return [...name].length > 1 ? `--${name}` : `-${name}`;
}

function fail(message: string): ParsedArguments {
  return { ok: false, help: false, message };
}

/**
 * Parses as juju/gnuflag does: options anywhere before `--`, `--name=value` or `--name value`, a single dash starts a
 * group of one-letter options whose last may carry its value.
 * @param interspersed false ends the options at the first argument, for what is handed on to another program
 */
export async function parseArguments(
  options: readonly Option[],
  args: readonly string[],
  interspersed = true,
): Promise<ParsedArguments> {
  const byName = new Map(options.flatMap((option) => option.names.map((name) => [name, option] as const)));
  const positional: string[] = [];
  const rest = [...args];
  let attached = ''; // what follows the option's name in its own argument
  let long = false;
  for (;;) {
    let name: string;
    if (attached !== '' && !long) {
      [name = ''] = [...attached];
      attached = attached.slice(name.length);
    } else {
      const argument = rest.shift();
      if (argument === undefined) return { ok: true, positional };
      if (argument === '-' || !argument.startsWith('-')) {
        positional.push(argument);
        if (!interspersed) return { ok: true, positional: [...positional, ...rest] };
        continue;
      }
      if (argument === '--') return { ok: true, positional: [...positional, ...rest] };
      long = argument.startsWith('--');
      if (long) {
        const equals = argument.indexOf('=');
        name = equals < 0 ? argument.slice(2) : argument.slice(2, equals);
        attached = equals < 0 ? '' : argument.slice(equals);
        if (name === '') return fail(`empty option in argument ${quote(argument)}`);
      } else {
        [name = ''] = [...argument.slice(1)];
        attached = argument.slice(1 + name.length);
      }
    }
    const option = byName.get(name);
    if (option === undefined) {
      if (name === 'help' || name === 'h') return { ok: false, help: true };
      return fail(`option provided but not defined: ${withDashes(name)}`);
    }
    let value: string | undefined = 'true';
    if (!option.isBool || attached.startsWith('=')) {
      value = attached === '' ? rest.shift() : long ? attached.slice(1) : attached;
      attached = '';
      if (value === undefined) return fail(`option needs an argument: ${withDashes(name)}`);
    }
    const reason = await option.set(value);
    if (reason !== undefined) return fail(`invalid value ${quote(value)} for option ${withDashes(name)}: ${reason}`);
  }
}
