import { CliError } from '../cli-error';
import { storageIds } from '../storage/storage-flags';
import { collect, type Registry, sessionOf, verb } from '../program';

interface AddUnitFlags {
  readonly model?: string;
  readonly numUnits: string;
  readonly to?: string;
  readonly attachStorage: string[];
}

/** A whole number given to an option. */
export function wholeNumber(text: string, option: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new CliError(
      `invalid value "${text}" for option ${option}: strconv.ParseInt: parsing "${text}": invalid syntax`,
      2,
    );
  return Number(text);
}

/** add-unit, resolved. */
export function registerUnitVerbs(registry: Registry): void {
  verb(registry, 'add-unit <application>', 'Adds one or more units to a deployed application.')
    .option('-n, --num-units <number>', 'Number of units to add', '1')
    .option('--to <machines>', 'The machine to add the unit to, several by commas')
    .option('--attach-storage <storage>', 'Existing storage to attach to the deployed unit', collect, [])
    .missing('no application specified')
    .examples('juju add-unit mysql', 'juju add-unit mysql -n 3', 'juju add-unit mysql --to 23')
    .seeAlso('remove-unit')
    .action(async (application: string, flags: AddUnitFlags) => {
      const count = wholeNumber(flags.numUnits, '-n');
      if (!/^[a-z][a-z0-9-]*$/.test(application)) throw new CliError(`invalid application name "${application}"`, 2);
      if (count < 1) throw new CliError('--num-units must be a positive integer', 2);
      const attachStorage = storageIds(flags.attachStorage, count);
      await sessionOf(flags).call('addUnit', { application, count, to: flags.to?.split(',') ?? [], attachStorage });
    });

  verb(registry, 'resolved [units...]', 'Marks unit errors resolved and re-executes failed hooks.')
    .alias('resolve')
    .option('--no-retry', 'Do not re-execute failed hooks on the unit: take the hook as done')
    .option('--all', 'Marks all units in error as resolved')
    .examples('juju resolved mysql/0', 'juju resolved --no-retry mysql/0', 'juju resolved --all')
    .action(async (units: string[], flags: { model?: string; retry: boolean; all?: boolean }) => {
      if (flags.all === true && units.length > 0)
        throw new CliError('specifying unit names with --all not supported', 2);
      if (units.length === 0 && flags.all !== true) throw new CliError('no unit specified', 2);
      const wrong = units.find((unit) => !/^[a-z][a-z0-9-]*\/\d+$/.test(unit));
      if (wrong !== undefined) throw new CliError(`unit name "${wrong}" not valid`, 2);
      const session = sessionOf(flags);
      const chosen =
        flags.all === true
          ? Object.values((await session.world()).units)
              .filter((unit) => unit.agentStatus.status === 'error')
              .map((unit) => unit.name)
          : units;
      await session.call('resolved', { units: chosen, retry: flags.retry });
    });
}
