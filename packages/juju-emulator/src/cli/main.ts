import type { ModelOptions } from '../controller/daemon';
import type { Terminal } from './framework/verb-output';
import { runSuperCommand } from './framework/super-command';
import { openSession } from './session';
import { emulatorFamilies, jujuFamilies } from './verb-families';

const basics = (name: string): string => `A local Juju for machine charms: it runs charms as Juju does, on this machine.

Usage: ${name} <command> [options] [<argument> ...]

Starter commands:

    add-model           Adds a model: --light without root, else with real machines.
    deploy              Deploys a charm: ./my.charm, or a name in dist, charms or $JUJU_EMULATOR_CHARMS.
    status              Shows the model, its applications, units and machines.
    integrate           Relates two applications.
    config              Shows or sets application configuration.
    run                 Runs an action on units.
    exec                Runs a command in the hook context of units.
    debug-log           Shows the log of the model.
    destroy-model       Removes a model with all its machines.

Help commands:

    ${name} help commands   All commands.
    ${name} help <command>  One command with its options and examples.
`;

/** Runs one command line; resolves with its exit code. `juju` has Juju's verbs, `juju-emulator` those and its own. */
export async function runCli(name: string, args: readonly string[], terminal: Terminal): Promise<number> {
  if (name === 'juju-emulator' && args[0] === 'controller') {
    const { runDaemon } = await import('../controller/daemon');
    await runDaemon({ model: args[1] ?? 'default', ...(JSON.parse(args[2] ?? '{}') as ModelOptions) });
    return 0;
  }
  return runSuperCommand(
    {
      name,
      families: name === 'juju-emulator' ? [...jujuFamilies, ...emulatorFamilies] : jujuFamilies,
      basics: basics(name),
      open: openSession,
    },
    args,
    terminal,
  );
}
