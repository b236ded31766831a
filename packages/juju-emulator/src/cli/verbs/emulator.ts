import { forgetModel, knownModels } from '../../controller/model-directory';
import { cleanHost } from '../../machines';
import { CliError } from '../cli-error';
import { milliseconds, plainVerb, type Registry, sessionOf, verb } from '../program';
import { registerFault } from './fault';
import { removeModel } from './model';

/** What only the emulator has: clean, wait, tick, fault. */
export function registerEmulatorVerbs(registry: Registry): void {
  const { terminal } = registry;
  plainVerb(
    registry,
    'clean',
    'removes what models left behind whose process is gone: machines, mounts, bridges, namespaces, files',
  )
    .option('--model <model>', 'this model, also while it runs')
    .option('--all', 'every model on this host, also those that run')
    .action(async (flags: { model?: string; all?: boolean }) => {
      const running = flags.model !== undefined ? [flags.model] : flags.all === true ? knownModels() : [];
      for (const name of running) {
        await removeModel(name);
        forgetModel(name);
        terminal.err(`removed model ${name}\n`);
      }
      const selection =
        flags.model !== undefined ? { model: flags.model } : flags.all === true ? {} : { keepLive: true };
      for (const name of await cleanHost(selection)) {
        forgetModel(name);
        terminal.err(`removed what was left of model ${name}\n`);
      }
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

  registerFault(registry);
}
