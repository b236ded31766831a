import type { FullStatus } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { milliseconds, type Registry, sessionOf, verb } from '../program';
import { filterStatus, isEmptyStatus } from '../status/filter';
import { formatOneline } from '../status/oneline';
import { statusDocument } from '../status/status-document';
import { formatStatusTabular, type StatusOptions } from '../status/status-tabular';
import { formatSummary } from '../status/summary';

interface StatusFlags {
  readonly model?: string;
  readonly format: string;
  readonly relations?: boolean;
  readonly integrations?: boolean;
  readonly storage?: boolean;
  readonly utc?: boolean;
  readonly watch?: string;
}

function render(status: FullStatus, format: string, options: StatusOptions): string {
  switch (format) {
    case 'json':
      return toJson(statusDocument(status, options));
    case 'yaml':
      return toYaml(statusDocument(status, options));
    case 'oneline':
    case 'short':
    case 'line':
      return formatOneline(status);
    case 'summary':
      return formatSummary(status);
    default:
      return formatStatusTabular(status, options);
  }
}

export function registerStatus(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'status [selectors...]', 'Report the status of the model, its machines, applications and units.')
    .alias('show-status')
    .formats('tabular', 'json', 'yaml', 'oneline', 'line', 'short', 'summary')
    .option('--relations', "Show 'relations' section in tabular output")
    .option('--integrations', "Show 'integrations' section in tabular output")
    .option('--storage', "Show 'storage' section in tabular output")
    .option('--utc', 'Display timestamps in the UTC timezone')
    .option('--color', 'Use ANSI color codes in tabular output')
    .option('--no-color', 'Disable ANSI color codes in tabular output')
    .option('--retry-count <number>', 'Accepted: the controller is on this machine')
    .option('--retry-delay <duration>', 'Accepted: the controller is on this machine')
    .option('--watch <duration>', 'Watch the status every period of time: 2s, 1m')
    .details(
      `Selectors keep what they name: applications, units (web/0), machines, with * for anything; a workload or agent
status; an open port; "exposed". The leader has an asterisk. The scale is have/want while units are not there yet.`,
    )
    .examples(
      'juju status',
      'juju status mysql',
      'juju status nova-* --relations',
      'juju status --storage',
      'juju status --format=json',
      'juju status --watch 2s',
    )
    .seeAlso('machines', 'show-model', 'show-status-log', 'storage')
    .action(async (selectors: string[], flags: StatusFlags) => {
      const pause = watchPause(flags.watch);
      await show(registry, selectors, flags);
      if (pause === 0) return;
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        if (process.stdout.isTTY) terminal.out('\x1b[H\x1b[2J');
        await show(registry, selectors, flags);
      }
    });
}

/** Milliseconds between two looks; 0 = once. */
function watchPause(given: string | undefined): number {
  if (given === undefined) return 0;
  const pause = /^[\d.]+$/.test(given) && Number(given) !== 0 ? undefined : milliseconds(given);
  if (pause !== undefined) return pause;
  const why = /^[\d.]+$/.test(given) ? `missing unit in duration "${given}"` : `invalid duration "${given}"`;
  throw new CliError(`invalid value "${given}" for option --watch: time: ${why}`, 2);
}

async function show({ terminal }: Registry, selectors: readonly string[], flags: StatusFlags): Promise<void> {
  const { status: all, controller, failure } = await sessionOf(flags).status();
  const status = filterStatus(all, selectors);
  terminal.out(
    render(status, flags.format, {
      controller,
      utc: flags.utc === true,
      relations: flags.relations === true || flags.integrations === true,
      storage: flags.storage === true,
      json: flags.format === 'json',
    }),
  );
  if (isEmptyStatus(status))
    terminal.err(
      selectors.length === 0 ? `\nModel "admin/${all.model.name}" is empty.\n` : 'Nothing matched specified filter.\n',
    );
  if (failure !== null) terminal.err(`\nThe emulator itself is in trouble: ${failure}\n`);
}
