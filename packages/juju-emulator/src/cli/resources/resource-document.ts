import { Timestamp } from '../../format/go-value';
import type { ApplicationResources, RepositoryResource, ResourceDetails } from '../../model';

type Document = Record<string, unknown>;

const types = ['', 'file', 'oci-image'];
const origins = ['', 'upload', 'store'];
const isUsed = (resource: ResourceDetails | undefined): resource is ResourceDetails =>
  resource !== undefined && !resource.Timestamp.startsWith('0001-');

const fingerprint = ({ Fingerprint }: RepositoryResource): string =>
  typeof Fingerprint === 'string' ? Fingerprint : '';

/** What tables and `combinedrevision` show: the number in the store, or when it was uploaded. */
export function combinedRevision(resource: ResourceDetails | undefined): string {
  if (resource === undefined) return '-';
  if (resource.Origin === 2) return resource.Revision >= 0 ? String(resource.Revision) : '-';
  return isUsed(resource) ? resource.Timestamp.slice(0, 16) : '-';
}

/** Who supplied it. */
export function combinedOrigin(resource: ResourceDetails): string {
  if (resource.Origin === 1 && isUsed(resource) && resource.RetrievedBy !== '') return resource.RetrievedBy;
  return origins[resource.Origin] ?? '';
}

const text = (key: string, value: string): Document => (value === '' ? {} : { [key]: value });

/** One resource of an application or a unit: keys in Juju's order. A unit that has not fetched one has an empty one. */
export function resourceDocument(resource: ResourceDetails | undefined): Document {
  if (resource === undefined) return { name: '', type: '', path: '', revision: '0', used: false, ...emptyEnd };
  return {
    ...text('resourceid', resource.ID),
    ...text('applicationId', resource.ApplicationName),
    name: resource.Name,
    type: types[resource.Type] ?? '',
    path: resource.Path,
    ...text('description', resource.Description),
    revision: resource.Revision >= 0 ? String(resource.Revision) : '-',
    fingerprint: fingerprint(resource),
    size: resource.Size,
    origin: origins[resource.Origin] ?? '',
    used: isUsed(resource),
    ...(isUsed(resource) ? { timestamp: new Timestamp(resource.Timestamp) } : {}),
    ...text('username', resource.RetrievedBy),
    combinedrevision: combinedRevision(resource),
    usedyesno: isUsed(resource) ? 'yes' : 'no',
    combinedorigin: combinedOrigin(resource),
  };
}

const emptyEnd = { combinedrevision: '-', usedyesno: 'no', combinedorigin: '' };

const repositoryDocument = (resource: RepositoryResource): Document => ({
  name: resource.Name,
  type: types[resource.Type] ?? '',
  path: resource.Path,
  ...text('description', resource.Description),
  revision: resource.Revision,
  fingerprint: fingerprint(resource),
  size: resource.Size,
  origin: origins[resource.Origin] ?? '',
});

/** Resources of which the store has a newer revision than the application. */
export function updatesOf({ Resources, RepositoryResources }: ApplicationResources): RepositoryResource[] {
  return RepositoryResources.filter((offered) => {
    const has = Resources.find(({ Name }) => Name === offered.Name);
    return has?.Origin === 2 && offered.Origin === 2 && offered.Revision !== has.Revision;
  });
}

const withUpdates = (resources: readonly Document[], answer: ApplicationResources): Document => {
  const updates = updatesOf(answer).map(repositoryDocument);
  return {
    ...(resources.length === 0 ? {} : { resources }),
    ...(updates.length === 0 ? {} : { updates }),
  };
};

/** `juju resources APPLICATION`. */
export const applicationDocument = (answer: ApplicationResources): Document =>
  withUpdates(answer.Resources.map(resourceDocument), answer);

/** One resource of one unit, beside what its application has. */
export interface UnitResource {
  readonly unit: string;
  readonly has: ResourceDetails | undefined;
  readonly expected: ResourceDetails;
}

/** Every resource on every unit, or on one. */
export function unitResources(answer: ApplicationResources, unit?: string): UnitResource[] {
  const number = (name: string): number => Number(name.slice(name.lastIndexOf('/') + 1));
  return [...answer.UnitResources]
    .filter(({ Name }) => unit === undefined || Name === unit)
    .sort((a, b) => number(a.Name) - number(b.Name))
    .flatMap(({ Name, Resources }) =>
      answer.Resources.map((expected) => ({
        unit: Name,
        has: Resources.find((resource) => resource.Name === expected.Name),
        expected,
      })),
    );
}

const detailDocument = ({ unit, has, expected }: UnitResource): Document => ({
  unitID: unit,
  unit: resourceDocument(has),
  expected: resourceDocument(expected),
  revProgress: combinedRevision(expected),
});

/** `juju resources APPLICATION --details`. */
export const detailsDocument = (answer: ApplicationResources): Document =>
  withUpdates(unitResources(answer).map(detailDocument), answer);

/** `juju resources UNIT`, with or without --details. */
export const unitDocument = (answer: ApplicationResources, unit: string, details: boolean): Document[] =>
  unitResources(answer, unit).map((each) =>
    details ? detailDocument(each) : resourceDocument(each.has ?? each.expected),
  );
