import type { EnqueueAnswer, Task } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, type Terminal, verb } from '../program';
import type { Session } from '../session';
import { naturally } from '../status/natural-order';
import { duration, followOperation } from '../tasks/follow';
import { execOutput, taskDocument } from '../tasks/task-output';

export interface ExecFlags {
  readonly model?: string;
  readonly unit?: string;
  readonly application?: string;
  readonly machine?: string;
  readonly all?: boolean;
  readonly wait?: string | undefined;
  readonly timeout?: string;
  readonly background?: boolean;
  readonly format: string;
}

const names = (list: string | undefined): string[] => (list ?? '').split(',').filter((name) => name !== '');

/** Several words are quoted where a shell would split them; one word is taken as it is. */
export function commandString(words: readonly string[]): string {
  const [only] = words;
  if (words.length === 1 && only !== undefined) return only;
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)).join(' ');
}

/** Checks the targets as Juju's exec does. */
function checkTargets(flags: ExecFlags): void {
  const given = [
    ['machines', flags.machine],
    ['applications', flags.application],
    ['units', flags.unit],
  ] as const;
  if (flags.all === true) {
    const clash = given.find(([, value]) => value !== undefined);
    if (clash !== undefined) throw new CliError(`You cannot specify --all and individual ${clash[0]}`, 2);
    return;
  }
  if (given.every(([, value]) => names(value).length === 0))
    throw new CliError('You must specify a target, either through --all, --machine, --application or --unit', 2);
  const wrong = [
    ...names(flags.machine).flatMap((each) =>
      /^\d+(\/[a-z]+\/\d+)*$/.test(each) ? [] : `  "${each}" is not a valid machine id`,
    ),
    ...names(flags.application).flatMap((each) =>
      /^[a-z][a-z0-9-]*$/.test(each) ? [] : `  "${each}" is not a valid application name`,
    ),
    ...names(flags.unit).flatMap((each) =>
      /^[a-z][a-z0-9-]*\/(\d+|leader)$/.test(each) ? [] : `  "${each}" is not a valid unit name`,
    ),
  ];
  if (wrong.length > 0) throw new CliError(`The following exec targets are not valid:\n${wrong.join('\n')}`, 2);
}

/** Output of a command: of one unit as it was, of several under their names. Standard error follows standard output. */
export function printExec(terminal: Terminal, tasks: readonly Task[], format: string): void {
  const sorted = [...tasks].sort((a, b) => naturally(a.unit, b.unit));
  const documents = (): Record<string, unknown> =>
    Object.fromEntries(sorted.map((task) => [task.unit, taskDocument(task)]));
  if (format === 'json') terminal.out(toJson(documents()));
  else if (format === 'yaml') terminal.out(toYaml(documents()));
  else
    for (const task of sorted)
      terminal.out(tasks.length > 1 ? `${task.unit}:\n${execOutput(task)}\n` : execOutput(task));
}

/** Runs a command in the hook context of units, or on machines outside of any, and prints what came. */
export async function execOnUnits(
  { terminal }: Registry,
  session: Session,
  flags: ExecFlags,
  words: readonly string[],
): Promise<void> {
  if (words.length === 0) throw new CliError('no commands specified', 2);
  checkTargets(flags);
  const timeoutMs = duration(flags.wait, 'wait') ?? 5 * 60_000;
  const command = commandString(words);
  const machines =
    flags.all === true ? Object.keys((await session.world()).machines).sort(naturally) : names(flags.machine);
  const scheduled = await session.call<EnqueueAnswer>('enqueue', {
    units: names(flags.unit),
    applications: names(flags.application),
    machines,
    name: 'juju-exec',
    parameters: { command, timeout: timeoutMs * 1_000_000 },
  });
  await followOperation(
    terminal,
    session,
    scheduled,
    { ...(flags.background === true ? { background: true } : {}) },
    {
      isQuiet: true,
      timeoutMs,
      print: (tasks) => printExec(terminal, tasks, flags.format),
    },
  );
}

export function registerExec(registry: Registry): void {
  verb(registry, 'exec [commands...]', 'Run the commands on the remote targets specified.')
    .option('-u, --unit <units>', 'One or more unit ids')
    .option('-a, --application <applications>', 'One or more application names')
    .option('--machine <machines>', 'One or more machine ids')
    .option('--all', 'Run the commands on all the machines')
    .option('--wait <duration>', 'Maximum wait time for a task to complete')
    .option('--background', 'Run the task in the background')
    .option('--parallel', 'Run the commands in parallel without first acquiring a lock')
    .option('--execution-group <name>', 'Commands in the same execution group are run sequentially')
    .option('--utc', 'Show times in UTC')
    .option('--color', 'Use ANSI color codes in output')
    .option('--no-color', 'Disable ANSI color codes in output')
    .formats('plain', 'json', 'yaml')
    .details(
      `Runs a shell command where a charm would run it: in the hook context of units, with the hook tools.
Several targets are separated by commas. Put -- before the command when it has options of its own.
On machines (--machine, --all) there is no hook context.`,
    )
    .examples(
      'juju exec --unit hello/0 -- relation-ids db',
      'juju exec --application mysql hostname',
      'juju exec --all -- uptime',
    )
    .seeAlso('run', 'ssh')
    .action(async (words: string[], flags: ExecFlags) => {
      await execOnUnits(registry, sessionOf(flags), flags, words);
    });
}
