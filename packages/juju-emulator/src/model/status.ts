/** One status value of a unit, application, agent or machine. `since` is ISO 8601 UTC. */
export interface StatusInfo {
  readonly status: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly since: string;
}

/** A status value of now. */
export const statusOf = (
  status: string,
  message: string,
  since: string,
  data: Record<string, unknown> = {},
): StatusInfo => ({
  status,
  message,
  data,
  since,
});

/** Juju's severity of workload statuses, worst first: the application shows the worst of its units. */
const severity = ['error', 'blocked', 'waiting', 'maintenance', 'active', 'terminated', 'unknown'];

/** The status an application shows when its charm never set one: the worst of its units (`unknown` without units). */
export function worstStatus(statuses: readonly StatusInfo[], since: string): StatusInfo {
  let worst: StatusInfo | undefined;
  for (const each of statuses)
    if (worst === undefined || severity.indexOf(each.status) < severity.indexOf(worst.status)) worst = each;
  return worst ?? statusOf('unknown', '', since);
}
