import type { FullStatus } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { naturally } from '../status/natural-order';
import { statusDocument } from '../status/status-document';
import { formatStatusTabular } from '../status/status-tabular';
import { formatPorts } from '../status/ports';

/** Keeps the applications and units that the operator named; no name keeps all. */
function filterStatus(status: FullStatus, filters: readonly string[]): FullStatus {
  if (filters.length === 0) return status;
  const wanted = (application: string, unit?: string): boolean =>
    filters.some(
      (filter) =>
        filter === application ||
        filter === unit ||
        (unit !== undefined && filter === application) ||
        new RegExp(`^${filter.replaceAll('*', '.*')}$`).test(application),
    );
  const applications = Object.fromEntries(
    Object.entries(status.applications).flatMap(([name, application]) => {
      const units = Object.fromEntries(Object.entries(application.units ?? {}).filter(([unit]) => wanted(name, unit)));
      return wanted(name) || Object.keys(units).length > 0
        ? [[name, { ...application, units: wanted(name) ? application.units : units }]]
        : [];
    }),
  );
  const machines = new Set(
    Object.values(applications).flatMap((application) =>
      Object.values(application.units ?? {}).map((unit) => unit.machine),
    ),
  );
  return {
    ...status,
    applications,
    machines: Object.fromEntries(Object.entries(status.machines).filter(([id]) => machines.has(id))),
    relations: (status.relations ?? []).filter((relation) =>
      relation.endpoints.some((side) => applications[side.application] !== undefined),
    ),
  };
}

/** `juju status --format oneline`. */
function oneline(status: FullStatus): string {
  const lines = Object.entries(status.applications)
    .flatMap(([, application]) => Object.entries(application.units ?? {}))
    .sort(([a], [b]) => naturally(a, b))
    .map(([name, unit]) => {
      const ports = formatPorts(unit['opened-ports'] ?? []);
      return `- ${name}: ${unit['public-address']} (agent:${unit['agent-status'].status}, workload:${unit['workload-status'].status})${ports === '' ? '' : ` ${ports}`}\n`;
    });
  return lines.join('');
}

export function registerStatus(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'status [filters...]', 'shows the model')
    .formats('tabular', 'json', 'yaml', 'oneline', 'line', 'short', 'summary')
    .option('--relations', 'show relations')
    .option('--integrations', 'show relations')
    .option('--storage', 'show storage')
    .option('--utc', 'times in UTC')
    .option('--color', 'accepted')
    .option('--no-color', 'accepted')
    .option('--watch <duration>', 'accepted: shown once')
    .action(
      async (
        filters: string[],
        flags: {
          model?: string;
          format: string;
          relations?: boolean;
          integrations?: boolean;
          storage?: boolean;
          utc?: boolean;
        },
      ) => {
        const { status: all, controller, failure } = await sessionOf(flags).status();
        const status = filterStatus(all, filters);
        const options = {
          controller,
          utc: flags.utc === true,
          relations: flags.relations === true || flags.integrations === true,
          storage: flags.storage === true,
        };
        switch (flags.format) {
          case 'tabular':
            terminal.out(formatStatusTabular(status, options));
            break;
          case 'json':
            terminal.out(toJson(statusDocument(status, options)));
            break;
          case 'yaml':
            terminal.out(toYaml(statusDocument(status, options)));
            break;
          case 'oneline':
          case 'short':
          case 'line':
            terminal.out(oneline(status));
            break;
          default:
            throw new CliError(
              `invalid value "${flags.format}" for option --format: unknown format "${flags.format}"`,
              2,
            );
        }
        if (Object.keys(all.machines).length === 0 && Object.keys(all.applications).length === 0)
          terminal.err(`\nModel "admin/${all.model.name}" is empty.\n`);
        if (failure !== null) terminal.err(`\nThe emulator itself is in trouble: ${failure}\n`);
      },
    );
}
