import { ControllerError } from '../../controller/api-client';
import type { DestroyMachineInfo } from '../../controller/machine-methods';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { statusDocument } from '../status/status-document';
import { machinesTable } from '../status/status-tabular';

interface RemoveFlags {
  readonly model?: string;
  readonly force?: boolean;
  readonly keepInstance?: boolean;
  readonly dryRun?: boolean;
}

/** `unit-web-0` as operators write it. */
const unitName = (tag: string): string => tag.replace(/^unit-/, '').replace(/-(\d+)$/, '/$1');

/** add-machine, remove-machine, machines. */
export function registerMachineVerbs(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'add-machine [placement]', 'Provision a new machine and assign it to the model.')
    .option('--n <number>', 'The number of machines to add', '1')
    .option('--base <base>', 'The operating system base to install on the new machine(s)')
    .option('--series <series>', '2.9: the series to install')
    .option('--constraints <list>', 'Machine constraints that overwrite those available', '')
    .option('--disks <list>', 'Storage constraints for disks to attach to the machine(s)', '')
    .action(async (placement: string | undefined, flags: { model?: string; n: string; base?: string }) => {
      if (placement !== undefined)
        throw new CliError(`the emulator makes its machines itself: leave out the placement "${placement}"`, 2);
      const count = Number(flags.n);
      if (!Number.isInteger(count) || count < 1) throw new CliError(`cannot add ${flags.n} machines: give a number`, 2);
      const ids = await sessionOf(flags).call<string[]>('addMachine', {
        count,
        ...(flags.base === undefined ? {} : { base: flags.base }),
      });
      for (const id of ids) terminal.err(`created machine ${id}\n`);
    });

  verb(registry, 'remove-machine <machines...>', 'Removes one or more machines from a model.')
    .missing('no machines specified')
    .option('--force', 'Completely remove a machine and all its dependencies')
    .option('--keep-instance', 'Do not stop the running cloud instance')
    .option('--dry-run', 'Print what this command would be removed without removing')
    .option('--no-prompt', 'Do not ask for confirmation. Option present for backwards compatibility with Juju 2.9')
    .option('--no-wait', 'Rush through machine removal without waiting for each individual step to complete')
    .action(async (machines: string[], flags: RemoveFlags) => {
      const session = sessionOf(flags);
      if (flags.dryRun === true) terminal.err('WARNING This command will perform the following actions:\n');
      let failed = false;
      for (const machine of machines) {
        const info = await session
          .call<DestroyMachineInfo>('removeMachine', {
            machine,
            force: flags.force === true,
            keepInstance: flags.keepInstance === true,
            dryRun: flags.dryRun === true,
          })
          .catch((error: unknown) => {
            if (!(error instanceof ControllerError) || error.code === 'unreachable') throw error;
            terminal.err(`ERROR removing machine failed: ${error.message}\n`);
            failed = true;
            return undefined;
          });
        if (info === undefined) continue;
        const kept = flags.keepInstance === true ? ' (but retaining cloud instance)' : '';
        terminal.out(`will remove machine ${info['machine-id']}${kept}\n`);
        for (const { tag } of info['destroyed-units']) terminal.out(`- will remove unit ${unitName(tag)}\n`);
      }
      if (failed) throw new CliError('', 1);
    });

  verb(registry, 'machines', 'Lists machines in a model.')
    .alias('list-machines')
    .formats('tabular', 'json', 'yaml')
    .option('--utc', 'Display timestamps in the UTC timezone')
    .option('--color', 'Use ANSI color codes in output')
    .action(async (flags: { model?: string; format: string; utc?: boolean }) => {
      const { status, controller } = await sessionOf(flags).status();
      if (flags.format === 'tabular') {
        const table = machinesTable(status);
        if (table === '') terminal.err('No machines to display.\n');
        else terminal.out(table);
        return;
      }
      const document = statusDocument(status, {
        controller,
        utc: flags.utc === true,
        relations: false,
        json: flags.format === 'json',
      });
      const shown = { model: status.model.name, machines: document['machines'] };
      terminal.out(flags.format === 'json' ? toJson(shown) : toYaml(shown));
    });
}
