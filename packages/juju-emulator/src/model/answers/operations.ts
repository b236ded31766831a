import { operationStatus, taskOf } from '../actions';
import type { Operation, Task } from '../task';
import type { World } from '../world';

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

/** Timing of an operation: its own start is that of its first task, its end that of its last. */
export function operationAnswer(world: World, operation: Operation): OperationAnswer {
  const tasks = operation.tasks.map((id) => taskOf(world, id));
  const status = tasks.length === 0 ? 'error' : operationStatus(world, operation);
  const times = (key: 'started' | 'completed'): string[] =>
    tasks
      .map((task) => task[key])
      .filter((time) => time !== null)
      .sort();
  return {
    id: operation.id,
    summary: operation.summary,
    status,
    enqueued: operation.enqueued,
    started: times('started')[0] ?? null,
    completed: unfinished.includes(status) ? null : (times('completed').at(-1) ?? null),
    tasks,
  };
}
