import { readFile } from 'node:fs/promises';
import { type VerifyResult, verifyFile } from '../../verify';
import { isControllerRecording, verifyController } from '../../verify/controller';
import { CliError } from '../cli-error';
import { runCli } from '../main';
import { plainVerb, type Registry } from '../program';

/** Recordings that are known not to match, each with the reason: id, or its first words -> why. */
export type KnownDifferences = Readonly<Record<string, string>>;

/** Why a recording may differ, or undefined. */
export const reasonFor = (id: string, known: KnownDifferences): string | undefined =>
  known[id] ?? Object.entries(known).find(([words]) => id.startsWith(`${words} `) || id.startsWith(`${words}/`))?.[1];

/** Commands of a recorded controller that are not given: `without 134`. */
export const notGiven = (known: KnownDifferences): string[] =>
  Object.keys(known).flatMap((key) => /^without (\S+)$/.exec(key)?.[1] ?? []);

/** `matched N of M`, then the differences; those that are known with their reason. */
export function formatVerification(
  path: string,
  result: VerifyResult,
  limit: number,
  known: KnownDifferences = {},
): string {
  const lines = [`${path}: matched ${result.matched} of ${result.total}`];
  for (const { id, where, expected, actual } of result.differences.slice(0, limit)) {
    lines.push(`  ${id}: ${where}`, `    recorded: ${expected}`, `    emulator: ${actual}`);
    const why = reasonFor(id, known);
    if (why !== undefined) lines.push(`    known: ${why}`);
  }
  if (result.differences.length > limit) lines.push(`  and ${result.differences.length - limit} more differences`);
  return `${lines.join('\n')}\n`;
}

/** Ids that differ and are not known to. */
const unexpected = (result: VerifyResult, known: KnownDifferences): readonly string[] => [
  ...new Set(result.differences.map(({ id }) => id).filter((id) => reasonFor(id, known) === undefined)),
];

/** A recorded controller is played with this command line itself. */
async function playRecording(
  directory: string,
  known: KnownDifferences,
  { terminal }: Registry,
): Promise<VerifyResult> {
  const result = await verifyController(directory, {
    seed: 1,
    without: notGiven(known),
    onProgress: (line) => terminal.err(`${line}\n`),
    operate: async (argv) => {
      const [stdout, stderr]: string[][] = [[], []];
      const quiet = {
        ...terminal,
        out: (text: string) => void stdout?.push(text),
        err: (text: string) => void stderr?.push(text),
      };
      const code = await runCli('juju', argv, quiet);
      return { code, stdout: stdout?.join('') ?? '', stderr: stderr?.join('') ?? '' };
    },
  });
  terminal.err(`${result.moments} answers were given at another moment than the recorded ones\n`);
  return result;
}

export function registerVerify(registry: Registry): void {
  const { terminal } = registry;
  plainVerb(registry, 'verify <files...>', 'replays recordings of Juju and says how many the emulator matches')
    .option('--limit <number>', 'how many differences to print a file', '20')
    .option('--known <file>', 'JSON object of ids that may differ, each with the reason; any other difference fails')
    .action(async (files: string[], flags: { limit: string; known?: string }) => {
      const known =
        flags.known === undefined ? {} : (JSON.parse(await readFile(flags.known, 'utf8')) as KnownDifferences);
      let different = 0;
      for (const file of files) {
        const result = isControllerRecording(file)
          ? await playRecording(file, known, registry)
          : await verifyFile(file);
        terminal.out(formatVerification(file, result, Number(flags.limit), known));
        different += unexpected(result, known).length;
      }
      if (different > 0) throw new CliError('', 1);
    });
}
