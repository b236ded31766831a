import { ControllerError } from '../../controller/api-client';
import { type EnqueueAnswer, isMachine, type Task, type TaskLogEntry } from '../../model';
import { CliError } from '../cli-error';
import { toYaml } from '../document';
import { milliseconds, type Terminal } from '../program';
import type { Session } from '../session';
import { failedTasksMessage, progressLine } from './task-output';

export interface FollowFlags {
  readonly wait?: string | undefined;
  readonly background?: boolean;
}

/** A duration given to `option`, in milliseconds; undefined when it was not given. */
export function duration(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = milliseconds(text);
  if (ms === undefined)
    throw new CliError(`invalid value "${text}" for option --${option}: time: invalid duration "${text}"`, 2);
  return ms;
}

/** Says what was scheduled and where to look for it. */
function tellScheduled(terminal: Terminal, { operation, tasks }: EnqueueAnswer): void {
  const [only] = tasks;
  const many = tasks.length > 1;
  terminal.err(`Scheduled operation ${operation} with ${many ? `${tasks.length} tasks` : `task ${only?.id ?? ''}`}\n`);
  terminal.err(`Check operation status with 'juju show-operation ${operation}'\n`);
  terminal.err(`Check task status with 'juju show-task ${many ? '<id>' : (only?.id ?? '')}'\n`);
  if (many) terminal.out(toYaml(Object.fromEntries(tasks.map(({ id, unit }) => [unit, { id }]))));
}

/** Waits for the tasks; a single one's log is told as it comes. */
async function waitForTasks(
  terminal: Terminal,
  session: Session,
  tasks: EnqueueAnswer['tasks'],
  timeoutMs: number | undefined,
  isQuiet: boolean,
): Promise<Task[]> {
  const ended: Task[] = [];
  const late: string[] = [];
  let logged = false;
  for (const { id, unit } of tasks) {
    if (!isQuiet) terminal.err(`Waiting for task ${id}...\n`);
    try {
      const task = await session.call<Task>(
        'waitTask',
        { id, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
        {
          onEvent: (entry) => {
            if (isQuiet || tasks.length > 1) return;
            logged = true;
            terminal.err(`${progressLine(entry as TaskLogEntry)}\n`);
          },
        },
      );
      ended.push(task);
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'timeout') throw error;
      late.push(isMachine(unit) ? `machine ${unit}` : `unit ${unit}`);
    }
  }
  if (logged) terminal.err('\n');
  if (late.length > 0)
    throw new CliError(
      `timed out waiting for results from:${late.length === 1 ? ` ${late.join('')}` : late.map((each) => `\n - ${each}`).join('')}`,
    );
  return ended;
}

/**
 * From the scheduled operation to the exit code: told, awaited, printed. As Juju's run and exec do.
 * @param print the results in the format asked for
 */
export async function followOperation(
  terminal: Terminal,
  session: Session,
  scheduled: EnqueueAnswer,
  flags: FollowFlags,
  style: { readonly isQuiet: boolean; readonly timeoutMs?: number; readonly print: (tasks: readonly Task[]) => void },
): Promise<void> {
  const { operation, tasks, errors } = scheduled;
  if (errors.length > 0)
    terminal.err(
      `\nOperation ${operation} failed to schedule ${tasks.length === 0 ? 'any' : 'some'} tasks:\n${errors.join('\n')}\n`,
    );
  if (tasks.length === 0) return;
  if (flags.background === true) {
    tellScheduled(terminal, scheduled);
    return;
  }
  if (!style.isQuiet) {
    terminal.err(`Running operation ${operation} with ${tasks.length} task${tasks.length === 1 ? '' : 's'}\n`);
    for (const { id, unit } of tasks)
      terminal.err(`  - task ${id} on ${isMachine(unit) ? 'machine' : 'unit'}-${unit.replace('/', '-')}\n`);
    terminal.err('\n');
  }
  const ended = await waitForTasks(
    terminal,
    session,
    tasks,
    duration(flags.wait, 'wait') ?? style.timeoutMs,
    style.isQuiet,
  );
  style.print(ended);
  const complaint = failedTasksMessage(ended);
  if (complaint === '') return;
  terminal.err(complaint);
  throw new CliError('', 1);
}
