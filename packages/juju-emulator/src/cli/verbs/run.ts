import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Operation, Task, TaskLogEntry } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { keyValue, milliseconds, type Registry, sessionOf, verb } from '../program';
import type { Session } from '../session';
import { failedTasksMessage, progressLine, taskDocument, taskPlain, taskSummary } from '../tasks/task-output';
import { withTimeout } from '../tasks/with-timeout';
import { execOnUnits } from './exec';

/** `a.b=1` into nested maps; values as yaml unless `strings`. */
export function parseParameters(pairs: readonly string[], strings: boolean): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const text of pairs) {
    const pair = keyValue(text);
    if (pair === undefined) throw new CliError(`argument "${text}" must be of the form key.key.key...=value`, 2);
    const keys = pair[0].split('.');
    let node = parameters;
    for (const key of keys.slice(0, -1)) node = (node[key] ??= {}) as Record<string, unknown>;
    node[keys.at(-1) ?? ''] = strings ? pair[1] : (parse(pair[1]) as unknown);
  }
  return parameters;
}

const unitName = /^[a-z][a-z0-9-]*\/(\d+|leader)$/;

/** Tells what was enqueued, waits for the tasks and gives them back. */
async function follow(
  session: Session,
  registry: Registry,
  operation: Operation,
  units: readonly string[],
  timeoutMs: number | undefined,
): Promise<Task[]> {
  const { terminal } = registry;
  const count = operation.tasks.length;
  terminal.err(`Running operation ${operation.id} with ${count} task${count === 1 ? '' : 's'}\n`);
  operation.tasks.forEach((id, index) =>
    terminal.err(`  - task ${id} on unit-${(units[index] ?? '').replace('/', '-')}\n`),
  );
  terminal.err('\n');
  const single = count === 1;
  const tasks: Task[] = [];
  let logged = false;
  for (const [index, id] of operation.tasks.entries()) {
    terminal.err(`Waiting for task ${id}...\n`);
    const waiting = session.call<Task>(
      'waitTask',
      { id },
      {
        onEvent: (entry) => {
          if (!single) return;
          logged = true;
          terminal.err(`${progressLine(entry as TaskLogEntry)}\n`);
        },
      },
    );
    tasks.push(await withTimeout(waiting, timeoutMs, `unit ${units[index] ?? ''}`));
  }
  if (logged) terminal.err('\n');
  return tasks;
}

export function registerRun(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'run [targets...]', 'runs an action on units (2.9: with --unit, a command)')
    .option('--params <file>', 'yaml file with parameters')
    .option('--wait <duration>', 'how long to wait')
    .option('--background', 'do not wait')
    .option('--string-args', 'take all values as text')
    .formats('plain', 'json', 'yaml')
    .option('--utc', 'times in UTC')
    .option('--color', 'accepted')
    .option('--no-color', 'accepted')
    .option('-u, --unit <units>', '2.9: units to run a command on')
    .option('-a, --application <applications>', '2.9: applications to run a command on')
    .action(
      async (
        targets: string[],
        flags: {
          model?: string;
          params?: string;
          wait?: string;
          background?: boolean;
          stringArgs?: boolean;
          format: string;
          unit?: string;
          application?: string;
        },
      ) => {
        const session = sessionOf(flags);
        if (flags.unit !== undefined || flags.application !== undefined) {
          await execOnUnits(
            registry,
            session,
            { unit: flags.unit, application: flags.application },
            targets.join(' '),
            flags.format,
          );
          return;
        }
        const split = targets.findIndex((target) => !unitName.test(target));
        const units = split < 0 ? targets : targets.slice(0, split);
        const action = split < 0 ? undefined : targets[split];
        if (units.length === 0) throw new CliError('no unit specified', 2);
        if (action === undefined) throw new CliError('no action specified', 2);
        const fromFile =
          flags.params === undefined ? {} : (parse(readFileSync(flags.params, 'utf8')) as Record<string, unknown>);
        const parameters = { ...fromFile, ...parseParameters(targets.slice(split + 1), flags.stringArgs === true) };
        let operation: Operation;
        try {
          operation = await session.call<Operation>('enqueue', { units, name: action, parameters });
        } catch (error) {
          if ((error as { operation?: string }).operation !== 'run action') throw error;
          terminal.err(`\nOperation failed to schedule any tasks:\n${(error as Error).message}\n`);
          return;
        }
        const { tasks: known } = await session.world();
        const resolved = operation.tasks.map((id) => known[id]?.unit ?? '');
        if (flags.background === true) {
          scheduled(registry, operation, resolved);
          return;
        }
        const timeout = flags.wait === undefined ? undefined : milliseconds(flags.wait);
        const tasks = await follow(session, registry, operation, resolved, timeout);
        printTasks(registry, tasks, flags.format);
        const complaint = failedTasksMessage(tasks);
        if (complaint !== '') {
          terminal.err(complaint);
          throw new CliError('', 1);
        }
      },
    );

  verb(registry, 'run-action <targets...>', '2.9: runs an action')
    .option('--wait [duration]', 'wait for the result')
    .option('--params <file>', 'yaml file with parameters')
    .option('--string-args', 'take all values as text')
    .formats('yaml', 'json')
    .action(
      async (
        targets: string[],
        flags: { model?: string; wait?: string | boolean; params?: string; stringArgs?: boolean; format: string },
      ) => {
        const session = sessionOf(flags);
        // `--wait` may have taken the first unit as its duration, as there is no `=` to part them.
        const all =
          typeof flags.wait === 'string' && milliseconds(flags.wait) === undefined ? [flags.wait, ...targets] : targets;
        const split = all.findIndex((target) => !unitName.test(target));
        const units = split < 0 ? all : all.slice(0, split);
        const action = split < 0 ? undefined : all[split];
        if (units.length === 0 || action === undefined)
          throw new CliError(units.length === 0 ? 'no unit specified' : 'no action specified', 2);
        const fromFile =
          flags.params === undefined ? {} : (parse(readFileSync(flags.params, 'utf8')) as Record<string, unknown>);
        const parameters = { ...fromFile, ...parseParameters(all.slice(split + 1), flags.stringArgs === true) };
        const operation = await session.call<Operation>('enqueue', { units, name: action, parameters });
        if (flags.wait === undefined) {
          for (const id of operation.tasks) terminal.out(`Action queued with id: "${id}"\n`);
          return;
        }
        const tasks: Task[] = [];
        for (const id of operation.tasks) tasks.push(await session.call<Task>('waitTask', { id }));
        const document = Object.fromEntries(
          tasks.map((task) => [`unit-${task.unit.replace('/', '-')}`, legacyDocument(task)]),
        );
        terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
      },
    );
}

/** The form of 2.9's run-action and show-action-output: the unit by another name. */
export function legacyDocument(task: Task): Record<string, unknown> {
  const { unit, ...rest } = taskDocument(task);
  return { UnitId: unit, ...rest };
}

function scheduled(registry: Registry, operation: Operation, units: readonly string[]): void {
  const { terminal } = registry;
  const [only] = operation.tasks;
  const many = operation.tasks.length > 1;
  terminal.err(
    `Scheduled operation ${operation.id} with ${many ? `${operation.tasks.length} tasks` : `task ${only ?? ''}`}\n`,
  );
  terminal.err(`Check operation status with 'juju show-operation ${operation.id}'\n`);
  terminal.err(`Check task status with 'juju show-task ${many ? '<id>' : (only ?? '')}'\n`);
  if (many) terminal.out(toYaml(Object.fromEntries(operation.tasks.map((id, index) => [units[index] ?? '', { id }]))));
}

/** Results in the format asked for. */
export function printTasks({ terminal }: Registry, tasks: readonly Task[], format: string): void {
  const [only] = tasks;
  if (format === 'json') terminal.out(toJson(Object.fromEntries(tasks.map((task) => [task.unit, taskDocument(task)]))));
  else if (format === 'yaml')
    terminal.out(toYaml(Object.fromEntries(tasks.map((task) => [task.unit, taskDocument(task)]))));
  else if (tasks.length === 1 && only !== undefined) terminal.out(taskPlain(only));
  else terminal.out(toYaml(Object.fromEntries(tasks.map((task) => [task.unit, taskSummary(task)]))));
}
