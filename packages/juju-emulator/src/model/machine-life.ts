import type { MachineEntity } from './machine';
import { ModelError } from './model-error';
import { statusOf } from './status';
import { dropStorageOfMachine } from './storage-life';
import type { World } from './world';

/** What a machine runs when nobody says. */
export const defaultBase = 'ubuntu@24.04';

/** A new machine entity; its container is made by the controller. */
export function addMachine(world: World, now: string, base = defaultBase): MachineEntity {
  const id = String(world.nextMachine);
  world.nextMachine += 1;
  const machine: MachineEntity = {
    id,
    life: 'alive',
    base,
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

/** Units on a machine, subordinates among them, by name. */
export const unitsOn = (world: World, id: string): string[] =>
  Object.values(world.units)
    .filter((unit) => unit.machine === id)
    .map((unit) => unit.name)
    .sort();

/** The machine, or Juju's words for its absence. */
export function machineOf(world: World, id: string): MachineEntity {
  const machine = world.machines[id];
  if (machine === undefined) throw new ModelError('not-found', 'find machine', `machine ${id} not found`);
  return machine;
}

/** `juju remove-machine`: one with units is removed by force only, with `unitDead` for each of them before. */
export function removeMachine(world: World, id: string): void {
  machineOf(world, id);
  const units = unitsOn(world, id);
  if (units.length > 0)
    throw new ModelError('refused', 'remove machine', `machine ${id} has unit "${units.join(',')}" assigned`);
  dropStorageOfMachine(world, id);
  delete world.machines[id];
}
