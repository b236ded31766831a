import type { UnitName } from '../../src/domain/ids';
import { reaches } from '../../src/domain/simulate/cluster';
import { settleEtcd, startProcess } from '../../src/domain/simulate/process';
import type { SimulatedUnit, World } from '../../src/domain/simulate/world';

/** What befalls the machines and their etcd; no unit gets a hook for it. */
export class Machines {
  /** Units whose machines were away. */
  private readonly back = new Set<UnitName>();

  constructor(
    private readonly world: World,
    private readonly log: (line: string) => void,
  ) {}

  /** Its services start again, as far as they are enabled. */
  boot(unit: SimulatedUnit): void {
    this.log(`reboot ${unit.name}`);
    this.world.faults++;
    unit.process = null;
    if (unit.enabled) startProcess(this.world, unit);
    this.excuse(unit);
    settleEtcd(this.world);
  }

  kill(unit: SimulatedUnit): void {
    if (unit.process === null) return;
    this.log(`kill -9 etcd of ${unit.name}`);
    this.world.faults++;
    unit.process = null;
    startProcess(this.world, unit);
    this.excuse(unit);
    settleEtcd(this.world);
  }

  freezeOrThaw(unit: SimulatedUnit): void {
    if (unit.frozen) return this.thaw(unit);
    if (unit.process === null) return;
    this.log(`freeze etcd of ${unit.name}`);
    this.world.faults++;
    unit.frozen = true;
    unit.process.ready = false;
  }

  thaw(unit: SimulatedUnit): void {
    this.log(`thaw etcd of ${unit.name}`);
    this.world.faults++;
    unit.frozen = false;
    settleEtcd(this.world);
  }

  /** It is off, or stands still with all that runs on it: no hook runs, nobody gets an answer. */
  leave(unit: SimulatedUnit, how: 'off' | 'stands still'): void {
    this.log(`machine of ${unit.name} ${how}`);
    this.world.faults++;
    unit.machineUp = false;
    if (how === 'off') unit.process = null;
  }

  /** One that stood still goes on where it was, whatever the others did meanwhile. */
  comeBack(unit: SimulatedUnit): void {
    this.log(`machine of ${unit.name} comes back`);
    this.world.faults++;
    this.back.add(unit.name);
    unit.machineUp = true;
    unit.cutOff = false;
    if (unit.process !== null) unit.process.unaware = true;
    else if (unit.enabled) startProcess(this.world, unit);
    this.excuse(unit);
    settleEtcd(this.world);
  }

  /** Its machine reaches Juju and no other one, or does so again. */
  cut(unit: SimulatedUnit, cutOff: boolean): void {
    this.log(`${unit.name} is ${cutOff ? 'cut off from the others' : 'reached again'}`);
    this.world.faults++;
    unit.cutOff = cutOff;
    settleEtcd(this.world);
  }

  /** What was started by what was decided before the machine went, where nobody whom it asks knew better. */
  excuse(unit: SimulatedUnit): void {
    if (unit.process !== null && this.isUnaware(unit)) unit.process.unaware = true;
  }

  /** Whether its machine was away, and nobody that its start gate asks has newer data: else it must not start. */
  isUnaware(unit: SimulatedUnit): boolean {
    const own = unit.disk.data?.generation ?? 0;
    if (!this.back.has(unit.name)) return false;
    return !(unit.disk.gateSettings?.peers ?? []).some(({ unit: name }) => {
      const peer = this.world.units.get(name);
      if (peer === undefined || peer.responder === null) return false;
      return reaches(unit, peer) && (peer.disk.data?.generation ?? 0) > own;
    });
  }
}
