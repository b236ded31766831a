import { Command, CommanderError } from 'commander';
import { runDaemon } from '../controller/daemon';
import { CliError } from './cli-error';
import type { Registry, Terminal } from './program';
import type { ModelOptions } from './session';
import { registerCharmVerbs } from './verbs/actions';
import { registerConfig } from './verbs/config';
import { registerDebugLog } from './verbs/debug-log';
import { registerDeploy } from './verbs/deploy';
import { registerEmulatorVerbs } from './verbs/emulator';
import { registerExec } from './verbs/exec';
import { registerModelVerbs } from './verbs/model';
import { registerOperationVerbs } from './verbs/operations';
import { registerRelationVerbs } from './verbs/relations';
import { registerRun } from './verbs/run';
import { registerShowUnit } from './verbs/show-unit';
import { registerSsh } from './verbs/ssh';
import { registerStatus } from './verbs/status';
import { registerUnitVerbs } from './verbs/units';
import { registerVerify } from './verbs/verify';
import { emulatedVersion } from '../controller/emulated-version';

/** The command line: `juju` has Juju's verbs, `juju-emulator` those and its own. */
export function makeProgram(name: string, terminal: Terminal): Command {
  const program = new Command(name);
  program
    .description('a local Juju for machine charms')
    .version(`${emulatedVersion}-emulator`)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text.replace(/^error: /, 'ERROR ')),
    });
  const registry: Registry = { program, terminal };
  for (const register of [
    registerModelVerbs,
    registerDeploy,
    registerUnitVerbs,
    registerRelationVerbs,
    registerConfig,
    registerStatus,
    registerRun,
    registerExec,
    registerOperationVerbs,
    registerSsh,
    registerDebugLog,
    registerShowUnit,
    registerCharmVerbs,
  ])
    register(registry);
  program.command('version').action(() => terminal.out(`${emulatedVersion}-emulator\n`));
  if (name === 'juju-emulator') {
    registerEmulatorVerbs(registry);
    registerVerify(registry);
  }
  return program;
}

/** Runs one command line; resolves with its exit code. */
export async function runCli(name: string, args: readonly string[], terminal: Terminal): Promise<number> {
  if (name === 'juju-emulator' && args[0] === 'controller') {
    await runDaemon({ model: args[1] ?? 'default', ...(JSON.parse(args[2] ?? '{}') as ModelOptions) });
    return 0;
  }
  try {
    await makeProgram(name, terminal).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof CliError) {
      if (error.message !== '') terminal.err(`ERROR ${error.message}\n`);
      return error.exitCode;
    }
    terminal.err(`ERROR ${(error as Error).message}\n`);
    return 1;
  }
}
