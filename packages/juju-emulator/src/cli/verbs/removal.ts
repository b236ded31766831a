import type { RemovalAnswer, RemovalInfo } from '../../model';
import { CliError } from '../cli-error';
import { type Registry, sessionOf, type Terminal, verb } from '../program';

interface RemovalFlags {
  readonly model?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly destroyStorage?: boolean;
  readonly numUnits?: string;
}

/** `storage-data-0` -> storage data/0, `unit-web-0` -> unit web/0. */
const readable = (tag: string): string => {
  const [kind = '', ...words] = tag.split('-');
  return `${kind} ${words.slice(0, -1).join('-')}/${words.at(-1) ?? ''}`;
};

/** What goes with it, a line each. */
function consequences(info: RemovalInfo): string {
  const lines = (entities: readonly { readonly tag: string }[] | undefined, how: string): string[] =>
    (entities ?? []).map(({ tag }) => `- will ${how} ${readable(tag)}\n`);
  return [
    ...lines(info['destroyed-units'], 'remove'),
    ...lines(info['destroyed-storage'], 'remove'),
    ...lines(info['detached-storage'], 'detach'),
  ].join('');
}

/** Tells what goes and what cannot; fails when something cannot. */
function report(terminal: Terminal, kind: string, names: readonly string[], answers: readonly RemovalAnswer[]): void {
  names.forEach((name, index) => {
    const { info, error } = answers[index] ?? {};
    if (error !== undefined) terminal.err(`ERROR removing ${kind} ${name} failed: ${error.message}\n`);
    else terminal.out(`will remove ${kind} ${name}\n${consequences(info ?? {})}`);
  });
  if (answers.some(({ error }) => error !== undefined)) throw new CliError('');
}

function warn(terminal: Terminal, flags: RemovalFlags): void {
  if (flags.dryRun === true) terminal.err('WARNING This command will perform the following actions:\n');
}

function checkFlags(flags: RemovalFlags): void {
  if (flags.wait === false && flags.force !== true) throw new CliError('--no-wait without --force not valid', 2);
}

/** remove-unit, remove-application. */
export function registerRemoval(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'remove-unit <units...>', 'Remove application units from the model.')
    .option('--no-prompt', 'Do not ask for confirmation; the emulator never does')
    .option('--force', 'Remove at once: no hook runs')
    .option('--no-wait', 'Rush through the removal; only with --force')
    .option('--destroy-storage', 'Destroy storage attached to the unit')
    .option('--dry-run', 'Print what this command would be removed without removing')
    .option('--num-units <number>', 'Kubernetes only')
    .missing('no units specified')
    .details(
      'The machine goes with its last unit. Hooks of the unit run first: storage detaching, relations, stop, remove.',
    )
    .examples(
      'juju remove-unit wordpress/2 wordpress/3',
      'juju remove-unit wordpress/2 --destroy-storage',
      'juju remove-unit wordpress/2 --force',
    )
    .seeAlso('remove-application')
    .action(async (units: string[], flags: RemovalFlags) => {
      if (flags.numUnits !== undefined) throw new CliError('--num-units for non k8s models not valid', 2);
      const wrong = units.find((unit) => !/^[a-z][a-z0-9-]*\/\d+$/.test(unit));
      if (wrong !== undefined) throw new CliError(`invalid unit name "${wrong}"`, 2);
      checkFlags(flags);
      const answers = await sessionOf(flags).call<RemovalAnswer[]>('removeUnit', {
        units,
        force: flags.force === true,
        ...(flags.dryRun === true ? { dryRun: true } : {}),
        ...(flags.destroyStorage === true ? { destroyStorage: true } : {}),
      });
      warn(terminal, flags);
      report(terminal, 'unit', units, answers);
    });

  verb(registry, 'remove-application <applications...>', 'Remove applications from the model.')
    .option('--no-prompt', 'Do not ask for confirmation; the emulator never does')
    .option('--force', 'Remove at once: no hook runs')
    .option('--no-wait', 'Rush through the removal; only with --force')
    .option('--destroy-storage', 'Destroy storage attached to application units')
    .option('--dry-run', 'Print what this command would be removed without removing')
    .missing('no application specified')
    .examples(
      'juju remove-application mysql',
      'juju remove-application test-app --destroy-storage',
      'juju remove-application test-app --force',
    )
    .seeAlso('remove-unit')
    .action(async (applications: string[], flags: RemovalFlags) => {
      const wrong = applications.find((name) => !/^[a-z][a-z0-9-]*$/.test(name));
      if (wrong !== undefined) throw new CliError(`invalid application name "${wrong}"`, 2);
      checkFlags(flags);
      const answers = await sessionOf(flags).call<RemovalAnswer[]>('removeApplication', {
        applications,
        force: flags.force === true,
        ...(flags.dryRun === true ? { dryRun: true } : {}),
        ...(flags.destroyStorage === true ? { destroyStorage: true } : {}),
      });
      warn(terminal, flags);
      report(terminal, 'application', applications, answers);
    });
}
