import type { OperationAnswer, Task } from '../../model';
import { MapDocument } from '../document';
import { formatActionTime } from '../status/time';
import { layoutTable } from '../status/table';
import { logLines, sortKeys } from './task-output';

/** Tasks of one operation share their action. Juju does not see that of several tasks without parameters. */
const isSingleAction = ({ tasks }: OperationAnswer): boolean =>
  tasks.length === 1 || (tasks.length > 1 && Object.keys(tasks[0]?.parameters ?? {}).length > 0);

/** `juju show-operation`: a document in the order of Juju's struct. */
export function operationDocument(operation: OperationAnswer): Record<string, unknown> {
  const [first] = operation.tasks;
  const { enqueued, started, completed } = operation;
  const single = isSingleAction(operation) && first !== undefined;
  return {
    summary: operation.summary,
    status: operation.status,
    ...(single ? { action: { name: first.name, parameters: sortKeys(first.parameters) } } : {}),
    timing: timing(enqueued, started, completed),
    ...(first === undefined
      ? {}
      : {
          tasks: new MapDocument(Object.fromEntries(operation.tasks.map((task) => [task.id, taskEntry(task, single)]))),
        }),
  };
}

const timing = (enqueued: string, started: string | null, completed: string | null): Record<string, string> => ({
  enqueued: formatActionTime(enqueued),
  ...(started === null ? {} : { started: formatActionTime(started) }),
  ...(completed === null ? {} : { completed: formatActionTime(completed) }),
});

const taskEntry = (task: Task, single: boolean): Record<string, unknown> => ({
  ...(single ? {} : { name: task.name }),
  host: task.unit,
  status: task.status,
  timing: timing(task.enqueued, task.started, task.completed),
  ...(task.log.length === 0 ? {} : { log: logLines(task) }),
  ...(task.message === '' ? {} : { message: task.message }),
  ...(Object.keys(task.results).length === 0 ? {} : { results: sortKeys(task.results) }),
});

/** At most so many task ids stand in a line. */
const maxTaskIds = 5;

const short = (time: string | null): string => (time === null ? '' : time.slice(0, 19));

/** `juju operations`: one line an operation. */
export const operationsTable = (operations: readonly OperationAnswer[]): string =>
  layoutTable(
    [
      ['ID', 'Status', 'Started', 'Finished', 'Task IDs', 'Summary'],
      ...operations.map(({ id, status, started, completed, tasks, summary }) => [
        id,
        status,
        short(started),
        short(completed),
        `${tasks
          .slice(0, maxTaskIds)
          .map((task) => task.id)
          .join(',')}${tasks.length > maxTaskIds ? '...' : ''}`,
        summary,
      ]),
    ],
    [0],
  );
