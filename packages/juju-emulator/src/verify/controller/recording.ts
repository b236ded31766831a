import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { impliedCommands } from './implied-commands';
import { readPlainStages } from './plain-logs';

/** One hook-tool call as the recording charm noted it. */
export interface RecordedCall {
  readonly cmd: readonly string[];
  readonly rc: number;
  readonly out: string;
  readonly err: string;
}

/** One hook or action as the recording charm noted it; times in seconds since 1970. */
export interface RecordedHook {
  readonly unit: string;
  readonly dispatch: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly umask: string;
  readonly env: Readonly<Record<string, string>>;
  readonly t0: number;
  readonly rc: number;
  readonly tools: readonly RecordedCall[];
  /** Nothing is known of it but its name: a very small charm wrote it down. */
  readonly plain?: true;
}

/** One client command: its number, its moment, and what it answered if that was recorded, too. */
export interface RecordedCommand {
  readonly id: string;
  readonly time: number;
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, if it was recorded. */
  readonly rc?: number;
}

/** Commands that were given together, and the hooks that followed. */
export interface Batch {
  readonly name: string;
  readonly commands: readonly RecordedCommand[];
  /** Questions that were asked of a model at rest, among the commands and after them. */
  readonly reads: readonly RecordedCommand[];
  readonly hooks: readonly RecordedHook[];
  /** Hooks before the next batch that came of something the recording does not have: nothing to compare, but what they saw is true. */
  readonly uncaused: readonly RecordedHook[];
}

export interface ControllerRecording {
  readonly directory: string;
  readonly batches: readonly Batch[];
}

/** Whether a directory holds what a recorded controller leaves: commands.tsv, hooks/*.jsonl and charms/. */
export const isControllerRecording = (directory: string): boolean =>
  ['commands.tsv', 'hooks', 'charms'].every((name) => existsSync(join(directory, name)));

/** Reads a recorded controller (the README beside it tells the format). */
export async function readControllerRecording(
  directory: string,
  without: readonly string[] = [],
): Promise<ControllerRecording> {
  const [given, logged] = await Promise.all([readCommands(directory), readStages(directory)]);
  const plain = await readPlainStages(directory, given);
  const stages = [...logged, ...plain.stages];
  const commands = [...given, ...impliedCommands(given, logged)];
  const reads = await readReads(directory, new Set(commands.map(({ id }) => id)));
  const recorded = new Set(logged.flatMap(({ hooks }) => hooks.map(({ unit }) => unit.split('/')[0] ?? '')));
  const silent = commands
    .filter(({ argv }) => argv[0] === 'deploy')
    .map(({ argv }) => argv[2] ?? '')
    .filter((application) => !recorded.has(application));
  // What was run on applications that recorded nothing is left out: there is nothing to compare, and it takes its time.
  const isSilent = ({ id, argv }: RecordedCommand): boolean =>
    (argv[0] === 'run' || argv[0] === 'cancel-task') &&
    !plain.begun.has(id) &&
    argv.some((word) => silent.includes(word.split('/')[0] ?? ''));
  const heard = commands.filter((command) => !without.includes(command.id) && !isSilent(command));
  const questions = reads.filter(({ id }) => !without.includes(id));
  return {
    directory,
    batches: batchesOf(heard, stages).map((batch, index, all) => ({
      ...batch,
      reads: readsOf(batch, all[index + 1], questions),
    })),
  };
}

/** Questions that were asked between a batch's commands and before the next batch, where nothing happened before the next command. */
function readsOf(batch: Stretch, next: Stretch | undefined, reads: readonly RecordedCommand[]): RecordedCommand[] {
  const first = batch.commands[0]?.time ?? 0;
  const until = next?.commands[0]?.time ?? Infinity;
  const hooks = [...batch.hooks, ...batch.uncaused].map(({ t0 }) => t0);
  return reads.filter(({ time, stdout }) => {
    const following = batch.commands.find((command) => command.time > time)?.time ?? until;
    const restless = hooks.some((t0) => t0 > time && t0 < following);
    return time > first && time < until && !restless && !underWay.test(stdout);
  });
}

/** An answer that tells of what was being done just then. */
const underWay = /\b(executing|allocating|stopped)\b|pending/;

async function readCommands(directory: string): Promise<RecordedCommand[]> {
  const text = await readFile(join(directory, 'commands.tsv'), 'utf8');
  const answers = existsSync(join(directory, 'cli')) ? await readdir(join(directory, 'cli')) : [];
  return Promise.all(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(async (line) => {
        const [id = '', time = '', ...rest] = line.split('\t');
        const file = answers.find((name) => name.startsWith(`${id}-`));
        const words = wordsOf(rest.join('\t')).slice(1);
        if (file === undefined) return { id, time: Number(time), argv: words, stdout: '', stderr: '' };
        return { ...(await readAnswer(directory, file)), id, time: Number(time) };
      }),
  );
}

async function readAnswer(directory: string, file: string): Promise<RecordedCommand> {
  const { argv, start, stdout, stderr, rc } = JSON.parse(await readFile(join(directory, 'cli', file), 'utf8')) as {
    argv: string[];
    start: number;
    stdout: string;
    stderr: string;
    rc: number;
  };
  return { id: file.split('-')[0] ?? '', time: start, argv: argv.slice(1), stdout, stderr, rc };
}

/** Commands that are not among those that changed the model: questions, and what the client refused by itself. */
async function readReads(directory: string, others: ReadonlySet<string>): Promise<RecordedCommand[]> {
  if (!existsSync(join(directory, 'cli'))) return [];
  const files = (await readdir(join(directory, 'cli'))).sort();
  const answers = await Promise.all(files.map((file) => readAnswer(directory, file)));
  return answers.filter(({ id, argv }) => !others.has(id) && !endless.has(argv[0] ?? ''));
}

/** Questions whose answer is the host's log. */
const endless = new Set(['debug-log']);

/** The words of a command line whose quotes are lost: a script stands last. */
function wordsOf(line: string): string[] {
  const script = / -- | cmd=/.exec(line);
  if (script === null) return line.split(' ');
  const start = line.slice(0, script.index).split(' ');
  const rest = line.slice(script.index + 1);
  return rest.startsWith('-- ') ? [...start, '--', rest.slice(3)] : [...start, rest];
}

export interface Stage {
  /** When the command that began the stage was given. */
  readonly began: number;
  readonly hooks: readonly RecordedHook[];
}

/** Stages: a log of hooks each, and beside it their seconds after the command that began the stage. */
async function readStages(directory: string): Promise<Stage[]> {
  const files = (await readdir(join(directory, 'hooks'))).filter((name) => name.endsWith('.jsonl'));
  return Promise.all(
    files.map(async (name) => {
      const path = join(directory, 'hooks', name);
      const hooks = hooksOf(await readFile(path, 'utf8')).sort((a, b) => a.t0 - b.t0);
      const order = await readFile(path.replace(/\.jsonl$/, '.order.tsv'), 'utf8');
      const after = Number(
        order
          .split('\n')
          .find((line) => /^\d/.test(line))
          ?.split('\t')[0] ?? 0,
      );
      return { began: (hooks[0]?.t0 ?? 0) - after, hooks };
    }),
  );
}

/** The hooks in a log of the recording charm. */
export const hooksOf = (text: string): RecordedHook[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedHook);

/** Juju's change stream sleeps at most so long: commands further apart reach the units apart, seconds. */
const longestPoll = 10;

/** How well a stage's beginning is known from its times, seconds. */
const tolerance = 1;

/** A batch without what was asked about it. */
type Stretch = Omit<Batch, 'reads'>;

/** A batch ends where a hook ran, or so long passed that one must have, before the next command was given. */
function batchesOf(commands: readonly RecordedCommand[], stages: readonly Stage[]): Stretch[] {
  const sorted = [...commands].sort((a, b) => a.time - b.time);
  const caused = (stage: Stage): boolean => sorted.some(({ time }) => Math.abs(time - stage.began) < tolerance);
  const [known, unknown] = [stages.filter(caused), stages.filter((stage) => !caused(stage))].map((each) =>
    each.flatMap(({ hooks }) => hooks).sort((a, b) => a.t0 - b.t0),
  ) as [RecordedHook[], RecordedHook[]];
  const batches: { name: string; commands: RecordedCommand[]; hooks: RecordedHook[]; uncaused: RecordedHook[] }[] = [];
  for (const [index, command] of sorted.entries()) {
    const next = sorted[index + 1]?.time ?? Infinity;
    const [hooks, uncaused] = [known, unknown].map((all) =>
      all.filter(({ t0 }) => t0 >= command.time && t0 < next),
    ) as [RecordedHook[], RecordedHook[]];
    const last = batches.at(-1);
    // A command that was refused changed nothing: it begins no batch.
    const together =
      last !== undefined &&
      (refused(command) ||
        (last.hooks.length + last.uncaused.length === 0 &&
          command.time - (last.commands.at(-1)?.time ?? 0) <= longestPoll &&
          !last.commands.some(waits)));
    if (together) {
      last.commands.push(command);
      last.hooks.push(...hooks);
      last.uncaused.push(...uncaused);
    } else batches.push({ name: command.id, commands: [command], hooks, uncaused });
  }
  return batches;
}

/** Commands that Juju refused. */
export const refused = ({ rc, argv }: RecordedCommand): boolean =>
  rc !== undefined && rc !== 0 && argv[0] !== 'run' && argv[0] !== 'exec';

/** Commands that come back only when a unit has done something. */
export const waits = ({ argv }: RecordedCommand): boolean =>
  (argv[0] === 'run' || argv[0] === 'exec') && !argv.includes('--background');
