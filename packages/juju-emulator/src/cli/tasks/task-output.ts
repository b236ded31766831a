import type { Task } from '../../model';
import { isMachine, taskEnded } from '../../model';
import { toYaml } from '../document';
import { formatActionTime } from '../status/time';

/** A task's results, apart from what the process printed. */
function resultsOnly(task: Task): Record<string, unknown> {
  return sortKeys(
    Object.fromEntries(
      Object.entries(task.results).filter(([key]) => !['return-code', 'stdout', 'stderr'].includes(key)),
    ),
  );
}

/** Maps print with sorted keys, nested ones too. */
export function sortKeys(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [
        key,
        typeof item === 'object' && item !== null && !Array.isArray(item)
          ? sortKeys(item as Record<string, unknown>)
          : item,
      ]),
  );
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Plain output of one task: the bare results, then what it printed. */
export function taskPlain(task: Task): string {
  if (!taskEnded(task) || task.status === 'cancelled') return `Task ${task.id} ${task.status}\n`;
  const head =
    task.status === 'failed' || task.status === 'error' ? `Action id ${task.id} failed: ${task.message}\n` : '';
  // A task that was never run has no results, not even empty ones.
  if (Object.keys(task.results).length === 0 && head !== '') return head;
  const results = resultsOnly(task);
  const yaml = Object.keys(results).length === 0 ? '' : toYaml(results);
  return `${head}${yaml}\n${text(task.results.stdout)}${text(task.results.stderr)}`;
}

/** Output of a task of several: a block of its results. */
export function taskSummary(task: Task): Record<string, unknown> {
  const results = resultsOnly(task);
  return {
    id: task.id,
    ...(task.message === '' ? {} : { message: task.message }),
    output: Object.keys(results).length === 0 ? '' : toYaml(results),
    status: task.status,
  };
}

const ended = (output: string): string => (output === '' || output.endsWith('\n') ? output : `${output}\n`);

/** What `juju exec` prints of one unit: what the command printed, each stream ended by a newline. */
export const execOutput = (task: Task): string =>
  `${ended(text(task.results.stdout))}${ended(text(task.results.stderr))}`;

/** What `cancel-task` and 2.9's `show-action-status` say of a task. */
export const taskState = (task: Task): Record<string, unknown> => ({
  action: task.name,
  ...(task.completed === null ? {} : { 'completed at': task.completed.slice(0, 19).replace('T', ' ') }),
  id: task.id,
  status: task.status,
  unit: task.unit,
});

/** The document of json and yaml: keys sorted, as it is a Go map. */
export function taskDocument(task: Task): Record<string, unknown> {
  return {
    id: task.id,
    ...(task.log.length === 0 ? {} : { log: logLines(task) }),
    ...(task.message === '' ? {} : { message: task.message }),
    ...(Object.keys(task.results).length === 0 ? {} : { results: sortKeys(task.results) }),
    status: task.status,
    timing: {
      ...(task.completed === null ? {} : { completed: formatActionTime(task.completed) }),
      enqueued: formatActionTime(task.enqueued),
      ...(task.started === null ? {} : { started: formatActionTime(task.started) }),
    },
    [isMachine(task.unit) ? 'machine' : 'unit']: task.unit,
  };
}

/** Lines of action-log with their full times. */
export const logLines = (task: Task): string[] =>
  task.log.map((entry) => `${formatActionTime(entry.timestamp)} ${entry.message}`);

/** `10:00:01 step one`: action-log as it streams to the operator. */
export const progressLine = (entry: { timestamp: string; message: string }): string =>
  `${entry.timestamp.slice(11, 19)} ${entry.message}`;

/** The closing complaint when a process ended with a code other than 0; empty when none did. */
export function failedTasksMessage(tasks: readonly Task[]): string {
  const failed = tasks.filter(
    (task) => typeof task.results['return-code'] === 'number' && task.results['return-code'] !== 0,
  );
  if (failed.length === 0) return '';
  const lines = failed
    .map((task) => ` - id "${task.id}" with return code ${Number(task.results['return-code'])}\n`)
    .join('');
  return `ERROR the following ${failed.length === 1 ? 'task' : 'tasks'} failed:\n${lines}\nuse 'juju show-task' to inspect the ${failed.length === 1 ? 'failure' : 'failures'}\n\n`;
}
