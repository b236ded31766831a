import { operationStatus, taskOf } from '../actions';
import type { Operation, Task } from '../task';
import { isBefore4, type World } from '../world';

/** An operation with its tasks. */
export interface OperationAnswer {
  readonly id: string;
  readonly summary: string;
  readonly status: string;
  readonly enqueued: string;
  readonly started: string | null;
  readonly completed: string | null;
  readonly tasks: readonly Task[];
}

/** What came of scheduling: for each target its task, or why there is none. */
export interface EnqueueAnswer {
  readonly operation: string;
  readonly tasks: readonly { readonly id: string; readonly unit: string }[];
  readonly errors: readonly string[];
}

const unfinished = ['running', 'pending', 'aborting'];

/** A task as the controller tells of it: from 4.0 on it keeps to itself when the task ended; what was refused never started. */
export const taskAnswer = (world: World, task: Task): Task =>
  isBefore4(world) ? task : { ...task, started: task.status === 'error' ? null : task.started, completed: null };

/**
 * Timing of an operation: its own start is that of its first task, its end that of its last. Controllers from 4.0 on do not tell
 * its start, nor the results of its tasks.
 */
export function operationAnswer(world: World, operation: Operation): OperationAnswer {
  const tasks = operation.tasks.map((id) => taskOf(world, id));
  const status = tasks.length === 0 ? 'error' : operationStatus(world, operation);
  const times = (key: 'started' | 'completed'): string[] =>
    tasks
      .map((task) => task[key])
      .filter((time) => time !== null)
      .sort();
  const told = tasks.map((task) => taskAnswer(world, task));
  return {
    id: operation.id,
    summary: operation.summary,
    status,
    enqueued: operation.enqueued,
    started: isBefore4(world) ? (times('started')[0] ?? null) : null,
    completed: unfinished.includes(status) ? null : (times('completed').at(-1) ?? null),
    tasks: isBefore4(world) ? told : told.map((task) => ({ ...task, results: {} })),
  };
}
