import { ControllerError } from '../../controller/api-client';
import type { DestroyMachineInfo } from '../../controller/machine-methods';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import type { Verb } from '../framework/verb';
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

/** add-machine, remove-machine, machines, show-machine. */
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

  listVerb(registry, 'machines', 'Lists machines in a model.', 'tabular', 'json', 'yaml')
    .alias('list-machines')
    .seeAlso('status', 'show-machine');
  listVerb(registry, 'show-machine [machines...]', "Show a machine's status.", 'yaml', 'tabular', 'json')
    .examples('juju show-machine 0', 'juju show-machine 1 2 3')
    .seeAlso('add-machine', 'machines');
}

interface ListFlags {
  readonly model?: string;
  readonly format: string;
  readonly utc?: boolean;
}

/** A verb that shows machines: those named, or all. A number that no machine has is left out, as Juju does. */
function listVerb(registry: Registry, declaration: string, summary: string, ...formats: [string, ...string[]]): Verb {
  const { terminal } = registry;
  const show = async (ids: readonly string[], flags: ListFlags): Promise<void> => {
    const { status: all, controller } = await sessionOf(flags).status();
    const named = Object.entries(all.machines).filter(([id]) => ids.length === 0 || ids.includes(id));
    const status = { ...all, machines: Object.fromEntries(named) };
    if (flags.format === 'tabular') {
      const table = machinesTable(status);
      if (table === '') terminal.err('No machines to display.\n');
      else terminal.out(table);
      return;
    }
    const json = flags.format === 'json';
    const document = statusDocument(status, { controller, utc: flags.utc === true, relations: false, json });
    const shown = { model: status.model.name, machines: document['machines'] };
    terminal.out(json ? toJson(shown) : toYaml(shown));
  };
  const made = verb(registry, declaration, summary)
    .formats(...formats)
    .option('--utc', 'Display timestamps in the UTC timezone')
    .option('--color', 'Use ANSI color codes in output');
  return made.action((...given: unknown[]) =>
    made.arguments.length === 0
      ? show([], given[0] as ListFlags)
      : show(given[0] as readonly string[], given[1] as ListFlags),
  );
}
