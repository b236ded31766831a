import type { UnitName } from '../../src/domain/ids';
import { planners as allPlanners, type Planner } from '../../src/domain/plan';
import type { Doubt } from '../../src/domain/simulate/doubt';
import { begin, commit, type Transaction } from '../../src/domain/simulate/transaction';
import { newUnit, newWorld, type SimulatedUnit, type World } from '../../src/domain/simulate/world';
import { chance, pick, type Draw } from './draw';
import { departed, departures, plain, type Hook } from './hook';
import { Machines } from './machines';
import { isStranded, mayHaveLastCopy, summary } from './outcome';
import { isGivenUp, needsRecovery, recoverRounds } from './recover-rounds';
import { restoreRounds } from './restore-rounds';
import { rounds, type Surroundings } from './rounds';
import { RuleBroken } from './rule-broken';
import { Rules } from './rules';
import { phaseNow, Tally } from './tally';
import { underWay } from './under-way';

const doubts = ['leader', 'planned', 'local', 'members', 'statuses', 'quorum', 'turn', 'disk'] as const;

interface Running {
  readonly unit: SimulatedUnit;
  readonly hook: Hook;
  readonly transaction: Transaction;
  readonly steps: Iterator<'step'>;
  /** It may act on what was decided before its machine was away: that stood still in the middle of it, or it is one that can read nothing. */
  isStale: boolean;
}

/** What Juju does in the model: units come and go, one leads, hooks run step by step and are committed, refused or tried again. */
export class Juju {
  readonly world: World = newWorld();
  readonly trace: string[] = [];
  protected readonly due = new Map<UnitName, Hook[]>();
  protected readonly running = new Map<UnitName, Running>();
  protected readonly draw: Draw;
  private readonly surroundings: Surroundings;
  private nextUnit = 0;
  /** When a failed hook is tried again. */
  protected readonly retryAt = new Map<UnitName, number>();
  protected faultsOn = true;
  private failures = 0;
  private begunBy: UnitName | null = null;
  protected readonly machines = new Machines(this.world, (line) => this.log(line));
  readonly rules = new Rules(this.world, (unit) => this.machines.isUnaware(unit));

  constructor(
    draw: Draw,
    planners: readonly Planner[] = allPlanners,
    private readonly refusals = true,
    /** Whether its operator recovers what has no quorum any more. */
    protected readonly recovers = false,
    protected readonly tally = new Tally(),
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

  protected log(line: string): void {
    this.trace.push(line);
  }

  protected enqueue(name: UnitName, hook: Hook): void {
    const hooks = this.due.get(name) ?? [];
    // Changes coalesce, as Juju's do.
    if (
      hook.kind !== 'relation-departed' &&
      hook.recovery === undefined &&
      hooks.some(({ kind }) => kind === hook.kind)
    )
      return;
    this.due.set(name, [...hooks, hook]);
  }

  // units

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
  protected destroy(unit: SimulatedUnit): void {
    this.log(`destroy ${unit.name}`);
    unit.machineUp = false;
    unit.process = null;
    this.world.faults++;
    this.gone(unit);
  }

  protected gone(unit: SimulatedUnit): void {
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

  protected elect(): void {
    const candidates = [...this.world.units.values()].filter(({ dying, machineUp }) => !dying && machineUp);
    const chosen = pick(this.draw, candidates);
    const before = this.world.leader;
    this.world.leader = chosen?.name ?? null;
    if (chosen !== undefined) {
      this.log(`leader ${chosen.name}`);
      if (chosen.name !== before) this.tally.count(`new leader in ${phaseNow(this.world)}`);
      this.enqueue(chosen.name, plain('leader-elected'));
    }
  }

  // hooks

  protected startHook(unit: SimulatedUnit): void {
    const [hook, ...rest] = this.due.get(unit.name) ?? [];
    if (hook === undefined || this.running.has(unit.name)) return;
    this.due.set(unit.name, rest);
    if (hook.kind === 'stop' && unit.inScope) this.leaveScope(unit);
    const transaction = begin(this.world, unit, hook, hook.listed ?? null);
    this.log(`${unit.name} ${hook.kind}`);
    const steps =
      hook.kind === 'action'
        ? hook.recovery === undefined
          ? restoreRounds(this.surroundings, unit, transaction, this.manner(chance(this.draw, 50)))
          : recoverRounds(this.surroundings, unit, transaction, hook.recovery)
        : rounds(this.surroundings, unit, transaction);
    this.running.set(unit.name, { unit, hook, transaction, steps, isStale: hook.kind === 'stop' });
  }

  /** The action makes the data before it begins, or leaves that to the hooks as it does where an earlier attempt has some. */
  private manner(bump: boolean): { readonly bump: boolean; readonly made: boolean } {
    return { bump, made: bump && this.refusals };
  }

  private doubt(): Doubt {
    return new Set(this.faultsOn ? doubts.filter(() => chance(this.draw, 4)) : []);
  }

  /** Takes one step of a hook, or ends it: committed, refused, or failed. */
  protected advance(running: Running): void {
    const { unit, hook, transaction } = running;
    if (this.faultsOn && chance(this.draw, 4)) return this.fail(running);
    try {
      const { done } = running.steps.next();
      if (running.isStale) this.machines.excuse(unit);
      if (done !== true) return;
    } catch (error) {
      if (error instanceof RuleBroken && error.message === 'fail-hook') return this.fail(running);
      throw error;
    }
    const before = this.world.application.recreation;
    const phase = phaseNow(this.world);
    const isRefused =
      (this.faultsOn && chance(this.draw, 3)) || (running.isStale && this.overwritesAttempt(transaction));
    const woken = isRefused ? 'refused' : commit(this.world, transaction);
    if (woken === 'refused') return this.fail(running);
    if (hook.recovery !== undefined && this.world.application.recreation !== before) this.countBegun(unit, phase);
    this.running.delete(unit.name);
    for (const name of woken) this.enqueue(name, plain('relation-changed'));
    if (transaction.request !== null && !unit.answered) this.enqueueAnswer(unit);
    this.rules.checkFoundings(running.isStale);
    if (hook.kind !== 'stop') return;
    this.rules.checkLeft(unit);
    this.gone(unit);
  }

  /**
   * Whether a hook in which its machine stood still would end another leader's attempt that it never read of. Juju takes that, where its unit
   * leads again by then; what then becomes of the attempt is a known limit (CHANGELOG.md).
   */
  private overwritesAttempt({ application, written }: Transaction): boolean {
    const active = underWay(this.world);
    if (written?.recreation === undefined || active === null) return false;
    return active.token !== application.recreation?.token && active.token !== written.recreation?.token;
  }

  private countBegun({ name }: SimulatedUnit, phase: string): void {
    this.tally.count(`recovery begun in ${phase}`);
    if (phase !== 'none')
      this.tally.count(`begun again by ${this.begunBy === name ? 'the same leader' : 'another leader'}`);
    this.begunBy = name;
  }

  private enqueueAnswer(unit: SimulatedUnit): void {
    unit.answered = true;
    this.enqueue(unit.name, plain('certificates-relation-changed'));
  }

  /** Juju runs a failed hook again. */
  protected fail({ unit, hook }: Running): void {
    this.log(`${unit.name} ${hook.kind} failed`);
    if (this.faultsOn)
      this.tally.count(`${hook.recovery === undefined ? 'hook' : 'command'} lost in ${phaseNow(this.world)}`);
    this.running.delete(unit.name);
    if (hook.kind === 'action') return;
    this.due.set(unit.name, [hook, ...(this.due.get(unit.name) ?? [])]);
    this.retryAt.set(unit.name, this.world.now + 30_000);
    const lost = this.recovers && (needsRecovery(this.world) || isGivenUp(this.world, unit));
    if (!this.faultsOn && hook.kind === 'stop' && (lost || isStranded(this.world, unit))) {
      this.log(`operator: resolved --no-retry ${unit.name}`);
      return this.gone(unit);
    }
    if (!this.faultsOn && hook.departingUnit === unit.name && mayHaveLastCopy(this.world, unit)) {
      this.log(`operator: remove-unit --force ${unit.name}`);
      return this.destroy(unit);
    }
    if (!this.faultsOn && !this.isSomeoneAway() && ++this.failures > 40)
      throw new RuleBroken(`a hook fails for ever: ${unit.name} ${hook.kind} (${summary(this.world)})`);
  }

  protected isSomeoneAway(): boolean {
    return [...this.world.units.values()].some(({ machineUp }) => !machineUp);
  }
}
