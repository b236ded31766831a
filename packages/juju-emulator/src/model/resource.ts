import { uuidFrom } from '../format/uuid';
import type { CharmSpec, ResourceSpec } from './charm';
import { ModelError } from './model-error';
import type { World } from './world';
import { applicationOf, charmOf, unitsOf } from './world';

/** A resource that was uploaded; `path` is the controller's copy. */
export interface AttachedResource {
  readonly path: string;
  /** Its name where it came from. */
  readonly filename: string;
  readonly size: number;
  /** Counts the uploads for this application, from 1. */
  readonly revision: number;
  readonly uploaded: string;
  /** SHA-384 of the content, hexadecimal. */
  readonly fingerprint: string;
}

/** The last extension of a file name with its dot, as Go's path.Ext gives it. */
function extension(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const dot = last.lastIndexOf('.');
  return dot < 0 ? '' : last.slice(dot);
}

/** The charm declares the resource, and the file has the extension of the file name there. @throws ModelError in Juju's words. */
export function checkResource(charm: CharmSpec, name: string, filename: string): void {
  const spec = charm.resources[name];
  if (spec === undefined) throw new ModelError('not-valid', 'upload resource', `unrecognized resource "${name}"`);
  const wanted = extension(spec.filename);
  if (extension(filename) !== wanted)
    throw new ModelError(
      'not-valid',
      'upload resource',
      `incorrect extension on resource upload "${filename}", expected "${wanted}"`,
    );
}

/** Gives an application a resource; its agents then upgrade (charm-modified version). */
export function attachResource(
  world: World,
  name: string,
  resource: string,
  attached: Omit<AttachedResource, 'revision'>,
): void {
  const application = applicationOf(world, name);
  const { spec } = charmOf(world, name);
  if (spec.resources[resource] === undefined)
    throw new ModelError('not-found', 'attach resource', `resource "${resource}" not found`);
  checkResource(spec, resource, attached.filename);
  const revision = (application.resources[resource]?.revision ?? 0) + 1;
  application.resources[resource] = { ...attached, revision };
  application.charmModifiedVersion += 1;
}

/** The unit has fetched what its application has now. */
export function resourceFetched(world: World, unit: string, name: string, attached: AttachedResource): void {
  if (world.units[unit] !== undefined) (world.unitResources[unit] ??= {})[name] = attached;
}

/** A resource as the controller answers it (Juju's core/resource.Resource, its Go field names). */
export interface ResourceDetails {
  readonly Name: string;
  /** 1 file, 2 OCI image. */
  readonly Type: number;
  readonly Path: string;
  readonly Description: string;
  /** 1 uploaded, 2 from the store. */
  readonly Origin: number;
  /** -1: has none, as uploads. */
  readonly Revision: number;
  readonly Fingerprint: string | Readonly<Record<string, never>>;
  readonly Size: number;
  readonly ID: string;
  readonly ApplicationName: string;
  readonly RetrievedBy: string;
  readonly Timestamp: string;
}

/** What a charm's resources are at their source. */
export type RepositoryResource = Omit<ResourceDetails, 'ID' | 'ApplicationName' | 'RetrievedBy' | 'Timestamp'>;

/** Resources of an application, of its charm at its source, and as its units have them. */
export interface ApplicationResources {
  readonly Resources: readonly ResourceDetails[];
  readonly RepositoryResources: readonly RepositoryResource[];
  readonly UnitResources: readonly { readonly Name: string; readonly Resources: readonly ResourceDetails[] }[];
}

/** Go's zero time: never. */
const never = '0001-01-01T00:00:00Z';

function declared(name: string, spec: ResourceSpec): RepositoryResource {
  return {
    Name: name,
    Type: spec.type === 'oci-image' ? 2 : 1,
    Path: spec.filename,
    Description: spec.description,
    Origin: 1,
    Revision: -1,
    Fingerprint: '',
    Size: 0,
  };
}

/** The answer to `juju resources APPLICATION`. */
export function applicationResources(world: World, name: string): ApplicationResources {
  const application = applicationOf(world, name);
  const specs = Object.entries(charmOf(world, name).spec.resources).sort(([a], [b]) => (a < b ? -1 : 1));
  const details = (resource: string, spec: ResourceSpec, has: AttachedResource | undefined): ResourceDetails => ({
    ...declared(resource, spec),
    Fingerprint: has?.fingerprint ?? '',
    Size: has?.size ?? 0,
    ID: uuidFrom(`${world.modelUuid} resource ${name} ${resource} ${has?.revision ?? 0}`),
    ApplicationName: name,
    RetrievedBy: has === undefined ? '' : 'admin',
    Timestamp: has?.uploaded ?? never,
  });
  return {
    Resources: specs.map(([resource, spec]) => details(resource, spec, application.resources[resource])),
    RepositoryResources: specs.map(([resource, spec]) => declared(resource, spec)),
    UnitResources: unitsOf(world, name).map((unit) => ({
      Name: unit.name,
      Resources: specs.flatMap(([resource, spec]) => {
        const has = world.unitResources[unit.name]?.[resource];
        return has === undefined ? [] : [details(resource, spec, has)];
      }),
    })),
  };
}
