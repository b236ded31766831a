import type { Operation, Task } from '../../model';
import { formatActionTime } from '../status/time';
import { layoutTable } from '../status/table';
import { logLines, sortKeys } from './task-output';

/** Timing of an operation: its own start is that of its first task, its end that of its last. */
function operationTiming(operation: Operation, tasks: readonly Task[], ended: boolean): Record<string, string> {
  const started = tasks
    .map((task) => task.started)
    .filter((time) => time !== null)
    .sort()[0];
  const completed = tasks
    .map((task) => task.completed)
    .filter((time) => time !== null)
    .sort()
    .at(-1);
  return {
    enqueued: formatActionTime(operation.enqueued),
    ...(started === undefined ? {} : { started: formatActionTime(started) }),
    ...(completed === undefined || !ended ? {} : { completed: formatActionTime(completed) }),
  };
}

/** `juju show-operation`: a document in the order of Juju's struct. */
export function operationDocument(
  operation: Operation,
  tasks: readonly Task[],
  status: string,
): Record<string, unknown> {
  const [first] = tasks;
  return {
    summary: operation.summary,
    status,
    ...(first === undefined ? {} : { action: { name: first.name, parameters: sortKeys(first.parameters) } }),
    timing: operationTiming(operation, tasks, !['running', 'pending', 'aborting'].includes(status)),
    tasks: Object.fromEntries(
      tasks.map((task) => [
        task.id,
        {
          host: task.unit,
          status: task.status,
          timing: {
            enqueued: formatActionTime(task.enqueued),
            ...(task.started === null ? {} : { started: formatActionTime(task.started) }),
            ...(task.completed === null ? {} : { completed: formatActionTime(task.completed) }),
          },
          ...(task.log.length === 0 ? {} : { log: logLines(task) }),
          ...(task.message === '' ? {} : { message: task.message }),
          ...(Object.keys(task.results).length === 0 ? {} : { results: sortKeys(task.results) }),
        },
      ]),
    ),
  };
}

const short = (time: string | null | undefined): string =>
  time === null || time === undefined ? '' : time.slice(0, 19);

/** `juju operations`: one line an operation. */
export function operationsTable(
  rows: readonly { operation: Operation; tasks: readonly Task[]; status: string }[],
): string {
  return layoutTable(
    [
      ['ID', 'Status', 'Started', 'Finished', 'Task IDs', 'Summary'],
      ...rows.map(({ operation, tasks, status }) => [
        operation.id,
        status,
        short(
          tasks
            .map((task) => task.started)
            .filter((time) => time !== null)
            .sort()[0],
        ),
        ['running', 'pending', 'aborting'].includes(status)
          ? ''
          : short(
              tasks
                .map((task) => task.completed)
                .filter((time) => time !== null)
                .sort()
                .at(-1),
            ),
        operation.tasks.join(','),
        operation.summary,
      ]),
    ],
    [0],
  );
}
