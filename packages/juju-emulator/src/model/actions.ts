import { ModelError } from './model-error';
import type { Operation, Task, TaskStatus } from './task';
import { taskEnded } from './task';
import type { World } from './world';
import { unitOf } from './world';

/** `app/leader` stands for the unit that leads. */
export function resolveUnit(world: World, name: string): string {
  const [application = '', number] = name.split('/');
  if (number !== 'leader') return unitOf(world, name).name;
  const leader = world.applications[application]?.leader;
  if (leader === undefined || leader === null)
    throw new ModelError('not-found', 'find leader', `could not determine leader for "${application}"`);
  return leader;
}

/** The task, or Juju's words for its absence. */
export function taskOf(world: World, id: string): Task {
  const task = world.tasks[id];
  if (task === undefined) throw new ModelError('not-found', 'find task', 'id not found');
  return task;
}

/** The agent has taken the task up. */
export function startTask(world: World, id: string, now: string): void {
  const task = taskOf(world, id);
  if (taskEnded(task)) return;
  task.status = 'running';
  task.started = now;
}

/** The task has ended; what ended earlier stays as it is. */
export function finishTask(
  world: World,
  id: string,
  outcome: {
    readonly status: TaskStatus;
    readonly message: string;
    readonly results: Readonly<Record<string, unknown>>;
  },
  now: string,
): void {
  const task = taskOf(world, id);
  if (taskEnded(task)) return;
  task.status = outcome.status;
  task.message = outcome.message;
  task.results = { ...outcome.results };
  task.completed = now;
}

/** Pending tasks are cancelled at once; a running one is asked to abort. */
export function cancelTask(world: World, id: string, now: string): void {
  const task = taskOf(world, id);
  if (taskEnded(task)) return;
  if (task.status === 'pending')
    finishTask(world, id, { status: 'cancelled', message: 'action cancelled via the API', results: {} }, now);
  else task.status = 'aborting';
}

/** Tasks that the unit's agent has not finished, in order of arrival. */
export function pendingTasks(world: World, unit: string): Task[] {
  return Object.values(world.tasks)
    .filter((task) => task.unit === unit && !taskEnded(task))
    .sort((a, b) => Number(a.id) - Number(b.id));
}

/** Status of an operation: the worst that its tasks say, as Juju rolls it up. */
export function operationStatus(world: World, operation: Operation): TaskStatus {
  if (operation.tasks.length === 0) return 'error';
  const statuses = operation.tasks.map((id) => world.tasks[id]?.status ?? 'error');
  for (const status of ['running', 'aborting', 'pending', 'error', 'failed', 'cancelled', 'aborted'] as const)
    if (statuses.includes(status)) return status;
  return 'completed';
}
