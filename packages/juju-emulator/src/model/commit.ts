import type { Bag } from './bag';
import { writeApplicationBag, writeUnitBag } from './relation-bags';
import { isLeader } from './leadership';
import { ModelError } from './model-error';
import type { PortRange } from './port-range';
import { portRangesOverlap, samePortRange } from './port-range';
import { checkSecretCommit, commitSecrets, needsLeadership, type SecretCommit } from './secret-commit';
import { commitStorage } from './storage-commit';
import type { World } from './world';
import { charmOf, unitOf, unitUuid } from './world';

/** What a hook asks to be committed: all of it or nothing. */
export interface Commit {
  readonly updateNetworkInfo: boolean;
  readonly relations: readonly { readonly relationId: number; readonly unitBag?: Bag; readonly applicationBag?: Bag }[];
  readonly charmState?: Readonly<Record<string, string>>;
  readonly openPorts: readonly { readonly endpoint: string; readonly range: PortRange }[];
  readonly closePorts: readonly { readonly endpoint: string; readonly range: PortRange }[];
  readonly secrets?: SecretCommit;
  readonly addStorage?: readonly { readonly name: string; readonly count: number }[];
}

/**
 * Applies a hook's changes, in Juju's order. Throws before anything stays changed; the store works on a copy. What only a
 * leader may commit is checked first, and then every refusal is worded as the leadership check's.
 */
export function commitHook(world: World, unitName: string, commit: Commit, now: string): void {
  if (commit.secrets !== undefined) checkSecretCommit(world, unitName, commit.secrets);
  const leaderOnly =
    commit.relations.some((change) => change.applicationBag !== undefined) ||
    (commit.secrets !== undefined && needsLeadership(world, commit.secrets));
  if (!leaderOnly) {
    applyCommit(world, unitName, commit, now);
    return;
  }
  const prefix = 'executing leadership func: ';
  if (!isLeader(world, unitName))
    throw new ModelError('not-leader', 'commit hook changes', 'checking lease token: lease not held');
  try {
    applyCommit(world, unitName, commit, now);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(error.code, error.operation, `${prefix}${error.message}`);
  }
}

function applyCommit(world: World, unitName: string, commit: Commit, now: string): void {
  const unit = unitOf(world, unitName);
  if (commit.updateNetworkInfo) refreshAddresses(world, unitName);
  for (const change of commit.relations) {
    if (change.unitBag !== undefined) writeUnitBag(world, change.relationId, unitName, change.unitBag);
    if (change.applicationBag !== undefined)
      writeApplicationBag(world, change.relationId, unit.application, change.applicationBag);
  }
  for (const { endpoint, range } of commit.closePorts) closePort(world, unitName, endpoint, range);
  for (const { endpoint, range } of commit.openPorts) openPort(world, unitName, endpoint, range);
  if (commit.charmState !== undefined) unit.charmState = { ...commit.charmState };
  if (commit.secrets !== undefined) commitSecrets(world, unitName, commit.secrets, now);
  commitStorage(world, unitName, commit.addStorage ?? [], now);
}

function checkEndpoint(world: World, unitName: string, endpoint: string): void {
  const spec = charmOf(world, unitOf(world, unitName).application).spec;
  if (endpoint === '' || spec.endpoints[endpoint] !== undefined || spec.extraBindings.includes(endpoint)) return;
  const uuid = unitUuid(world, unitName);
  throw new ModelError(
    'not-valid',
    'commit hook changes',
    `update ports: looking up relation endpoint uuids for unit "${uuid}": invalid endpoint(s); [${endpoint}] does exist on unit ${uuid}`,
  );
}

function openPort(world: World, unitName: string, endpoint: string, range: PortRange): void {
  checkEndpoint(world, unitName, endpoint);
  const unit = unitOf(world, unitName);
  for (const other of Object.values(world.units))
    if (other.machine === unit.machine && other.name !== unitName)
      for (const taken of Object.values(other.openPorts).flat())
        if (portRangesOverlap(taken, range))
          throw new ModelError(
            'refused',
            'commit hook changes',
            `update ports: port ranges of "${other.name}" conflict on the machine`,
          );
  // Opening for all endpoints swallows the same range of single endpoints.
  if (endpoint === '')
    for (const [name, ranges] of Object.entries(unit.openPorts))
      unit.openPorts[name] = ranges.filter((open) => !samePortRange(open, range));
  else if ((unit.openPorts[''] ?? []).some((open) => samePortRange(open, range))) return;
  const ranges = (unit.openPorts[endpoint] ??= []);
  if (!ranges.some((open) => samePortRange(open, range))) ranges.push(range);
  dropEmpty(unit.openPorts);
}

function closePort(world: World, unitName: string, endpoint: string, range: PortRange): void {
  checkEndpoint(world, unitName, endpoint);
  const unit = unitOf(world, unitName);
  for (const [name, ranges] of Object.entries(unit.openPorts))
    if (endpoint === '' || endpoint === name)
      unit.openPorts[name] = ranges.filter((open) => !samePortRange(open, range));
  dropEmpty(unit.openPorts);
}

function dropEmpty(ports: Record<string, PortRange[]>): void {
  for (const [endpoint, ranges] of Object.entries(ports)) if (ranges.length === 0) delete ports[endpoint];
}

function refreshAddresses(world: World, unitName: string): void {
  const unit = unitOf(world, unitName);
  const address = world.machines[unit.machine]?.address;
  if (address === undefined || address === '') return;
  for (const relation of Object.values(world.relations)) {
    const bag = relation.unitBags[unitName];
    if (bag === undefined || !relation.inScope.includes(unitName)) continue;
    relation.unitBags[unitName] = { ...bag, 'ingress-address': address, 'egress-subnets': `${address}/32` };
  }
}
