import type { OperationAnswer, Task, TaskLogEntry } from '../../model';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { operationDocument, operationsTable } from '../tasks/operation-output';
import { duration } from '../tasks/follow';
import { progressLine, taskDocument, taskPlain, taskState } from '../tasks/task-output';

interface ListFlags {
  readonly model?: string;
  readonly format: string;
  readonly actions?: string;
  readonly apps?: string;
  readonly units?: string;
  readonly machines?: string;
  readonly status?: string;
  readonly limit?: string;
  readonly offset?: string;
}

const list = (text: string | undefined): string[] | undefined => text?.split(',').map((each) => each.trim());

/** Operations that the filters leave. */
export function filterOperations(all: readonly OperationAnswer[], flags: ListFlags): readonly OperationAnswer[] {
  const [actions, applications, units, statuses] = [flags.actions, flags.apps, flags.units, flags.status].map(list);
  const left = all.filter(
    ({ status, tasks }) =>
      (statuses === undefined || statuses.includes(status)) &&
      (actions === undefined || tasks.some((task) => actions.includes(task.name))) &&
      (units === undefined || tasks.some((task) => units.includes(task.unit))) &&
      (applications === undefined || tasks.some((task) => applications.includes(task.unit.split('/')[0] ?? ''))),
  );
  const offset = Number(flags.offset ?? 0);
  return left.slice(offset, flags.limit === undefined ? undefined : offset + Number(flags.limit));
}

/** operations, show-operation, show-task, cancel-task. */
export function registerOperationVerbs(registry: Registry): void {
  const { terminal } = registry;
  const write = (format: string, document: unknown): void =>
    terminal.out(format === 'json' ? toJson(document) : toYaml(document));

  verb(
    registry,
    'operations',
    'Lists pending, running, or completed operations for specified application, units, machines, or all.',
  )
    .alias('list-operations')
    .option('--actions <names>', 'Comma separated list of actions names to filter on')
    .option('--apps <names>', 'Comma separated list of applications to filter on')
    .option('--applications <names>', 'As --apps')
    .option('--units <names>', 'Comma separated list of units to filter on')
    .option('--machines <ids>', 'Comma separated list of machines to filter on')
    .option('--status <names>', 'Comma separated list of operation status values to filter on')
    .option('--limit <number>', 'The maximum number of operations to return')
    .option('--offset <number>', 'Return operations from offset onwards')
    .option('--utc', 'Show times in UTC')
    .formats('plain', 'json', 'yaml')
    .seeAlso('run', 'show-operation', 'show-task')
    .action(async (flags: ListFlags & { applications?: string }) => {
      const apps = flags.apps ?? flags.applications;
      const rows = filterOperations(await sessionOf(flags).ask('operations', {}), {
        ...flags,
        ...(apps === undefined ? {} : { apps }),
      });
      if (flags.format !== 'plain')
        write(
          flags.format,
          new MapDocument(Object.fromEntries(rows.map((each) => [each.id, operationDocument(each)]))),
        );
      else if (rows.length === 0) terminal.err('no matching operations\n');
      else terminal.out(operationsTable(rows));
    });

  verb(registry, 'show-operation <id>', 'Show results of an operation.')
    .option('--utc', 'Show times in UTC')
    .option('--wait <duration>', 'Wait for results')
    .option('--watch', 'Wait indefinitely for results')
    .formats('yaml', 'json')
    .missing('no operation ID specified')
    .seeAlso('run', 'operations', 'show-task')
    .action(async (id: string, flags: { model?: string; format: string; wait?: string; watch?: boolean }) => {
      if (!/^\d+$/.test(id)) throw new CliError(`operation ID "${id}" not valid`, 2);
      const session = sessionOf(flags);
      const timeoutMs = duration(flags.wait, 'wait');
      if (timeoutMs !== undefined || flags.watch === true)
        for (const { id: task } of (await session.ask('operation', { id })).tasks)
          await session
            .call('waitTask', { id: task, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
            .catch((error: { code?: string }) => {
              if (error.code !== 'timeout') throw error;
            });
      write(flags.format, operationDocument(await session.ask('operation', { id })));
    });

  verb(registry, 'show-task <id>', 'Show results of a task by ID.')
    .option('--utc', 'Show times in UTC')
    .option('--watch', 'Wait indefinitely for results')
    .option('--wait <duration>', 'Maximum wait time for a task to complete')
    .formats('plain', 'json', 'yaml')
    .missing('no task ID specified')
    .examples('juju show-task 1', 'juju show-task 1 --wait=2m', 'juju show-task 1 --watch')
    .seeAlso('cancel-task', 'run', 'operations', 'show-operation')
    .action(async (id: string, flags: { model?: string; format: string; watch?: boolean; wait?: string }) => {
      if (!/^\d+$/.test(id)) throw new CliError(`task ID "${id}" not valid`, 2);
      const timeoutMs = duration(flags.wait, 'wait');
      if (flags.watch === true && timeoutMs !== undefined)
        throw new CliError('specify either --watch or --wait but not both', 2);
      const session = sessionOf(flags);
      let logged = false;
      const onEvent = (entry: unknown): void => {
        logged = true;
        terminal.err(`${progressLine(entry as TaskLogEntry)}\n`);
      };
      const task =
        flags.watch === true || timeoutMs !== undefined
          ? await session
              .call<Task>('waitTask', { id, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, { onEvent })
              .catch((error: { code?: string }) => {
                if (error.code !== 'timeout') throw error;
                return session.ask('task', { id });
              })
          : await session.ask('task', { id });
      if (logged) terminal.err('\n');
      if (flags.format === 'plain') terminal.out(taskPlain(task));
      else write(flags.format, taskDocument(task));
    });

  verb(registry, 'cancel-task <ids...>', 'Cancel pending or running tasks.')
    .alias('cancel-action')
    .formats('yaml', 'json')
    .missing('no task IDs specified')
    .seeAlso('show-task')
    .action(async (ids: string[], flags: { model?: string; format: string }) => {
      const session = sessionOf(flags);
      const tasks: Task[] = [];
      for (const id of ids) tasks.push(await session.call<Task>('cancelTask', { id }));
      write(flags.format, { actions: tasks.map(taskState) });
    });
}
