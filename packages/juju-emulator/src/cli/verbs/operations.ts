import type { World } from '../../model';
import { operationStatus, taskOf } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { operationDocument, operationsTable } from '../tasks/operation-output';
import { taskDocument, taskPlain } from '../tasks/task-output';
import { legacyDocument } from './run';

const tasksOf = (world: World, ids: readonly string[]) => ids.map((id) => taskOf(world, id));

/** operations, show-operation, show-task, cancel-task, and 2.9's show-action-output and show-action-status. */
export function registerOperationVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'operations', 'lists operations')
    .formats('plain', 'json', 'yaml')
    .option('--utc', 'times in UTC')
    .action(async (flags: { model?: string; format: string }) => {
      const world = await sessionOf(flags).world();
      const rows = Object.values(world.operations)
        .filter((operation) => tasksOf(world, operation.tasks).every((task) => task.name !== 'juju-exec'))
        .sort((a, b) => Number(a.id) - Number(b.id))
        .map((operation) => ({
          operation,
          tasks: tasksOf(world, operation.tasks),
          status: operationStatus(world, operation),
        }));
      const document = (): Record<string, unknown> =>
        Object.fromEntries(
          rows.map(({ operation, tasks, status }) => [operation.id, operationDocument(operation, tasks, status)]),
        );
      if (flags.format === 'json') terminal.out(toJson(document()));
      else if (flags.format === 'yaml') terminal.out(toYaml(document()));
      else terminal.out(rows.length === 0 ? 'no matching operations\n' : operationsTable(rows));
    });

  verb(registry, 'show-operation <id>', 'shows an operation')
    .formats('yaml', 'json')
    .option('--utc', 'times in UTC')
    .option('--wait <duration>', 'accepted')
    .action(async (id: string, flags: { model?: string; format: string }) => {
      const world = await sessionOf(flags).world();
      const operation = world.operations[id];
      if (operation === undefined) throw new CliError(`operation "${id}" not found`);
      const document = operationDocument(operation, tasksOf(world, operation.tasks), operationStatus(world, operation));
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });

  verb(registry, 'show-task <id>', 'shows the results of a task')
    .formats('plain', 'json', 'yaml')
    .option('--utc', 'times in UTC')
    .option('--watch', 'accepted')
    .option('--wait <duration>', 'accepted')
    .action(async (id: string, flags: { model?: string; format: string }) => {
      const task = taskOf(await sessionOf(flags).world(), id);
      if (flags.format === 'json') terminal.out(toJson(taskDocument(task)));
      else if (flags.format === 'yaml') terminal.out(toYaml(taskDocument(task)));
      else terminal.out(taskPlain(task));
    });

  verb(registry, 'cancel-task <ids...>', 'cancels tasks')
    .alias('cancel-action')
    .action(async (ids: string[], flags: { model?: string }) => {
      const session = sessionOf(flags);
      for (const id of ids) await session.call('cancelTask', { id });
      const world = await session.world();
      terminal.out(
        toYaml({
          actions: ids.map((id) => {
            const task = taskOf(world, id);
            return {
              action: task.name,
              ...(task.completed === null ? {} : { 'completed at': task.completed.slice(0, 19).replace('T', ' ') }),
              id,
              status: task.status,
              unit: task.unit,
            };
          }),
        }),
      );
    });

  verb(registry, 'show-action-output <id>', '2.9: shows the results of an action')
    .formats('yaml', 'json')
    .option('--wait <duration>', 'wait for the end')
    .action(async (id: string, flags: { model?: string; format: string; wait?: string }) => {
      const session = sessionOf(flags);
      if (flags.wait !== undefined) await session.call('waitTask', { id });
      const document = legacyDocument(taskOf(await session.world(), id));
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });

  verb(registry, 'show-action-status [id]', '2.9: shows the status of actions')
    .formats('yaml', 'json')
    .action(async (id: string | undefined, flags: { model?: string; format: string }) => {
      const world = await sessionOf(flags).world();
      const tasks = id === undefined ? Object.values(world.tasks) : [taskOf(world, id)];
      const document = {
        actions: tasks.map((task) => ({
          action: task.name,
          ...(task.completed === null ? {} : { 'completed at': task.completed.slice(0, 19).replace('T', ' ') }),
          id: task.id,
          status: task.status,
          unit: task.unit,
        })),
      };
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });
}
