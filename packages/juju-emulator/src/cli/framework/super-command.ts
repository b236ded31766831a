import { parseArguments } from '../../format/option-parser';
import { CliError } from '../cli-error';
import type { Registry } from '../program';
import type { VerbFamily } from '../verb-families';
import { commandList, verbHelp } from './help';
import { parseVerb, reportError, runParsed, type SessionOpener } from './run-verb';
import type { Verb } from './verb';
import { VerbOutput, type Terminal } from './verb-output';

export interface SuperCommand {
  /** `juju` or `juju-emulator`. */
  readonly name: string;
  readonly families: readonly VerbFamily[];
  /** What the program says of itself without a verb. */
  readonly basics: string;
  readonly open: SessionOpener;
}

/** Edit distance of two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Words for a verb that does not exist: the nearest one, unless nothing is near (Juju's rule). */
export function unknownVerb(name: string, program: string, names: readonly string[]): CliError {
  const [nearest] = [...names]
    .map((known) => ({ known, away: distance(name, known) }))
    .sort((a, b) => a.away - b.away || (a.known < b.known ? -1 : 1));
  if (nearest === undefined || nearest.away >= nearest.known.length + 1)
    return new CliError(`unrecognized command: ${program} ${name}`);
  return new CliError(
    `${program}: "${name}" is not a ${program} command. See "${program} --help".\n\nDid you mean:\n\t${nearest.known}`,
  );
}

async function load(families: readonly VerbFamily[], terminal: Terminal): Promise<Verb[]> {
  const registry: Registry = { verbs: [], terminal };
  for (const family of families) (await family.load())(registry);
  return registry.verbs;
}

/** The declarations of all verbs, for help and for the reference pages. */
export const allVerbs = (families: readonly VerbFamily[]): Promise<Verb[]> =>
  load(families, { out: () => undefined, err: () => undefined });

async function findVerb(
  command: Pick<SuperCommand, 'name' | 'families'>,
  name: string,
  terminal: Terminal,
): Promise<Verb> {
  const families = command.families.filter((family) => family.names.includes(name));
  const found = (await load(families, terminal)).find((verb) => verb.name === name || verb.otherNames.includes(name));
  const names = [...command.families.flatMap((family) => family.names), 'help'];
  if (found === undefined) throw unknownVerb(name, command.name, names);
  return found;
}

async function help(command: SuperCommand, topic: string | undefined, output: VerbOutput): Promise<void> {
  if (topic === undefined) output.out(command.basics);
  else if (topic === 'commands') output.out(commandList(await allVerbs(command.families)));
  else if (topic === 'help') output.out(`Usage: ${command.name} help [<command>]\n`);
  else output.out(verbHelp(await findVerb(command, topic, output), command.name));
}

/** Runs one verb by itself, without what the program around it adds; resolves with its exit code. */
export async function runVerb(
  families: readonly VerbFamily[],
  name: string,
  args: readonly string[],
  { terminal, open }: { readonly terminal: Terminal; readonly open: SessionOpener },
): Promise<number> {
  const output = new VerbOutput(terminal);
  try {
    const verb = await findVerb({ name: 'juju', families }, name, output);
    const parsed = await parseVerb(verb, args);
    if (parsed.kind === 'help') output.out(verbHelp(verb, 'juju'));
    else await runParsed(verb, parsed, name, output, open);
    return 0;
  } catch (error) {
    return reportError(error, output, undefined).code;
  }
}

/** Runs one command line; resolves with its exit code: 0, 1 for what failed, 2 for what was called wrongly. */
export async function runSuperCommand(
  command: SuperCommand,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const output = new VerbOutput(terminal);
  let format: unknown;
  try {
    const ignored = (names: readonly string[], isBool: boolean) => ({ names, isBool, set: () => undefined });
    let version = false;
    const top = await parseArguments(
      [
        ignored(['debug'], true),
        ignored(['show-log'], true),
        ignored(['quiet'], true),
        ignored(['verbose'], true),
        ignored(['logging-config'], false),
        { names: ['version'], isBool: true, set: () => void (version = true) },
      ],
      args,
      false,
    );
    if (!top.ok && !top.help) throw new CliError(top.message, 2);
    const [name, ...rest] = version ? ['version'] : top.ok ? top.positional : ['help'];
    if (name === undefined || name === 'help') {
      await help(command, rest[0], output);
      return 0;
    }
    const verb = await findVerb(command, name, output);
    const parsed = await parseVerb(verb, rest);
    if (parsed.kind === 'help') {
      output.out(verbHelp(verb, command.name));
      return 0;
    }
    format = parsed.flags['format'];
    await runParsed(verb, parsed, name, output, command.open);
    return 0;
  } catch (error) {
    return reportError(error, output, format).code;
  }
}
