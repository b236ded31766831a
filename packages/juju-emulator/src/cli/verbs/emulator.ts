import type { Fault } from '../../agent/faults';
import { forgetModel, knownModels } from '../../controller/model-directory';
import type { FaultRequest } from '../../controller/fault-request';
import { cleanHost } from '../../machines';
import { CliError } from '../cli-error';
import { milliseconds, plainVerb, type Registry, sessionOf, verb } from '../program';
import { removeModel } from './model';

/** What only the emulator has: clean, wait, tick, fault. */
export function registerEmulatorVerbs(registry: Registry): void {
  const { terminal } = registry;
  plainVerb(
    registry,
    'clean',
    'removes models and whatever is left of them: controllers, machines, mounts, bridges, namespaces',
  )
    .option('--model <model>', 'only this one')
    .action(async (flags: { model?: string }) => {
      const names = flags.model === undefined ? knownModels() : [flags.model];
      for (const name of names) {
        await removeModel(name);
        forgetModel(name);
        terminal.err(`removed model ${name}\n`);
      }
      const selection = flags.model === undefined ? {} : { model: flags.model };
      for (const name of await cleanHost(selection)) terminal.err(`removed what was left of model ${name}\n`);
    });

  verb(registry, 'wait', 'waits until the model has nothing left to do')
    .option('--timeout <duration>', 'at most so long', '10m')
    .option('--progress', 'say what is going on')
    .option('--on-error <how>', 'units in a hook error: wait, return or reject', 'wait')
    .action(async (flags: { model?: string; timeout: string; progress?: boolean; onError: string }) => {
      const timeoutMs = milliseconds(flags.timeout);
      if (timeoutMs === undefined) throw new CliError(`invalid duration "${flags.timeout}"`, 2);
      const onError = flags.onError === 'return' || flags.onError === 'reject' ? flags.onError : 'wait';
      const started = performance.now();
      let shown: readonly string[] = [];
      const failed = await sessionOf(flags).call<{ unit: string; message: string }[]>(
        'settle',
        { timeoutMs, onError },
        {
          onEvent: (event) => {
            const busy = event as string[];
            if (flags.progress === true)
              for (const line of busy.filter((each) => !shown.includes(each)))
                terminal.err(`  [${Math.round((performance.now() - started) / 1000)} s] ${line}\n`);
            shown = busy;
          },
        },
      );
      for (const { unit, message } of failed) terminal.err(`${unit}: ${message}\n`);
      if (failed.length > 0) throw new CliError('', 1);
    });

  verb(registry, 'tick [unit]', 'runs update-status now').action(
    async (unit: string | undefined, flags: { model?: string }) => {
      await sessionOf(flags).call('tick', unit === undefined ? {} : { unit });
    },
  );

  verb(
    registry,
    'fault <what> [arguments...]',
    `makes something go wrong:
  kill UNIT HOOK N [before|after] [with-agent]   kill the hook at its N-th hook-tool call
  refuse-commit UNIT HOOK                        refuse what the hook wants to commit
  lose-leadership UNIT HOOK TO                   leadership moves to TO between the hook's end and its commit
  die-before-commit UNIT HOOK                    the agent dies after the hook ended well
  move-leader APPLICATION UNIT | kill-agent UNIT | hold UNIT | release UNIT
  stop-machine|start-machine|reboot-machine|destroy-machine MACHINE
  freeze-machine|thaw-machine|cut-link|mend-link MACHINE | clear`,
  ).action(async (what: string, rest: string[], flags: { model?: string }) => {
    await sessionOf(flags).call('fault', parseFault(what, rest));
  });
}

function parseFault(what: string, rest: readonly string[]): FaultRequest {
  const [first = '', second = '', third = ''] = rest;
  const arm = (fault: Fault): FaultRequest => ({ what: 'arm', fault });
  switch (what) {
    case 'kill': {
      const call = Number(third);
      if (!Number.isInteger(call) || call < 1) throw new CliError('fault kill needs UNIT HOOK N', 2);
      return arm({
        kind: 'kill',
        unit: first,
        hook: second,
        call,
        when: rest.includes('after') ? 'after' : 'before',
        withAgent: rest.includes('with-agent'),
      });
    }
    case 'refuse-commit':
    case 'die-before-commit':
      return arm({ kind: what, unit: first, hook: second });
    case 'lose-leadership':
      return arm({ kind: 'lose-leadership-at-commit', unit: first, hook: second, to: third });
    case 'move-leader':
      return { what, application: first, unit: second };
    case 'kill-agent':
    case 'hold':
    case 'release':
      return { what, unit: first };
    case 'stop-machine':
    case 'start-machine':
    case 'reboot-machine':
    case 'destroy-machine':
    case 'freeze-machine':
    case 'thaw-machine':
    case 'cut-link':
    case 'mend-link':
      return { what, machine: first };
    case 'clear':
      return { what };
    default:
      throw new CliError(`unknown fault "${what}": see juju-emulator fault --help`, 2);
  }
}
