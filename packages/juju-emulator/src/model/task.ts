export type TaskStatus =
  'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'aborting' | 'aborted' | 'error';

/** One line of action-log. */
export interface TaskLogEntry {
  readonly timestamp: string;
  readonly message: string;
}

/** One action on one unit. Ids are shared with operations and count from 0. */
export interface Task {
  readonly id: string;
  readonly operation: string;
  readonly unit: string;
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  status: TaskStatus;
  message: string;
  enqueued: string;
  started: string | null;
  completed: string | null;
  log: TaskLogEntry[];
  results: Record<string, unknown>;
}

/** What one `juju run` made: tasks on one or more units. */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly enqueued: string;
  readonly tasks: readonly string[];
}

const ended: readonly TaskStatus[] = ['completed', 'failed', 'cancelled', 'aborted', 'error'];

/** True when the task will not change any more. */
export const taskEnded = (task: Task): boolean => ended.includes(task.status);
