import type { ApplicationStatus, FullStatus, UnitStatus } from '../../model';

/** `web*` as a test of a whole name. */
function glob(pattern: string): (name: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  const whole = new RegExp(`^${source}$`);
  return (name) => whole.test(name);
}

/** A unit is meant by its name, a status it shows, a port it has open, its address, or whether its application is exposed. */
function unitFits(filters: readonly string[], name: string, unit: UnitStatus, application: ApplicationStatus): boolean {
  return filters.some(
    (filter) =>
      glob(filter)(name) ||
      [unit['workload-status'].status, unit['agent-status'].status, unit['public-address']].includes(filter) ||
      (unit['opened-ports'] ?? []).some((port) => port === filter || port.split('/')[0] === filter) ||
      (filter === 'exposed' && application.exposed),
  );
}

/** Keeps what the operator named: applications, units, machines, statuses, ports; no filter keeps all. As Juju's selectors. */
export function filterStatus(status: FullStatus, filters: readonly string[]): FullStatus {
  if (filters.length === 0) return status;
  const isNamed = (name: string): boolean => filters.some((filter) => glob(filter)(name));
  const applications: Record<string, ApplicationStatus> = {};
  for (const [name, application] of Object.entries(status.applications)) {
    const units = Object.fromEntries(
      Object.entries(application.units ?? {}).filter(
        ([unit, each]) =>
          isNamed(name) ||
          unitFits(filters, unit, each, application) ||
          Object.entries(each.subordinates ?? {}).some(
            ([other, sub]) => isNamed(other.split('/')[0] ?? '') || unitFits(filters, other, sub, application),
          ),
      ),
    );
    if (isNamed(name) || Object.keys(units).length > 0) applications[name] = { ...application, units };
  }
  const machines = new Set(
    Object.values(applications).flatMap(({ units }) => Object.values(units ?? {}).map((unit) => unit.machine)),
  );
  return {
    ...status,
    applications,
    machines: Object.fromEntries(
      Object.entries(status.machines).filter(([id]) => machines.has(id) || filters.includes(id)),
    ),
    relations: (status.relations ?? []).filter((relation) =>
      relation.endpoints.some((side) => applications[side.application] !== undefined),
    ),
  };
}

/** True when nothing is left of a status. */
export const isEmptyStatus = (status: FullStatus): boolean =>
  Object.keys(status.machines).length === 0 && Object.keys(status.applications).length === 0;
