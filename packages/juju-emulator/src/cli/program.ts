import { opener, type SessionOpener } from './framework/run-verb';
import { Verb } from './framework/verb';
import type { Terminal } from './framework/verb-output';
import { openSession, type Session } from './session';

export type { Terminal } from './framework/verb-output';

/** Where verbs are declared, and where they write. */
export interface Registry {
  readonly verbs: Verb[];
  readonly terminal: Terminal;
}

/** A new verb that is about no single model. */
export function plainVerb(registry: Registry, declaration: string, description: string): Verb {
  const made = new Verb(declaration).description(description);
  registry.verbs.push(made);
  return made;
}

/** A new verb with the option that most have: `-m MODEL`. */
export function verb(registry: Registry, declaration: string, description: string): Verb {
  return plainVerb(registry, declaration, description).option(
    '-m, --model <model>',
    'Model to operate in. Accepts [<controller name>:]<model name>',
  );
}

/** The session that a verb's options name. */
export const sessionOf = (options: { readonly model?: string; readonly [opener]?: SessionOpener }): Session =>
  (options[opener] ?? openSession)(options.model);

/** Collects a repeatable option. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

/** `k=v` in two. */
export function keyValue(text: string): [string, string] | undefined {
  const equals = text.indexOf('=');
  return equals <= 0 ? undefined : [text.slice(0, equals), text.slice(equals + 1)];
}

/** `5m`, `90s`, `1h30m`, `500ms` in milliseconds; a bare number is seconds. */
export function milliseconds(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 'ms' | 's' | 'm' | 'h'];
  return total;
}
