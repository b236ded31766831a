import type { FullStatus, UnitStatus } from '../../model';
import { naturally } from './natural-order';
import { formatPorts } from './ports';
import { layoutCells } from './table';

/** Length of the network prefix that an IPv4 address had before there were masks (Go's DefaultMask). */
function classPrefix(address: string): number | undefined {
  const first = /^(\d+)\.\d+\.\d+\.\d+$/.exec(address)?.[1];
  if (first === undefined || Number(first) >= 224) return undefined;
  return Number(first) < 128 ? 8 : Number(first) < 192 ? 16 : 24;
}

/** One address for each classful network, as `10.0.0.10/8`. */
function networks(addresses: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const address of addresses) {
    const prefix = classPrefix(address);
    if (prefix === undefined) continue;
    const network = address
      .split('.')
      .slice(0, prefix / 8)
      .join('.');
    if (!seen.has(network)) seen.set(network, `${address}/${prefix}`);
  }
  return [...seen.values()];
}

function allUnits(units: Readonly<Record<string, UnitStatus>> | null): UnitStatus[] {
  return Object.entries(units ?? {})
    .sort(([a], [b]) => naturally(a, b))
    .flatMap(([, unit]) => [unit, ...allUnits(unit.subordinates)]);
}

/** How many are in each state, a line each. */
function counts(states: readonly string[]): string[][] {
  const names = [...new Set(states)].sort(naturally);
  return names.map((name) => [`${name}:`, `${states.filter((state) => state === name).length} `]);
}

/** `juju status --format summary`. Layout: Juju's output_summary, two tables of Go's tabwriter, the second right-aligned. */
export function formatSummary(status: FullStatus): string {
  const machines = Object.entries(status.machines)
    .sort(([a], [b]) => naturally(a, b))
    .map(([, machine]) => machine);
  const applications = Object.entries(status.applications).sort(([a], [b]) => naturally(a, b));
  const units = applications.flatMap(([, application]) => allUnits(application.units));
  const ports = [...new Set(units.flatMap((unit) => unit['opened-ports'] ?? []))];
  const remote = (status as { readonly 'remote-applications'?: object | null })['remote-applications'] ?? {};
  const blank = [' '];
  const head = layoutCells(
    [
      [
        'Running on subnets:',
        networks([
          ...machines.map((machine) => machine['dns-name']),
          ...units.map((unit) => unit['public-address']),
        ]).join(', '),
      ],
      [' Utilizing ports:', formatPorts(ports)],
    ],
    'left',
  );
  const body = layoutCells(
    [
      ['# Machines:', `(${machines.length})`],
      ...counts(machines.map((machine) => machine['agent-status'].status)),
      blank,
      ['# Units:', `(${units.length})`],
      ...counts(units.map((unit) => unit['workload-status'].status)),
      blank,
      ['# Applications:', `(${applications.length})`],
      ...applications.map(([name, application]) => [name, `${application.exposed ? 1 : 0}/1`, 'exposed']),
      blank,
      ['# Remote:', `(${Object.keys(remote).length})`],
    ],
    'right',
  );
  return head + body;
}
