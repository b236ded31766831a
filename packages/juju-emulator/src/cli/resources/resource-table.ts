import type { ApplicationResources } from '../../model';
import { layoutTable } from '../status/table';
import { combinedOrigin, combinedRevision, unitResources, updatesOf } from './resource-document';

const byName = <T extends { readonly Name: string }>(resources: readonly T[]): T[] =>
  [...resources].sort((a, b) => (a.Name < b.Name ? -1 : 1));

function updatesTable(answer: ApplicationResources): string {
  const updates = byName(updatesOf(answer));
  if (updates.length === 0) return '';
  const rows = updates.map(({ Name, Revision }) => [Name, String(Revision)]);
  return `\n[Updates Available]\n${layoutTable([['Resource', 'Revision'], ...rows])}`;
}

/** `juju resources APPLICATION`. */
export function applicationTable(answer: ApplicationResources): string {
  const rows = byName(answer.Resources).map((resource) => [
    resource.Name,
    combinedOrigin(resource),
    combinedRevision(resource),
  ]);
  return layoutTable([['Resource', 'Supplied by', 'Revision'], ...rows]) + updatesTable(answer);
}

/** `juju resources APPLICATION --details`. */
export function detailsTable(answer: ApplicationResources): string {
  const rows = unitResources(answer).map(({ unit, has, expected }) => [
    unit,
    expected.Name,
    combinedRevision(has),
    combinedRevision(expected),
  ]);
  return layoutTable([['Unit', 'Resource', 'Revision', 'Expected'], ...rows]) + updatesTable(answer);
}

/** `juju resources UNIT`, with or without --details. */
export function unitTable(answer: ApplicationResources, unit: string, details: boolean): string {
  const rows = unitResources(answer, unit).map(({ has, expected }) => [
    expected.Name,
    combinedRevision(has),
    ...(details ? [combinedRevision(expected)] : []),
  ]);
  return layoutTable([['Resource', 'Revision', ...(details ? ['Expected'] : [])], ...rows]);
}
