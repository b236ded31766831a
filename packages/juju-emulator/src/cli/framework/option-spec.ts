import { type Option, parseBool } from '../../format/option-parser';

/** How an option's values end up in the flags: the last one, all of them, true, or false for `--no-x`. */
export type OptionKind = 'value' | 'list' | 'boolean' | 'negation' | 'optional-value';

/** One option of a verb, as it was declared: `-n, --num-units <number>`. */
export interface OptionSpec {
  readonly short?: string;
  readonly long: string;
  /** Name in the flags: `numUnits`; of `--no-prompt` it is `prompt`. */
  readonly key: string;
  readonly kind: OptionKind;
  readonly placeholder: string;
  readonly description: string;
  readonly initial: unknown;
  /** A reason to refuse the value, or nothing. */
  readonly check?: (value: string) => string | undefined;
}

/** Collects a repeatable option. */
export type Collector = (value: string, previous: readonly string[]) => string[];

const camelCase = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());

/** Reads a declaration: `-x, --long <value>`, `--flag`, `--no-flag`, `--wait [value]` (its value only after `=`). */
export function optionSpec(
  declaration: string,
  description: string,
  initial?: unknown,
  fallback?: unknown,
  check?: (value: string) => string | undefined,
): OptionSpec {
  const match = /^(?:-(\w), )?--([a-z0-9-]+)(?: ([<[])([^\]>]+)[\]>])?$/.exec(declaration);
  if (match === null) throw new Error(`not an option declaration: ${declaration}`);
  const [, short, long = '', bracket, placeholder = ''] = match;
  const negation = bracket === undefined && long.startsWith('no-');
  const list = typeof initial === 'function';
  const kind: OptionKind =
    bracket === '<'
      ? list
        ? 'list'
        : 'value'
      : bracket === '['
        ? 'optional-value'
        : negation
          ? 'negation'
          : 'boolean';
  return {
    ...(short === undefined ? {} : { short }),
    long,
    key: camelCase(negation ? long.slice(3) : long),
    kind,
    placeholder,
    description,
    initial: list ? (fallback ?? []) : negation ? true : initial,
    ...(check === undefined ? {} : { check }),
  };
}

/** The option for the parser; it stores into `flags`, and notes in `given` that it was there. */
export function parserOption(spec: OptionSpec, flags: Record<string, unknown>, given: Set<string>): Option {
  const isBool = spec.kind !== 'value' && spec.kind !== 'list';
  return {
    names: spec.short === undefined ? [spec.long] : [spec.short, spec.long],
    isBool,
    set: (value) => {
      const refused = spec.check?.(value);
      if (refused !== undefined) return refused;
      given.add(spec.key);
      if (spec.kind === 'list') flags[spec.key] = [...(flags[spec.key] as string[]), value];
      else if (spec.kind === 'value') flags[spec.key] = value;
      else if (spec.kind === 'optional-value') flags[spec.key] = value === 'true' ? true : value;
      else {
        const parsed = parseBool(value);
        if (typeof parsed === 'string') return parsed;
        flags[spec.key] = spec.kind === 'negation' ? !parsed : parsed;
      }
      return undefined;
    },
  };
}
