import {
  type EnqueueAnswer,
  type ScheduleRequest,
  type Task,
  type World,
  scheduleTasks,
  taskAnswer,
  taskOf,
} from '../model';
import { ControllerError } from './api-client';
import type { Call, Method } from './api-server';
import type { Emulator } from './emulator';
import { runMachineTasks } from './machine-task';

/** Parameters of the methods about actions and commands. */
export interface TaskMethodParams {
  readonly enqueue: ScheduleRequest;
  /** Rejects with the code `timeout` after that many milliseconds. */
  readonly waitTask: { readonly id: string; readonly timeoutMs?: number };
  readonly cancelTask: { readonly id: string };
}

/** Scheduling of tasks, waiting for them, cancelling them. */
export function taskMethods(emulator: Emulator): Record<keyof TaskMethodParams, Method> {
  const { controller } = emulator;
  const enqueue = (request: ScheduleRequest): EnqueueAnswer => {
    const scheduled = controller.store.change((draft: World) => scheduleTasks(draft, request, controller.now()));
    runMachineTasks(controller, scheduled, String(request.parameters['command']));
    return scheduled;
  };
  const waitTask = async ({ id, timeoutMs }: TaskMethodParams['waitTask'], call: Call): Promise<Task> => {
    const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    try {
      const ended = await emulator.taskEnd(
        id,
        (entry) => call.send({ kind: 'event', event: entry }),
        late === undefined ? call.closed : AbortSignal.any([call.closed, late]),
      );
      return taskAnswer(controller.world, ended);
    } catch (error) {
      if (late?.aborted === true) throw new ControllerError('timeout', 'wait for task', `task ${id} has not ended`);
      throw error;
    }
  };
  const cancelTask = async ({ id }: TaskMethodParams['cancelTask']): Promise<Task> => {
    await emulator.cancel(id);
    return taskAnswer(controller.world, taskOf(controller.world, id));
  };
  return { enqueue, waitTask, cancelTask };
}
