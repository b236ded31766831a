import type { EnqueueAnswer, Task } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, type Terminal, verb } from '../program';
import type { Session } from '../session';
import { duration } from '../tasks/follow';
import { parseActionCall, readParameters } from '../tasks/parameters';
import { taskDocument, taskState } from '../tasks/task-output';

/** The form of 2.9's run-action: the unit by another name. */
export function legacyDocument(task: Task): Record<string, unknown> {
  const { unit, ...rest } = taskDocument(task);
  return { UnitId: unit, ...rest };
}

interface LegacyFlags {
  readonly model?: string;
  readonly wait?: string | true;
  readonly params?: string;
  readonly stringArgs?: boolean;
  readonly format: string;
}

const write = (terminal: Terminal, format: string, document: unknown): void =>
  terminal.out(format === 'json' ? toJson(document) : toYaml(document));

async function runAction(terminal: Terminal, words: readonly string[], flags: LegacyFlags): Promise<void> {
  const call = parseActionCall(words);
  const session = sessionOf(flags);
  const { tasks, errors } = await session.call<EnqueueAnswer>('enqueue', {
    units: call.units,
    name: call.action,
    parameters: readParameters(call, flags),
  });
  if (errors.length > 0) throw new CliError(errors.join('\n'));
  if (flags.wait === undefined) {
    for (const { id } of tasks) terminal.out(`Action queued with id: "${id}"\n`);
    return;
  }
  const timeoutMs = flags.wait === true ? undefined : duration(flags.wait, 'wait');
  const ended: Task[] = [];
  for (const { id } of tasks) ended.push(await waitedFor(session, id, timeoutMs));
  write(
    terminal,
    flags.format,
    Object.fromEntries(ended.map((task) => [`unit-${task.unit.replace('/', '-')}`, legacyDocument(task)])),
  );
}

/** The task at its end, or as it is when the time is over. */
async function waitedFor(session: Session, id: string, timeoutMs: number | undefined): Promise<Task> {
  try {
    return await session.call<Task>('waitTask', { id, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  } catch (error) {
    if ((error as { code?: string }).code !== 'timeout') throw error;
    return session.ask('task', { id });
  }
}

async function showOutput(
  terminal: Terminal,
  id: string,
  flags: { model?: string; wait?: string; format: string },
): Promise<void> {
  const session = sessionOf(flags);
  const ms = duration(flags.wait, 'wait');
  const task =
    ms === undefined ? await session.ask('task', { id }) : await waitedFor(session, id, ms === 0 ? undefined : ms);
  write(terminal, flags.format, legacyDocument(task));
}

async function showStatus(
  terminal: Terminal,
  id: string | undefined,
  flags: { model?: string; format: string },
): Promise<void> {
  const session = sessionOf(flags);
  const tasks =
    id === undefined
      ? (await session.ask('operations', {})).flatMap((operation) => operation.tasks)
      : [await session.ask('task', { id })];
  write(terminal, flags.format, { actions: tasks.map(taskState) });
}

/** Actions as 2.9 and earlier spell them: run-action, show-action-output, show-action-status, action do|fetch|status|defined. */
export function registerLegacyActions(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'run-action [words...]', "2.9's `juju run`: queue an action for execution.")
    .option('--wait [duration]', 'Wait for results, with optional timeout (--wait=10s)')
    .option('--params <file>', 'Path to yaml-formatted params file')
    .option('--string-args', 'Use raw string values of CLI args')
    .option('--utc', 'Show times in UTC')
    .formats('yaml', 'json')
    .seeAlso('run', 'show-action-output')
    .action((words: string[], flags: LegacyFlags) => runAction(terminal, words, flags));

  verb(registry, 'show-action-output <id>', "2.9's `juju show-task`: show the results of an action by ID.")
    .option('--wait <duration>', 'Wait for results (0 = without end)')
    .option('--utc', 'Show times in UTC')
    .formats('yaml', 'json')
    .missing('no action ID specified')
    .action((id: string, flags: { model?: string; wait?: string; format: string }) => showOutput(terminal, id, flags));

  verb(registry, 'show-action-status [id]', '2.9: show the status of all actions, or of one.')
    .option('--name <action>', 'accepted and not heeded')
    .formats('yaml', 'json')
    .action((id: string | undefined, flags: { model?: string; format: string }) => showStatus(terminal, id, flags));

  verb(registry, 'action <subcommand> [words...]', '1.x and 2.0: action do, fetch, status, defined.')
    .option('--wait <duration>', 'Wait for results')
    .option('--params <file>', 'Path to yaml-formatted params file')
    .option('--string-args', 'Use raw string values of CLI args')
    .option('--schema', 'Display the full action schema')
    .formats('yaml', 'json')
    .missing('no action subcommand specified: do, fetch, status or defined')
    .examples('juju action do mysql/0 backup', 'juju action fetch 2')
    .seeAlso('run', 'show-task', 'actions')
    .action(async (subcommand: string, words: string[], flags: LegacyFlags & { wait?: string }) => {
      const [id] = words;
      switch (subcommand) {
        case 'do':
          await runAction(terminal, words, { ...flags, ...(flags.wait === undefined ? {} : { wait: flags.wait }) });
          return;
        case 'fetch': {
          if (id === undefined) throw new CliError('no action ID specified', 2);
          await showOutput(terminal, id, flags);
          return;
        }
        case 'status':
          await showStatus(terminal, id, flags);
          return;
        case 'defined': {
          if (id === undefined) throw new CliError('no application name specified', 2);
          const specs = await sessionOf(flags).ask('actionSpecs', { application: id });
          write(
            terminal,
            flags.format,
            Object.fromEntries(Object.entries(specs).map(([name, { Description }]) => [name, Description])),
          );
          return;
        }
        default:
          throw new CliError(`unrecognized command: juju action ${subcommand}`, 2);
      }
    });
}
