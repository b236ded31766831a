import type { UnitName } from '../../src/domain/ids';
import { planners as allPlanners, type Planner } from '../../src/domain/plan';
import type { Doubt } from '../../src/domain/simulate/doubt';
import { hasBegun, isEnded } from '../../src/domain/recreation';
import { begin, commit, type Transaction } from '../../src/domain/simulate/transaction';
import { newUnit, newWorld, type SimulatedUnit, type World } from '../../src/domain/simulate/world';
import { chance, pick, type Draw } from './draw';
import { departed, departures, plain, type Hook } from './hook';
import { Machines } from './machines';
import { drawEvent, type Odds } from './odds';
import { isLost, isStranded, stuckRestore, summary } from './outcome';
import { restoreRounds } from './restore-rounds';
import { rounds, type Surroundings } from './rounds';
import { RuleBroken } from './rule-broken';
import { Rules } from './rules';

const doubts = ['leader', 'planned', 'local', 'members', 'statuses', 'quorum', 'turn', 'disk'] as const;

interface Running {
  readonly unit: SimulatedUnit;
  readonly hook: Hook;
  readonly transaction: Transaction;
  readonly steps: Iterator<'step'>;
}

/** A Juju of the model: hooks in any order and interleaved step by step, with faults, until they stop; then only what is due. */
export class ModelJuju {
  readonly world: World = newWorld();
  readonly trace: string[] = [];
  private readonly due = new Map<UnitName, Hook[]>();
  private readonly running = new Map<UnitName, Running>();
  private readonly draw: Draw;
  private readonly surroundings: Surroundings;
  private nextUnit = 0;
  /** When a failed hook is tried again. */
  private readonly retryAt = new Map<UnitName, number>();
  private faultsOn = true;
  private failures = 0;
  private retried = 0;
  private readonly machines = new Machines(this.world, (line) => this.log(line));
  readonly rules = new Rules(this.world);

  constructor(
    draw: Draw,
    planners: readonly Planner[] = allPlanners,
    private readonly refusals = true,
  ) {
    this.draw = draw;
    this.surroundings = {
      world: this.world,
      planners,
      doubt: () => this.doubt(),
      refuses: ({ kind }) => this.faultsOn && this.refusals && kind === 'remove-member' && chance(this.draw, 25),
      log: (line) => this.log(line),
      check: (...judged) => this.rules.check(...judged),
    };
  }

  private log(line: string): void {
    this.trace.push(line);
  }

  private enqueue(name: UnitName, hook: Hook): void {
    const hooks = this.due.get(name) ?? [];
    // Changes coalesce, as Juju's do.
    if (hook.kind !== 'relation-departed' && hooks.some(({ kind }) => kind === hook.kind)) return;
    this.due.set(name, [...hooks, hook]);
  }

  // what an operator and the machines do

  addUnit(): void {
    const unit = newUnit(this.world, this.nextUnit++);
    this.log(`add ${unit.name}`);
    for (const kind of ['install', 'config-changed', 'start', 'relation-changed']) this.enqueue(unit.name, plain(kind));
    for (const other of this.world.units.keys())
      if (other !== unit.name) this.enqueue(other, plain('relation-changed'));
    if (this.world.leader === null) this.elect();
  }

  removeUnit(name: UnitName): void {
    const unit = this.world.units.get(name);
    if (unit === undefined || unit.dying) return;
    this.log(`remove ${name}`);
    unit.dying = true;
    if (this.world.leader === name) this.elect();
    const others = [...this.world.units.values()].filter((one) => one !== unit && one.inScope).map((one) => one.name);
    this.due.set(name, [...(this.due.get(name) ?? []).slice(0, 1), ...departures(name, others)]);
  }

  /** The machine is gone and the operator said so: no hook of the unit runs any more. */
  private destroy(unit: SimulatedUnit): void {
    this.log(`destroy ${unit.name}`);
    unit.machineUp = false;
    unit.process = null;
    this.world.faults++;
    this.gone(unit);
  }

  private gone(unit: SimulatedUnit): void {
    this.world.units.delete(unit.name);
    this.due.delete(unit.name);
    this.running.delete(unit.name);
    for (const cluster of this.world.clusters.values()) if (cluster.turn?.unit === unit.name) cluster.turn = null;
    if (unit.inScope) this.leaveScope(unit);
    if (this.world.leader === unit.name) this.elect();
  }

  /** What the others get of a unit that goes; when it is gone from goal-state nobody gets a hook. */
  private leaveScope(unit: SimulatedUnit): void {
    unit.inScope = false;
    for (const other of this.world.units.keys()) {
      if (other !== unit.name) this.enqueue(other, departed(unit.name));
    }
  }

  private elect(): void {
    const candidates = [...this.world.units.values()].filter(({ dying, machineUp }) => !dying && machineUp);
    const chosen = pick(this.draw, candidates);
    this.world.leader = chosen?.name ?? null;
    if (chosen !== undefined) {
      this.log(`leader ${chosen.name}`);
      this.enqueue(chosen.name, plain('leader-elected'));
    }
  }

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

  // hooks

  private startHook(unit: SimulatedUnit): void {
    const [hook, ...rest] = this.due.get(unit.name) ?? [];
    if (hook === undefined || this.running.has(unit.name)) return;
    this.due.set(unit.name, rest);
    if (hook.kind === 'stop' && unit.inScope) this.leaveScope(unit);
    const transaction = begin(this.world, unit, hook, hook.listed ?? null);
    this.log(`${unit.name} ${hook.kind}`);
    const steps =
      hook.kind === 'action'
        ? restoreRounds(this.surroundings, unit, transaction, this.manner(chance(this.draw, 50)))
        : rounds(this.surroundings, unit, transaction);
    this.running.set(unit.name, { unit, hook, transaction, steps });
  }

  /** The action makes the data before it begins, or leaves that to the hooks as it does where an earlier attempt has some. */
  private manner(bump: boolean): { readonly bump: boolean; readonly made: boolean } {
    return { bump, made: bump && this.refusals };
  }

  private doubt(): Doubt {
    return new Set(this.faultsOn ? doubts.filter(() => chance(this.draw, 4)) : []);
  }

  /** Takes one step of a hook, or ends it: committed, refused, or failed. */
  private advance(running: Running): void {
    const { unit, hook, transaction } = running;
    if (this.faultsOn && chance(this.draw, 4)) return this.fail(running);
    try {
      if (running.steps.next().done !== true) return;
    } catch (error) {
      if (error instanceof RuleBroken && error.message === 'fail-hook') return this.fail(running);
      throw error;
    }
    const woken = this.faultsOn && chance(this.draw, 3) ? 'refused' : commit(this.world, transaction);
    if (woken === 'refused') return this.fail(running);
    this.running.delete(unit.name);
    for (const name of woken) this.enqueue(name, plain('relation-changed'));
    if (transaction.request !== null && !unit.answered) this.enqueueAnswer(unit);
    this.rules.checkFoundings();
    if (hook.kind !== 'stop') return;
    this.rules.checkLeft(unit);
    this.gone(unit);
  }

  private enqueueAnswer(unit: SimulatedUnit): void {
    unit.answered = true;
    this.enqueue(unit.name, plain('certificates-relation-changed'));
  }

  /** Juju runs a failed hook again. */
  private fail({ unit, hook }: Running): void {
    this.log(`${unit.name} ${hook.kind} failed`);
    this.running.delete(unit.name);
    if (hook.kind === 'action') return;
    this.due.set(unit.name, [hook, ...(this.due.get(unit.name) ?? [])]);
    this.retryAt.set(unit.name, this.world.now + 30_000);
    if (!this.faultsOn && hook.kind === 'stop' && isStranded(this.world, unit)) {
      this.log(`operator: resolved --no-retry ${unit.name}`);
      return this.gone(unit);
    }
    if (!this.faultsOn && ++this.failures > 40)
      throw new RuleBroken(`a hook fails for ever: ${unit.name} ${hook.kind} (${summary(this.world)})`);
  }

  /** A leaver whose cluster is stopped for good, and whose `stop` can read no bag: its line names the way out. */
  private resolveLeaver(): boolean {
    const active = this.world.application.recreation;
    if (active === null || isEnded(active) || !hasBegun(active)) return false;
    const leaver = [...this.world.units.values()].find(
      (unit) => unit.dying && !this.running.has(unit.name) && this.due.get(unit.name)?.[0]?.kind === 'stop',
    );
    if (leaver === undefined) return false;
    this.log(`operator: resolved --no-retry ${leaver.name}`);
    this.gone(leaver);
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

  /** What befalls a unit needs one. A sixth unit would show nothing new: one goes then. */
  private happen(event: keyof Odds, unit: SimulatedUnit | undefined): void {
    if (event === 'add' && this.world.units.size < 5) this.addUnit();
    else if (event === 'elect') this.elect();
    else if (event === 'configure') this.configure();
    else if (event === 'tick') this.tick();
    else if (event === 'restore') this.restore();
    else if (event === 'role') this.chooseRole(chance(this.draw, 50));
    else if (unit === undefined) this.proceed();
    else if (event === 'remove' || event === 'add') this.removeUnit(unit.name);
    else if (event === 'destroy') this.destroy(unit);
    else if (event === 'reboot') this.reboot(unit);
    else if (event === 'kill') this.machines.kill(unit);
    else if (event === 'freeze') this.machines.freezeOrThaw(unit);
    else this.enqueue(unit.name, plain('update-status'));
  }

  /** One hook begins or goes on by one step. */
  private proceed(): boolean {
    const active = pick(this.draw, [...this.running.values()]);
    const idle = [...this.world.units.values()].filter(
      (unit) =>
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
    for (let count = 0; count < 3000; count++) {
      if (isLost(this.world)) return;
      this.rules.checkClusters();
      if (this.proceed() || this.resolveLeaver()) continue;
      const frozen = [...this.world.units.values()].find((unit) => unit.frozen);
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
      if (!this.tick()) return;
      this.rules.checkClusters();
    }
    throw new RuleBroken(`no rest after 3000 events: ${summary(this.world)}`);
  }
}
