import type { MachineEntity } from './machine';
import { statusOf } from './status';
import type { World } from './world';

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
