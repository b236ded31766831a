import type { Application, AttachedResource } from './application';
import type { CharmSpec } from './charm';
import { coerceSettings } from './config';
import { addMachine } from './machine-life';
import { ModelError } from './model-error';
import { addPeerRelations } from './relate';
import { statusOf } from './status';
import type { Unit } from './unit';
import type { UploadedCharm, World } from './world';
import { applicationOf, charmOf } from './world';

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
  for (const resource of Object.keys(request.resources))
    if (charm.spec.resources[resource] === undefined)
      throw new ModelError('not-valid', 'deploy', `unrecognized resource "${resource}"`);
  const application: Application = {
    name: request.application,
    charmUrl: charm.url,
    charmModifiedVersion: 0,
    base: request.base,
    channel: request.channel,
    life: 'alive',
    settings: coerceSettings(charm.spec, request.settings),
    trust: request.trust,
    exposed: false,
    resources: { ...request.resources },
    leader: null,
    status: null,
    workloadVersion: '',
    nextUnitNumber: world.unitNumbers[request.application] ?? 0,
    placement: [...request.placement],
  };
  world.applications[application.name] = application;
  addPeerRelations(world, application.name, now);
  return addUnits(world, application.name, request.units, now);
}

/** Adds units, each on its own new machine unless a placement names one. Returns their names. */
export function addUnits(
  world: World,
  applicationName: string,
  count: number,
  now: string,
  placement: readonly string[] = [],
): string[] {
  const application = applicationOf(world, applicationName);
  if (application.life !== 'alive')
    throw new ModelError(
      'refused',
      'add unit',
      `cannot add unit to application "${applicationName}": application is not alive`,
    );
  application.placement.push(...placement);
  const names: string[] = [];
  for (let each = 0; each < count; each += 1) {
    const name = `${applicationName}/${application.nextUnitNumber}`;
    application.nextUnitNumber += 1;
    world.unitNumbers[applicationName] = application.nextUnitNumber;
    const wanted = application.placement.shift();
    const machine = wanted === undefined ? addMachine(world, now).id : placeOn(world, wanted, now);
    const unit: Unit = {
      name,
      application: applicationName,
      machine,
      life: 'alive',
      workloadStatus: statusOf('waiting', 'waiting for machine', now),
      agentStatus: statusOf('allocating', '', now),
      workloadVersion: '',
      charmState: {},
      openPorts: {},
      resolved: 'none',
      charmUrl: '',
      addressesHash: '',
    };
    world.units[name] = unit;
    // The first unit's agent claims the lease as soon as it starts.
    application.leader ??= name;
    names.push(name);
  }
  return names;
}

function placeOn(world: World, wanted: string, now: string): string {
  if (wanted === 'new') return addMachine(world, now).id;
  if (world.machines[wanted] === undefined)
    throw new ModelError('not-found', 'add unit', `machine ${wanted} not found`);
  return wanted;
}

/** Switches an application to another uploaded charm. */
export function refresh(world: World, name: string, charmUrl: string, now: string): void {
  const application = applicationOf(world, name);
  const charm = world.charms[charmUrl];
  if (charm === undefined) throw new ModelError('not-found', 'refresh', `charm "${charmUrl}" not found`);
  if (charm.spec.name !== charmOf(world, name).spec.name)
    throw new ModelError('not-valid', 'refresh', `cannot refresh "${name}" to charm "${charm.spec.name}"`);
  application.charmUrl = charmUrl;
  application.charmModifiedVersion += 1;
  application.settings = Object.fromEntries(
    Object.entries(application.settings).filter(([option]) => charm.spec.options[option] !== undefined),
  );
  addPeerRelations(world, name, now);
}
