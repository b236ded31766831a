import { HookToolError } from './hook-tool-error';
import type { HookToolOptions, HookToolRunner } from './runner';

/** A tool's JSON output on its way into typed values. Errors name the tool and the shape, never the content. */
export interface ToolOutput {
  readonly tool: string;
  readonly args: readonly string[];
  readonly value: unknown;
}

/** Runs a tool with `--format=json` and parses what it prints; printing nothing means null. */
export async function runJson(
  runner: HookToolRunner,
  tool: string,
  args: readonly string[],
  options?: HookToolOptions,
): Promise<ToolOutput> {
  const all = [...args.slice(0, positionOfEnd(args)), '--format=json', ...args.slice(positionOfEnd(args))];
  const text = await runner.run(tool, all, options);
  try {
    return { tool, args: all, value: text.trim() === '' ? null : (JSON.parse(text) as unknown) };
  } catch (cause) {
    throw unexpected({ tool, args: all, value: null }, 'JSON', cause);
  }
}

/** Options must stand before a `--`. */
function positionOfEnd(args: readonly string[]): number {
  const end = args.indexOf('--');
  return end === -1 ? args.length : end;
}

export function unexpected(output: ToolOutput, expected: string, cause?: unknown): HookToolError {
  return new HookToolError({
    tool: output.tool,
    args: output.args,
    exitCode: 0,
    stderr: `unexpected output: no ${expected}`,
    code: 'unexpected-output',
    cause,
  });
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON object; null counts as an empty one (Juju prints `null` for empty maps of some tools). */
export function recordOf(output: ToolOutput): Readonly<Record<string, unknown>> {
  if (output.value === null) return {};
  if (!isRecord(output.value)) throw unexpected(output, 'map');
  return output.value;
}

/** A JSON object of strings. */
export function stringMapOf(output: ToolOutput): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(recordOf(output))) {
    if (typeof value !== 'string') throw unexpected(output, 'map of strings');
    map[key] = value;
  }
  return Object.freeze(map);
}

/** A JSON list of strings; null counts as an empty one. */
export function stringListOf(output: ToolOutput): readonly string[] {
  if (output.value === null) return [];
  if (!Array.isArray(output.value)) throw unexpected(output, 'list');
  return Object.freeze(
    output.value.map((one: unknown) => {
      if (typeof one !== 'string') throw unexpected(output, 'list of strings');
      return one;
    }),
  );
}

export function stringOf(output: ToolOutput): string {
  if (typeof output.value !== 'string') throw unexpected(output, 'string');
  return output.value;
}

export function booleanOf(output: ToolOutput): boolean {
  if (typeof output.value !== 'boolean') throw unexpected(output, 'boolean');
  return output.value;
}

/** A field of a JSON object, where it is a string. */
export const stringField = (record: Readonly<Record<string, unknown>>, key: string): string | null => {
  const value = record[key];
  return typeof value === 'string' ? value : null;
};

/** A field of a JSON object as a list of strings; anything else in it is left out. */
export const stringListField = (record: Readonly<Record<string, unknown>>, key: string): readonly string[] => {
  const value = record[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};

/**
 * A map of strings as YAML for `--file`: JSON, which YAML includes, with those characters escaped that YAML 1.1 would refuse or fold.
 */
export function yamlStringMap(values: Readonly<Record<string, string>>): string {
  // Exactly the characters that YAML 1.1 treats otherwise than JSON.
  const special = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
  return JSON.stringify(values).replace(special, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
