import { parseArguments } from '../../format/option-parser';
import { quote } from '../../format/go-quote';
import { CliError } from '../cli-error';
import type { Session } from '../session';
import { parserOption } from './option-spec';
import { type Verb, serialisable } from './verb';
import type { VerbOutput } from './verb-output';

/** Opens the session of a model, by its name or the current one. */
export type SessionOpener = (model: string | undefined) => Session;

/** Flags carry what opens a session, so that a verb can be run on a recorded model. */
export const opener = Symbol('session opener');

export type Parsed =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly positional: readonly (string | readonly string[] | undefined)[];
      readonly flags: Record<string, unknown>;
      readonly given: ReadonlySet<string>;
    };

const usage = (message: string): CliError => new CliError(message, 2);

/** `["a" "b"]`, Go's way with lists of strings. */
export const quotedList = (words: readonly string[]): string => `[${words.map((word) => quote(word)).join(' ')}]`;

/** Parses a verb's arguments as Juju does; a usage error is a `CliError` with exit code 2. */
export async function parseVerb(verb: Verb, args: readonly string[]): Promise<Parsed> {
  const flags: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const spec of verb.options) if (spec.initial !== undefined) flags[spec.key] = spec.initial;
  const ignored = (names: readonly string[], isBool: boolean) => ({ names, isBool, set: () => undefined });
  const parsed = await parseArguments(
    [
      // Global options of Juju's client, of no meaning here; a verb's own option of the name comes later and wins.
      ignored(['debug'], true),
      ignored(['show-log'], true),
      ignored(['quiet'], true),
      ignored(['verbose'], true),
      ignored(['B', 'no-browser-login'], true),
      ignored(['logging-config'], false),
      ...verb.options.map((spec) => parserOption(spec, flags, given)),
    ],
    args,
    verb.isInterspersed,
  );
  if (!parsed.ok) {
    if (parsed.help) return { kind: 'help' };
    throw usage(parsed.message);
  }
  const rest = [...parsed.positional];
  const positional = verb.arguments.map(({ name, required, variadic }) => {
    if (required && rest.length === 0)
      throw usage(verb.missingText ?? `no ${name.replaceAll('-', ' ').replace(/s$/, '')} specified`);
    return variadic ? rest.splice(0) : rest.shift();
  });
  if (rest.length > 0) throw usage(`unrecognized args: ${quotedList(rest)}`);
  return { kind: 'run', positional, flags, given };
}

/** Runs a parsed verb; its error is the caller's to report. */
export async function runParsed(
  verb: Verb,
  parsed: Parsed & { kind: 'run' },
  calledAs: string,
  output: VerbOutput,
  open: SessionOpener,
): Promise<void> {
  output.redirect(parsed.flags['output'] as string | undefined);
  const flags = { ...parsed.flags, [opener]: open };
  await verb.run(...parsed.positional, flags, { given: parsed.given, calledAs });
}

/** What an error prints: `ERROR message` and, where a program reads the result and there is none, `{}` on stdout. */
export function reportError(error: unknown, output: VerbOutput, format: unknown): { readonly code: number } {
  const message = (error as Error).message;
  const code = error instanceof CliError ? error.exitCode : 1;
  if (message === '') return { code };
  if (code !== 2 && !output.hasResult && typeof format === 'string' && serialisable.includes(format))
    output.out('{}\n');
  output.err(`ERROR ${message}\n`);
  return { code };
}
