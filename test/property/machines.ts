import { settleEtcd, startProcess } from '../../src/domain/simulate/process';
import type { SimulatedUnit, World } from '../../src/domain/simulate/world';

/** What befalls the machines and their etcd; no unit gets a hook for it. */
export class Machines {
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
    settleEtcd(this.world);
  }

  kill(unit: SimulatedUnit): void {
    if (unit.process === null) return;
    this.log(`kill -9 etcd of ${unit.name}`);
    this.world.faults++;
    unit.process = null;
    startProcess(this.world, unit);
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
}
