import type { Command } from 'commander';
import { openSession, type Session } from './session';

/** Where a command writes: stdout for results, stderr for everything told to a human. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** A verb under way: its program, and what every verb shares. */
export interface Registry {
  readonly program: Command;
  readonly terminal: Terminal;
}

/** A new verb with the option that all have: `-m MODEL`. */
export function verb(registry: Registry, name: string, description: string): Command {
  return registry.program.command(name).description(description).option('-m, --model <model>', 'model to use');
}

/** The session that a verb's options name. */
export const sessionOf = (options: { readonly model?: string }): Session => openSession(options.model);

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
