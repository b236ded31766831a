import type { Operation, Task } from '../../model';
import { unitsOf } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { milliseconds, type Registry, sessionOf, verb } from '../program';
import type { Session } from '../session';
import { execOutput, failedTasksMessage, taskDocument } from '../tasks/task-output';
import { withTimeout } from '../tasks/with-timeout';

interface ExecTarget {
  readonly unit?: string | undefined;
  readonly application?: string | undefined;
  readonly machine?: string | undefined;
  readonly all?: boolean;
}

/** Runs a command in the hook context of units and prints what came. */
export async function execOnUnits(
  { terminal }: Registry,
  session: Session,
  target: ExecTarget,
  command: string,
  format: string,
  timeoutMs?: number,
): Promise<void> {
  if (command === '') throw new CliError('no commands specified', 2);
  const world = await session.world();
  const units = [
    ...(target.unit?.split(',') ?? []),
    ...(target.application?.split(',') ?? []).flatMap((application) =>
      unitsOf(world, application).map((unit) => unit.name),
    ),
    ...(target.all === true ? Object.keys(world.units).sort() : []),
  ];
  const machines = target.machine?.split(',') ?? [];
  if (units.length === 0 && machines.length === 0)
    throw new CliError('You must specify a target, either through --all, --machine, --application or --unit', 2);
  const operations = [
    ...(units.length === 0
      ? []
      : [await session.call<Operation>('enqueue', { units, name: 'juju-exec', parameters: { command, timeout: 0 } })]),
    ...(machines.length === 0 ? [] : [await session.call<Operation>('execOnMachines', { machines, command })]),
  ];
  const tasks: Task[] = [];
  const receivers = [...units.map((unit) => `unit ${unit}`), ...machines.map((machine) => `machine ${machine}`)];
  for (const id of operations.flatMap((operation) => operation.tasks))
    tasks.push(await withTimeout(session.call<Task>('waitTask', { id }), timeoutMs, receivers[tasks.length] ?? ''));
  const document = (): Record<string, unknown> =>
    Object.fromEntries(tasks.map((task) => [task.unit, taskDocument(task)]));
  const [only] = tasks;
  if (format === 'json') terminal.out(toJson(document()));
  else if (format === 'yaml') terminal.out(toYaml(document()));
  else if (tasks.length === 1 && only !== undefined) {
    terminal.out(typeof only.results.stdout === 'string' ? only.results.stdout : '');
    terminal.err(typeof only.results.stderr === 'string' ? only.results.stderr : '');
  } else for (const task of tasks) terminal.out(`${task.unit}:\n${execOutput(task)}\n`);
  const complaint = failedTasksMessage(tasks);
  if (complaint === '') return;
  terminal.err(complaint);
  throw new CliError('', 1);
}

export function registerExec(registry: Registry): void {
  verb(registry, 'exec [command...]', 'runs a command in the hook context of units')
    .option('-u, --unit <units>', 'units, separated by commas')
    .option('-a, --application <applications>', 'applications')
    .option('--machine <machines>', 'machines: outside of any hook context')
    .option('--all', 'all units')
    .formats('plain', 'json', 'yaml')
    .option('--utc', 'times in UTC')
    .option('--wait <duration>', 'how long to wait')
    .passThroughOptions(false)
    .action(
      async (
        command: string[],
        flags: {
          model?: string;
          unit?: string;
          application?: string;
          machine?: string;
          all?: boolean;
          format: string;
          wait?: string;
        },
      ) => {
        await execOnUnits(
          registry,
          sessionOf(flags),
          { unit: flags.unit, application: flags.application, machine: flags.machine, all: flags.all === true },
          command.join(' '),
          flags.format,
          flags.wait === undefined ? undefined : milliseconds(flags.wait),
        );
      },
    );
}
