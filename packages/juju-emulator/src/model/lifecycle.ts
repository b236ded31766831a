import type { Application, AttachedResource, ConfigValue } from './application';
import { bagLimit, bagSize, withoutEmpty } from './bag';
import type { CharmSpec } from './charm';
import { coerceSettings } from './config';
import type { MachineEntity } from './machine';
import { ModelError } from './model-error';
import { isPeer, otherSide, sideOf } from './relation';
import { addPeerRelations, removeRelationIfEmpty, setRelationDying } from './relate';
import { statusOf } from './status';
import type { Unit } from './unit';
import type { UploadedCharm, World } from './world';
import { applicationOf, charmOf, relationsOf, unitOf, unitsOf } from './world';

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

/** A new machine entity; its container is made by the controller. */
export function addMachine(world: World, now: string): MachineEntity {
  const id = String(world.nextMachine);
  world.nextMachine += 1;
  const machine: MachineEntity = {
    id,
    life: 'alive',
    agentStatus: statusOf('pending', '', now),
    instanceStatus: statusOf('pending', '', now),
    hostname: '',
    address: '',
    cidr: '',
    macAddress: '',
    interfaceName: '',
  };
  world.machines[id] = machine;
  return machine;
}

/** What the machine host says of a machine that has booted. */
export function machineStarted(
  world: World,
  id: string,
  facts: Pick<MachineEntity, 'hostname' | 'address' | 'cidr' | 'macAddress' | 'interfaceName'>,
  now: string,
): void {
  const machine = world.machines[id];
  if (machine === undefined) return;
  Object.assign(machine, facts);
  machine.agentStatus = statusOf('started', '', now);
  machine.instanceStatus = statusOf('running', 'Running', now);
  for (const unit of Object.values(world.units)) if (unit.machine === id) unit.addressesHash = facts.address;
}

/** The machine does not answer: its agents are lost until it is back. */
export function machineDown(world: World, id: string, now: string): void {
  const machine = world.machines[id];
  if (machine !== undefined) machine.agentStatus = statusOf('down', 'agent is not communicating with the server', now);
}

/** Marks a unit as going; its agent does the rest. Units that never installed are gone when their agent says so. */
export function removeUnit(world: World, name: string): void {
  const unit = unitOf(world, name);
  if (unit.life === 'alive') unit.life = 'dying';
}

/** Marks an application, its units and its relations as going. With no units it is gone at once. */
export function removeApplication(world: World, name: string): void {
  const application = applicationOf(world, name);
  if (application.life === 'alive') application.life = 'dying';
  for (const unit of unitsOf(world, name)) removeUnit(world, unit.name);
  for (const relation of relationsOf(world, name)) if (!isPeer(relation)) setRelationDying(world, relation);
  removeApplicationIfEmpty(world, name);
}

/** The unit's agent has finished (or the operator forced it): it leaves every scope and is gone. */
export function unitDead(world: World, name: string): void {
  const unit = world.units[name];
  if (unit === undefined) return;
  delete world.units[name];
  for (const relation of relationsOf(world, unit.application)) {
    relation.inScope = relation.inScope.filter((member) => member !== name);
    removeRelationIfEmpty(world, relation);
  }
  const application = world.applications[unit.application];
  if (application?.leader === name) application.leader = null;
  removeApplicationIfEmpty(world, unit.application);
  // A machine that loses its last unit is removed as well.
  if (!Object.values(world.units).some((other) => other.machine === unit.machine)) delete world.machines[unit.machine];
}

function removeApplicationIfEmpty(world: World, name: string): void {
  const application = world.applications[name];
  if (application === undefined || application.life === 'alive' || unitsOf(world, name).length > 0) return;
  for (const relation of relationsOf(world, name)) {
    relation.inScope = relation.inScope.filter((member) => world.units[member] !== undefined);
    if (isPeer(relation)) delete world.relations[String(relation.id)];
    else removeRelationIfEmpty(world, relation);
  }
  if (relationsOf(world, name).length === 0) delete world.applications[name];
}

/** Tries again to drop applications that only waited for a relation to go. */
export function sweepDyingApplications(world: World): void {
  for (const name of Object.keys(world.applications)) removeApplicationIfEmpty(world, name);
}

/** A unit's agent enters the scope of a relation; its bag is pre-filled as Juju 4 does. */
export function enterScope(world: World, relationId: number, unit: string): void {
  const relation = world.relations[String(relationId)];
  const entity = unitOf(world, unit);
  if (relation === undefined || relation.life !== 'alive' || relation.inScope.includes(unit)) return;
  const machine = world.machines[entity.machine];
  const address = machine?.address ?? '';
  relation.inScope.push(unit);
  // A bag of an earlier stay in the scope is not taken up again.
  relation.unitBags[unit] = withoutEmpty({
    'ingress-address': address,
    'egress-subnets': address === '' ? '' : `${address}/32`,
  });
}

/** A unit leaves the scope (its broken hook is committed); its bag stays readable. */
export function leaveScope(world: World, relationId: number, unit: string): void {
  const relation = world.relations[String(relationId)];
  if (relation === undefined) return;
  relation.inScope = relation.inScope.filter((member) => member !== unit);
  removeRelationIfEmpty(world, relation);
  sweepDyingApplications(world);
}

/** Changes options of an application; `reset` names go back to the charm's defaults. */
export function setConfig(
  world: World,
  name: string,
  values: Readonly<Record<string, ConfigValue>>,
  reset: readonly string[] = [],
): void {
  const application = applicationOf(world, name);
  const spec = charmOf(world, name).spec;
  for (const option of reset)
    if (spec.options[option] === undefined)
      throw new ModelError('not-valid', 'set config', `invalid application config: unknown option "${option}"`);
  const { trust, ...rest } = values;
  const settings = { ...application.settings, ...coerceSettings(spec, rest) };
  for (const option of reset) delete settings[option];
  application.settings = settings;
  if (trust !== undefined) application.trust = String(trust) === 'true';
}

/** Gives an application a resource; its agents then upgrade (charm-modified version). */
export function attachResource(
  world: World,
  name: string,
  resource: string,
  attached: Omit<AttachedResource, 'revision'>,
): void {
  const application = applicationOf(world, name);
  if (charmOf(world, name).spec.resources[resource] === undefined)
    throw new ModelError('not-found', 'attach resource', `resource "${resource}" not found`);
  const revision = (application.resources[resource]?.revision ?? 0) + 1;
  application.resources[resource] = { ...attached, revision };
  application.charmModifiedVersion += 1;
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

/** Checks sizes and endpoints, then writes one unit's own bag in a relation: the whole new content. */
export function writeUnitBag(
  world: World,
  relationId: number,
  unit: string,
  settings: Readonly<Record<string, string>>,
): void {
  const relation = world.relations[String(relationId)];
  if (relation === undefined) return; // gone meanwhile: Juju drops the write too
  const bag = withoutEmpty(settings);
  if (bagSize(bag) > bagLimit)
    throw new ModelError('quota', 'commit hook changes', 'quota limit exceeded: max allowed size');
  relation.unitBags[unit] = bag;
}

/** Writes the application's bag of a relation: the whole new content. The caller has checked leadership. */
export function writeApplicationBag(
  world: World,
  relationId: number,
  application: string,
  settings: Readonly<Record<string, string>>,
): void {
  const relation = world.relations[String(relationId)];
  if (relation === undefined || sideOf(relation, application) === undefined) return;
  const bag = withoutEmpty(settings);
  if (bagSize(bag) > bagLimit)
    throw new ModelError('quota', 'commit hook changes', 'quota limit exceeded: max allowed size');
  relation.appBags[application] = bag;
}

/** Units of the other side (peers: the own side without oneself) that are in scope, sorted by name. */
export function remoteMembers(world: World, relationId: number, unit: Unit): string[] {
  const relation = world.relations[String(relationId)];
  if (relation === undefined) return [];
  const remote = otherSide(relation, unit.application)?.application;
  return relation.inScope
    .filter((member) => member !== unit.name && member.slice(0, member.lastIndexOf('/')) === remote)
    .sort();
}
