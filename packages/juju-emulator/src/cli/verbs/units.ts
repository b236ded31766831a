import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { World } from '../../model';
import { CliError } from '../cli-error';
import { storageIds } from '../storage/storage-flags';
import { collect, keyValue, type Registry, sessionOf, verb } from '../program';

const requireUnits = (world: World, units: readonly string[]): void => {
  for (const unit of units)
    if (world.units[unit] === undefined)
      throw new CliError(`removing unit ${unit} failed: unit "${unit}" does not exist`);
};

/** add-unit, remove-unit, remove-application, expose, unexpose, resolved, attach-resource. */
export function registerUnitVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'add-unit <application>', 'adds units to an application')
    .option('-n, --num-units <number>', 'number of units', '1')
    .option('--to <machines>', 'machines for the units')
    .option('--attach-storage <storage>', 'existing storage to attach to the deployed unit', collect, [])
    .action(
      async (
        application: string,
        flags: { model?: string; numUnits: string; to?: string; attachStorage: string[] },
      ) => {
        const attachStorage = storageIds(flags.attachStorage, Number(flags.numUnits));
        await sessionOf(flags).call('addUnit', {
          attachStorage,
          application,
          count: Number(flags.numUnits),
          to: flags.to?.split(',') ?? [],
        });
      },
    );

  verb(registry, 'remove-unit <units...>', 'removes units')
    .option('--no-prompt', 'accepted: the emulator never asks')
    .option('--force', 'remove at once, no hook runs')
    .option('--no-wait', 'accepted')
    .option('--destroy-storage', 'destroy storage attached to the units')
    .option('--dry-run', 'only say what would be removed')
    .action(
      async (
        units: string[],
        flags: { model?: string; force?: boolean; dryRun?: boolean; destroyStorage?: boolean },
      ) => {
        const session = sessionOf(flags);
        requireUnits(await session.world(), units);
        if (flags.dryRun === true) terminal.err('WARNING This command will perform the following actions:\n');
        else
          await session.call('removeUnit', {
            units,
            force: flags.force === true,
            destroyStorage: flags.destroyStorage === true,
          });
        for (const unit of units) terminal.out(`will remove unit ${unit}\n`);
      },
    );

  verb(registry, 'remove-application <applications...>', 'removes applications with their units')
    .option('--no-prompt', 'accepted: the emulator never asks')
    .option('--force', 'remove at once, no hook runs')
    .option('--no-wait', 'accepted')
    .option('--destroy-storage', 'destroy storage attached to the units')
    .action(async (applications: string[], flags: { model?: string; force?: boolean; destroyStorage?: boolean }) => {
      const session = sessionOf(flags);
      for (const application of applications) {
        if ((await session.world()).applications[application] === undefined)
          throw new CliError(`removing application ${application} failed: application "${application}" not found`);
        const units = await session.call<string[]>('removeApplication', {
          application,
          force: flags.force === true,
          destroyStorage: flags.destroyStorage === true,
        });
        terminal.out(`will remove application ${application}\n`);
        for (const unit of units) terminal.out(`- will remove unit ${unit}\n`);
      }
    });

  for (const [name, exposed] of [
    ['expose', true],
    ['unexpose', false],
  ] as const)
    verb(registry, `${name} <application>`, exposed ? 'makes an application reachable' : 'takes that back').action(
      async (application: string, flags: { model?: string }) => {
        await sessionOf(flags).call('expose', { application, exposed });
      },
    );

  verb(registry, 'resolved [units...]', 'marks a failed hook as resolved: it is retried now')
    .alias('resolve')
    .option('--no-retry', 'take the hook as done instead')
    .option('--all', 'all units in error')
    .action(async (units: string[], flags: { model?: string; retry: boolean; all?: boolean }) => {
      const session = sessionOf(flags);
      const world = await session.world();
      const chosen =
        flags.all === true
          ? Object.values(world.units)
              .filter((unit) => unit.agentStatus.status === 'error')
              .map((unit) => unit.name)
          : units;
      if (chosen.length === 0 && flags.all !== true) throw new CliError('no unit specified', 2);
      await session.call('resolved', { units: chosen, retry: flags.retry });
    });

  verb(registry, 'attach-resource <application> <resource>', 'gives an application a resource')
    .alias('attach')
    .action(async (application: string, resource: string, flags: { model?: string }) => {
      const pair = keyValue(resource);
      if (pair === undefined) throw new CliError(`expected name=value, got "${resource}"`, 2);
      const [name, path] = pair;
      if (!existsSync(path))
        throw new CliError(`failed to upload resource "${name}": open ${path}: no such file or directory`);
      await sessionOf(flags).call('attachResource', { application, name, path: resolve(path) });
    });
}
