import type { EnqueueAnswer, Task } from '../../model';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, type Terminal, verb } from '../program';
import { followOperation } from '../tasks/follow';
import { parseActionCall, readParameters } from '../tasks/parameters';
import { taskDocument, taskPlain, taskSummary } from '../tasks/task-output';
import { type ExecFlags, execOnUnits } from './exec';

interface RunFlags extends ExecFlags {
  readonly params?: string;
  readonly stringArgs?: boolean;
}

/** run: an action on units. With --unit, --application, --machine or --all it is 2.9's run, which 3.x calls exec. */
export function registerRun(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'run [words...]', 'Run an action on a specified unit.')
    .option('--params <file>', 'Path to yaml-formatted params file')
    .option('--wait <duration>', 'Maximum wait time for a task to complete')
    .option('--background', 'Run the task in the background')
    .option('--string-args', 'Use raw string values of CLI args')
    .option('--utc', 'Show times in UTC')
    .option('--color', 'Use ANSI color codes in output')
    .option('--no-color', 'Disable ANSI color codes in output')
    .option('-u, --unit <units>', '2.9: units to run a command on')
    .option('-a, --application <applications>', '2.9: applications to run a command on')
    .option('--machine <machines>', '2.9: machines to run a command on')
    .option('--all', '2.9: run a command everywhere')
    .option('--timeout <duration>', '2.9: as --wait')
    .formats('plain', 'json', 'yaml')
    .details(
      `Schedules an action of the charm on units of one application and waits for its end.
A unit is <application>/<number>, or <application>/leader. Parameters are key=value, key.key=value for nested
ones; their values are YAML unless --string-args is given. They are checked against the charm's schema.

The exit code is 1 when the action's process ended with another code than 0, not when it called action-fail.

With --unit, --application, --machine or --all the words are a shell command, as Juju 2.9 has it: see exec.`,
    )
    .examples(
      'juju run mysql/3 backup',
      'juju run mysql/leader backup --wait=2m',
      'juju run mysql/3 backup out=out.tar.bz2 file.kind=xz --format yaml',
      'juju run mysql/3 backup --background',
    )
    .seeAlso('actions', 'exec', 'operations', 'show-operation', 'show-task')
    .action(async (words: string[], flags: RunFlags) => {
      const isCommand = [flags.unit, flags.application, flags.machine].some((each) => each !== undefined);
      if (isCommand || flags.all === true) {
        await execOnUnits(registry, sessionOf(flags), { wait: flags.timeout, ...flags }, words);
        return;
      }
      const call = parseActionCall(words);
      const parameters = readParameters(call, flags);
      const session = sessionOf(flags);
      const scheduled = await session.call<EnqueueAnswer>('enqueue', {
        units: call.units,
        name: call.action,
        parameters,
      });
      await followOperation(terminal, session, scheduled, flags, {
        isQuiet: false,
        print: (tasks) => printTasks(terminal, tasks, flags.format),
      });
    });
}

/** Results in the format asked for. */
export function printTasks(terminal: Terminal, tasks: readonly Task[], format: string): void {
  const [only] = tasks;
  const documents = (make: (task: Task) => unknown): Record<string, unknown> =>
    Object.fromEntries(tasks.map((task) => [task.unit, make(task)]));
  if (format === 'json') terminal.out(toJson(documents(taskDocument)));
  else if (format === 'yaml') terminal.out(toYaml(documents(taskDocument)));
  else if (tasks.length === 1 && only !== undefined) terminal.out(taskPlain(only));
  else terminal.out(toYaml(documents(taskSummary)));
}
