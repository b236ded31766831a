import { addMachine } from './machine-life';
import { ModelError } from './model-error';
import { statusOf } from './status';
import type { Unit } from './unit';
import { giveStorage } from './unit-storage';
import type { World } from './world';
import { applicationOf, charmOf } from './world';

/** Adds units, each on its own new machine unless a placement names one. Returns their names. */
export function addUnits(
  world: World,
  applicationName: string,
  count: number,
  now: string,
  placement: readonly string[] = [],
  attachStorage: readonly string[] = [],
): string[] {
  const application = applicationOf(world, applicationName);
  if (application.life !== 'alive')
    throw new ModelError(
      'refused',
      'add unit',
      `cannot add unit to application "${applicationName}": application is not alive`,
    );
  if (charmOf(world, applicationName).spec.subordinate && count > 0)
    throw new ModelError(
      'refused',
      'add unit',
      `adding ${count} units to application "${applicationName}": application is a subordinate`,
    );
  application.placement.push(...placement);
  const names: string[] = [];
  for (let each = 0; each < count; each += 1) {
    const wanted = application.placement.shift();
    const machine =
      wanted === undefined
        ? addMachine(world, now, application.base).id
        : placeOn(world, applicationName, count, wanted, now);
    names.push(newUnit(world, applicationName, machine, '', now, attachStorage).name);
  }
  return names;
}

/** A unit on a machine; `principal` is the unit beside which a subordinate's one sits. */
export function newUnit(
  world: World,
  applicationName: string,
  machine: string,
  principal: string,
  now: string,
  attachStorage: readonly string[] = [],
): Unit {
  const application = applicationOf(world, applicationName);
  const name = `${applicationName}/${application.nextUnitNumber}`;
  application.nextUnitNumber += 1;
  world.unitNumbers[applicationName] = application.nextUnitNumber;
  const unit: Unit = {
    name,
    application: applicationName,
    machine,
    principal,
    life: 'alive',
    workloadStatus: statusOf('waiting', 'waiting for machine', now),
    agentStatus: statusOf('allocating', '', now),
    workloadVersion: '',
    charmState: {},
    openPorts: {},
    resolved: 'none',
    charmUrl: '',
    addressesHash: world.machines[machine]?.address ?? '',
  };
  world.units[name] = unit;
  giveStorage(world, unit, attachStorage, now);
  // The first unit's agent claims the lease as soon as it starts.
  application.leader ??= name;
  return unit;
}

/** The unit's agent starts on its machine for the first time: what it waits for is no longer the machine. */
export function agentStarts(world: World, name: string, now: string): void {
  const unit = world.units[name];
  if (unit?.workloadStatus.message === 'waiting for machine')
    unit.workloadStatus = statusOf('waiting', 'agent initialising', now);
}

function placeOn(world: World, application: string, count: number, wanted: string, now: string): string {
  if (wanted === 'new') return addMachine(world, now, applicationOf(world, application).base).id;
  const machine = world.machines[wanted];
  if (machine === undefined)
    throw new ModelError(
      'not-found',
      'add unit',
      `adding ${count} units to application "${application}": making unit args: getting machine "${wanted}" for unit placement directive: machine with name "${wanted}" does not exist`,
    );
  if (machine.life !== 'alive')
    throw new ModelError(
      'refused',
      'add unit',
      `adding ${count} units to application "${application}": machine "${wanted}" is not alive`,
    );
  return wanted;
}
