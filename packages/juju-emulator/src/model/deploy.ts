import { addUnits } from './add-units';
import type { Application } from './application';
import type { CharmSpec } from './charm';
import { coerceSettings } from './config';
import { defaultBase } from './machine-life';
import { ModelError } from './model-error';
import { addPeerRelations } from './relate';
import { checkResource, type AttachedResource } from './resource';
import type { StorageDirective } from './storage-directive';
import { planApplicationStorage } from './storage-plan';
import type { UploadedCharm, World } from './world';

/** Registers a charm under the next local revision. */
export function uploadCharm(world: World, spec: CharmSpec, path: string): UploadedCharm {
  const revision = world.charmRevisions[spec.name] ?? 0;
  world.charmRevisions[spec.name] = revision + 1;
  const url = `local:${spec.name}-${revision}`;
  const charm: UploadedCharm = { url, revision, path, spec };
  world.charms[url] = charm;
  return charm;
}

export interface DeployRequest {
  readonly application: string;
  readonly charmUrl: string;
  readonly units: number;
  readonly base: string;
  readonly channel: string;
  readonly trust: boolean;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly resources: Readonly<Record<string, AttachedResource>>;
  /** Machine ids for the first units. */
  readonly placement: readonly string[];
  readonly storage?: Readonly<Record<string, StorageDirective>>;
  /** Existing storage for the (only) unit. */
  readonly attachStorage?: readonly string[];
}

const applicationName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** Adds an application, its peer relations and its first units. Returns the names of the units. */
export function deploy(world: World, request: DeployRequest, now: string): string[] {
  const charm = world.charms[request.charmUrl];
  if (charm === undefined) throw new ModelError('not-found', 'deploy', `charm "${request.charmUrl}" not found`);
  if (!applicationName.test(request.application))
    throw new ModelError('not-valid', 'deploy', `invalid application name "${request.application}"`);
  if (world.applications[request.application] !== undefined)
    throw new ModelError('already-exists', 'deploy', `application "${request.application}" already exists`);
  for (const [name, { filename }] of Object.entries(request.resources)) checkResource(charm.spec, name, filename);
  if (charm.spec.subordinate && (request.units > 0 || request.placement.length > 0))
    throw new ModelError('not-valid', 'deploy', 'cannot use --num-units or --to with subordinate application');
  const application: Application = {
    name: request.application,
    charmUrl: charm.url,
    charmModifiedVersion: 0,
    forceCharm: false,
    base: request.base,
    channel: request.channel,
    life: 'alive',
    settings: coerceSettings(charm.spec, request.settings),
    trust: request.trust,
    exposed: false,
    resources: { ...request.resources },
    storage: planApplicationStorage(world, charm.spec, request.storage ?? {}),
    leader: null,
    status: null,
    workloadVersion: '',
    nextUnitNumber: world.unitNumbers[request.application] ?? 0,
    placement: [...request.placement],
  };
  world.applications[application.name] = application;
  addPeerRelations(world, application.name, now);
  return addUnits(world, application.name, request.units, now, [], request.attachStorage);
}

/** The base that a charm gets when nobody says: the usual one, unless it runs only on others. */
export const defaultBaseOf = ({ bases }: CharmSpec): string =>
  bases.includes(defaultBase) ? defaultBase : (bases[0] ?? defaultBase);
