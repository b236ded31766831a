import type { FullStatus } from '../../model';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
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
    .option('--watch <duration>', 'Accepted: the status is shown once')
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
    )
    .seeAlso('machines', 'show-model', 'show-status-log', 'storage')
    .action(async (selectors: string[], flags: StatusFlags) => {
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
          selectors.length === 0
            ? `\nModel "admin/${all.model.name}" is empty.\n`
            : 'Nothing matched specified filter.\n',
        );
      if (failure !== null) terminal.err(`\nThe emulator itself is in trouble: ${failure}\n`);
    });
}
