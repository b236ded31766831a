import type { FullStatus, UnitStatus } from '../../model';
import { naturally } from './natural-order';
import { formatPorts } from './ports';

function lines(units: Readonly<Record<string, UnitStatus>> | null, indent: string): string[] {
  return Object.entries(units ?? {})
    .sort(([a], [b]) => naturally(a, b))
    .flatMap(([name, unit]) => {
      const ports = formatPorts(unit['opened-ports'] ?? []);
      const states = `agent:${unit['agent-status'].status}, workload:${unit['workload-status'].status}`;
      return [
        `${indent}- ${name}: ${unit['public-address']} (${states})${ports === '' ? '' : ` ${ports}`}\n`,
        ...lines(unit.subordinates, `${indent}  `),
      ];
    });
}

/** `juju status --format oneline` (line, short): a line a unit, subordinates indented beneath their principal. */
export const formatOneline = (status: FullStatus): string =>
  Object.entries(status.applications)
    .sort(([a], [b]) => naturally(a, b))
    .flatMap(([, application]) => lines(application.units, ''))
    .join('');
