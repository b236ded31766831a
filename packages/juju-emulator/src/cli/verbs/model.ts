import { existsSync, readFileSync } from 'node:fs';
import { callController } from '../../controller/api-client';
import {
  currentModel,
  forgetModel,
  knownModels,
  modelDirectory,
  setCurrentModel,
} from '../../controller/model-directory';
import { cleanHost } from '../../machines';
import { agentVersionOf } from '../../controller/emulated-version';
import { CliError } from '../cli-error';
import { collect, keyValue, plainVerb, type Registry } from '../program';
import { defaultModelOptions, startModel } from '../session';

/** A version that models can have; anything else is a usage error. */
function checkedVersion(asked: string): string {
  try {
    return agentVersionOf(asked);
  } catch (error) {
    throw new CliError((error as Error).message, 2);
  }
}

/** add-model, switch, destroy-model. */
export function registerModelVerbs(registry: Registry): void {
  const { terminal } = registry;
  plainVerb(
    registry,
    'add-model <name> [cloud]',
    'adds a model: starts its controller in the background; the cloud `light` is the same as --light',
  )
    .option('--light', 'units as plain processes on this host: no root, no machines (also: JUJU_EMULATOR_LIGHT=1)')
    .option('--seed <number>', 'decides what Juju leaves open')
    .option('--one-at-a-time', 'agents act one at a time, in an order from the seed: the journal can be replayed')
    .option('--juju-timing', "Juju's measured pauses instead of none")
    .option('--agent-version <version>', '4.1-beta2, or 3.6 with leadership settings (unverified)')
    .option('--retry-factor <number>', 'retry delays of failed hooks times this', '1')
    .option('--config <key=value>', 'model configuration', collect, [])
    .option('--no-switch', 'leave the current model as it is')
    .option('-c, --controller <name>', 'accepted and not heeded')
    .option('--credential <name>', 'accepted and not heeded')
    .action(
      async (
        name: string,
        cloud: string | undefined,
        options: {
          light?: boolean;
          seed?: string;
          jujuTiming?: boolean;
          oneAtATime?: boolean;
          agentVersion?: string;
          retryFactor: string;
          config: string[];
          switch: boolean;
        },
      ) => {
        const before = currentModel();
        const seed = options.seed === undefined ? defaultModelOptions().seed : Number(options.seed);
        const session = await startModel(name, {
          ...defaultModelOptions(),
          seed,
          light: options.light === true || cloud === 'light' || process.env['JUJU_EMULATOR_LIGHT'] === '1',
          jujuTiming: options.jujuTiming === true,
          oneAtATime: options.oneAtATime === true,
          retryFactor: Number(options.retryFactor),
          ...(options.agentVersion === undefined ? {} : { agentVersion: checkedVersion(options.agentVersion) }),
        });
        const values = Object.fromEntries(options.config.map((pair) => keyValue(pair) ?? [pair, '']));
        if (Object.keys(values).length > 0) await session.call('modelConfig', { values });
        if (!options.switch && before !== undefined) setCurrentModel(before);
        terminal.err(`Added '${name}' model on emulator with credential 'none' for user 'admin' (seed ${seed})\n`);
      },
    );

  plainVerb(registry, 'switch [model]', 'shows or sets the current model').action((model: string | undefined) => {
    if (model === undefined) {
      const current = currentModel();
      if (current === undefined) throw new CliError('no currently specified model');
      terminal.out(`emulator:admin/${current}\n`);
      return;
    }
    const name = model.split(':').at(-1)?.split('/').at(-1) ?? model;
    if (!knownModels().includes(name)) throw new CliError(`"${model}" is not the name of a model or controller`);
    setCurrentModel(name);
    terminal.err(`emulator:admin/${name} (no change of controller)\n`);
  });

  plainVerb(registry, 'destroy-model <model>', 'removes a model with all its machines')
    .option('--no-prompt', 'accepted: the emulator never asks')
    .option('-y, --yes', 'accepted: the emulator never asks')
    .option('--force', 'accepted: nothing is ever in the way')
    .option('--no-wait', 'accepted')
    .option('--destroy-storage', 'accepted')
    .option('--timeout <duration>', 'accepted')
    .action(async (model: string) => {
      const name = model.split(':').at(-1)?.split('/').at(-1) ?? model;
      if (!knownModels().includes(name)) throw new CliError(`model emulator:admin/${name} not found`);
      terminal.err('Destroying model\n');
      await removeModel(name);
      terminal.err('Model destroyed.\n');
    });
}

/** Removes a model: through its controller when that answers, else what is left of it. */
export async function removeModel(name: string): Promise<void> {
  const files = modelDirectory(name);
  if (existsSync(files.socket)) await callController(files.socket, 'destroy', {}).catch(() => undefined);
  await endProcess(files.pid);
  await cleanHost({ model: name });
  forgetModel(name);
}

/** Waits for the controller to end by itself; then makes it. */
async function endProcess(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const isOurs = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('controller');
    } catch {
      return false;
    }
  };
  const deadline = performance.now() + 15_000;
  while (isOurs() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  if (isOurs()) process.kill(pid, 'SIGKILL');
}
