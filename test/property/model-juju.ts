import { hasBegun } from '../../src/domain/recreation';
import type { SimulatedUnit } from '../../src/domain/simulate/world';
import { chance, pick } from './draw';
import { plain } from './hook';
import { Juju } from './juju';
import { drawEvent, type Odds } from './odds';
import { isLost, stuckRestore, summary, withUndecidedData } from './outcome';
import { drawRequest, lastResort, needsRecovery, waitsForMachines } from './recover-rounds';
import { RuleBroken } from './rule-broken';
import { phaseNow } from './tally';
import { underWay } from './under-way';

/** How often time passes before an operator sees that it does not get better by itself. */
const operatorPatience = 15;

/** A Juju of the model: hooks in any order and interleaved step by step, with faults, until they stop; then only what is due. */
export class ModelJuju extends Juju {
  private retried = 0;

  // what an operator and the machines do

  private reboot(unit: SimulatedUnit): void {
    const running = this.running.get(unit.name);
    if (running !== undefined) this.fail(running);
    this.machines.boot(unit);
    this.enqueue(unit.name, plain('start'));
  }

  configure(): void {
    this.world.config = { ...this.world.config, heartbeat_interval: 50 + this.draw(100) };
    this.log(`config ${JSON.stringify(this.world.config)}`);
    for (const name of this.world.units.keys()) this.enqueue(name, plain('config-changed'));
  }

  /** Told to stand by for another cluster, or to be members. */
  chooseRole(standby: boolean): void {
    this.world.config = { ...this.world.config, etcd_proxy: standby ? '10.9.9.1,10.9.9.2' : '' };
    this.log(`role ${standby ? 'standby' : 'member'}`);
    for (const name of this.world.units.keys()) this.enqueue(name, plain('config-changed'));
  }

  /** On the leader, as long as there is one; not tried again when it fails, as no action is. */
  restore(): void {
    const { leader } = this.world;
    if (leader === null) return;
    this.log(`operator: restore on ${leader}`);
    this.enqueue(leader, plain('action'));
  }

  /** On the leader, like restore. Whoever asks twice gets it twice. */
  recover(request = drawRequest(this.draw, this.world)): void {
    const { leader } = this.world;
    if (leader === null) return;
    this.log(`operator: recover-quorum ${request.wanted} without ${request.failed.join()} on ${leader}`);
    this.enqueue(leader, { ...plain('action'), recovery: request });
  }

  /** A leaver whose cluster is stopped for good, and whose `stop` can read no bag: its line names the way out. */
  private resolveLeaver(): boolean {
    const active = underWay(this.world);
    if (active === null || !hasBegun(active)) return false;
    const leaver = [...this.world.units.values()].find(
      (unit) => unit.dying && !this.running.has(unit.name) && this.due.get(unit.name)?.[0]?.kind === 'stop',
    );
    if (leaver === undefined) return false;
    this.log(`operator: resolved --no-retry ${leaver.name}`);
    this.gone(leaver);
    return true;
  }

  /** One with data of an attempt that was given up, for the old majority came back: the operator lets it go (CHANGELOG.md has it). */
  private removeUndecided(): boolean {
    const undecided = this.recovers ? withUndecidedData(this.world) : undefined;
    if (undecided === undefined || this.running.has(undecided.name)) return false;
    this.log(`operator: remove-unit --force ${undecided.name}`);
    this.destroy(undecided);
    return true;
  }

  // a run

  /** Chaos for a while: anything may happen at any time. */
  chaos(events: number, odds: Odds): void {
    this.faultsOn = true;
    for (let count = 0; count < events; count++) {
      const event = drawEvent(this.draw, odds);
      const unit = pick(this.draw, [...this.world.units.values()]);
      if (event === 'proceed') this.proceed();
      else this.happen(event, unit);
      this.rules.checkClusters();
    }
  }

  /** Some of them, often most; the Juju leader's may be among them. */
  private loseMachines(): void {
    const there = [...this.world.units.values()].filter(({ machineUp }) => machineUp);
    for (const unit of there.filter(() => chance(this.draw, 55))) {
      const how = chance(this.draw, 50) ? 'off' : 'stands still';
      const running = this.running.get(unit.name);
      this.tally.count(`machine ${how} in ${phaseNow(this.world)}`);
      if (how === 'off' && running !== undefined) this.fail(running);
      this.machines.leave(unit, how);
      if (this.world.leader === unit.name) this.elect();
    }
  }

  private lose(): void {
    if (phaseNow(this.world) !== 'none') this.proceed();
    else if (needsRecovery(this.world)) this.recover();
    else this.loseMachines();
  }

  /** All machines that were away, together or only one of them. */
  comeBack(all: boolean): void {
    const away = [...this.world.units.values()].filter(({ machineUp }) => !machineUp);
    const back = all ? away : away.slice(0, 1);
    this.tally.countBack(this.world, back);
    for (const unit of back) {
      this.machines.comeBack(unit);
      const running = this.running.get(unit.name);
      if (running !== undefined) running.isStale = true;
      this.enqueue(unit.name, plain('start'));
      if (this.world.leader === null) this.elect();
    }
  }

  /** What befalls a unit needs one. A sixth unit would show nothing new: one goes then. */
  private happen(event: keyof Odds, unit: SimulatedUnit | undefined): void {
    if (event === 'add' && this.world.units.size < 5) this.addUnit();
    else if (event === 'elect') this.elect();
    else if (event === 'configure') this.configure();
    else if (event === 'tick') this.tick();
    else if (event === 'restore') this.restore();
    else if (event === 'role') this.chooseRole(chance(this.draw, 50));
    else if (event === 'recover') this.recover();
    else if (event === 'loss') this.lose();
    else if (event === 'away') this.loseMachines();
    else if (event === 'back') this.comeBack(chance(this.draw, 50));
    else if (unit === undefined) this.proceed();
    else if (event === 'remove' || event === 'add') this.removeUnit(unit.name);
    else if (event === 'destroy') this.destroy(unit);
    else if (!unit.machineUp) this.proceed();
    else if (event === 'cut') this.machines.cut(unit, !unit.cutOff);
    else if (event === 'reboot') this.reboot(unit);
    else if (event === 'kill') this.machines.kill(unit);
    else if (event === 'freeze') this.machines.freezeOrThaw(unit);
    else this.enqueue(unit.name, plain('update-status'));
  }

  /** One hook begins or goes on by one step. */
  private proceed(): boolean {
    const active = pick(
      this.draw,
      [...this.running.values()].filter(({ unit }) => unit.machineUp),
    );
    const idle = [...this.world.units.values()].filter(
      (unit) =>
        unit.machineUp &&
        !this.running.has(unit.name) &&
        (this.due.get(unit.name)?.length ?? 0) > 0 &&
        (this.retryAt.get(unit.name) ?? 0) <= this.world.now,
    );
    const next = pick(this.draw, idle);
    if (active !== undefined && (next === undefined || chance(this.draw, 70))) this.advance(active);
    else if (next !== undefined) this.startHook(next);
    else return false;
    return true;
  }

  /** Time passes to the next timer, or the next try of a failed hook. */
  private tick(): boolean {
    const { now } = this.world;
    const timers = [...this.world.units.values()].flatMap(({ timer }) => (timer === null ? [] : [timer]));
    const retries = [...this.retryAt].flatMap(([name, at]) => (this.world.units.has(name) && at > now ? [at] : []));
    if (timers.length + retries.length === 0) return false;
    this.world.now = Math.max(now, Math.min(...timers, ...retries));
    for (const unit of this.world.units.values()) {
      if (unit.timer === null || unit.timer > this.world.now) continue;
      unit.timer = null;
      this.enqueue(unit.name, plain('timer'));
    }
    return true;
  }

  /** Faults stop. Only hooks that are due and timers that were armed run: whatever still waits then, waits on nothing. */
  settle(): void {
    this.faultsOn = false;
    if (this.world.leader === null || this.world.units.get(this.world.leader)?.dying === true) this.elect();
    let waited = 0;
    for (let count = 0; count < 3000; count++) {
      if (!this.recovers && isLost(this.world)) return;
      this.rules.checkClusters();
      if (this.proceed() || this.resolveLeaver() || this.removeUndecided()) continue;
      const cut = [...this.world.units.values()].find(({ cutOff, machineUp }) => cutOff && machineUp);
      if (cut !== undefined) this.machines.cut(cut, false);
      const frozen = [...this.world.units.values()].find((unit) => unit.frozen && unit.machineUp);
      if (frozen !== undefined) {
        this.machines.thaw(frozen);
        this.tick();
        continue;
      }
      if (stuckRestore(this.world) && this.retried++ < 5) {
        this.restore();
        continue;
      }
      // Also a cluster that is well lets its timers run out: what a unit still waits for is looked at then.
      const isPatient =
        !this.recovers || !needsRecovery(this.world) || ++waited <= operatorPatience * (this.retried + 1);
      // What waits for machines that are away waits until they are back.
      const isForMachines = !needsRecovery(this.world) || waitsForMachines(this.world);
      if (this.recovers && this.isSomeoneAway() && isForMachines && ++waited > operatorPatience) return;
      if (isPatient && this.tick()) waited += 0;
      else if (this.recovers && needsRecovery(this.world) && this.world.leader !== null && this.retried < 12) {
        waited = 0;
        this.recover(lastResort(this.world, this.retried++));
      } else return;
      this.rules.checkClusters();
    }
    throw new RuleBroken(`no rest after 3000 events: ${summary(this.world)}`);
  }
}
