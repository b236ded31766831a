import { desiredFrom, type Desired } from '../../src/domain/desired';
import { flagsOf } from '../../src/domain/flags';
import type { UnitName } from '../../src/domain/ids';
import { isHealthy, voters } from '../../src/domain/member';
import type { Observed } from '../../src/domain/observed';
import { planners as allPlanners, type Planner } from '../../src/domain/plan';
import { mayPause, mayRemove, quorumOf } from '../../src/domain/quorum';
import { apply } from '../../src/domain/simulate/apply-step';
import { hasQuorum } from '../../src/domain/simulate/cluster';
import type { Doubt } from '../../src/domain/simulate/doubt';
import { observe } from '../../src/domain/simulate/observe';
import { settleEtcd, startProcess } from '../../src/domain/simulate/process';
import { begin, commit, type Transaction } from '../../src/domain/simulate/transaction';
import { newUnit, newWorld, type SimulatedUnit, type World } from '../../src/domain/simulate/world';
import type { Step } from '../../src/domain/step';

/** A broken rule, with what led to it. */
export class RuleBroken extends Error {}

/** Draws whole numbers below `n`; all chance of a run comes from it, so that a seed replays it. */
export type Draw = (n: number) => number;

/** Deterministic (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
  };
}

type Hook = Observed['event'] & { readonly departing?: boolean };
const plain = (kind: string): Hook => ({ kind, endpoint: null, departingUnit: null });

interface Running {
  readonly unit: SimulatedUnit;
  readonly hook: Hook;
  readonly transaction: Transaction;
  readonly steps: Iterator<'step'>;
}

const doubts = ['leader', 'planned', 'local', 'members', 'statuses', 'quorum', 'turn', 'disk'] as const;

/** A Juju of the model: hooks in any order and interleaved step by step, with faults, until they stop; then only what is due. */
export class ModelJuju {
  readonly world: World = newWorld();
  readonly trace: string[] = [];
  private readonly due = new Map<UnitName, Hook[]>();
  private readonly running = new Map<UnitName, Running>();
  private readonly draw: Draw;
  private readonly planners: readonly Planner[];
  private nextUnit = 0;
  /** When a failed hook is tried again. */
  private readonly retryAt = new Map<UnitName, number>();
  private faultsOn = true;
  private failures = 0;
  private readonly startedNew = new Set<string>();
  private readonly founded = new Map<number, string>();
  private readonly named = new Map<string, readonly UnitName[]>();

  constructor(draw: Draw, planners: readonly Planner[] = allPlanners) {
    this.draw = draw;
    this.planners = planners;
  }

  private log(line: string): void {
    this.trace.push(line);
  }

  private chance(percent: number): boolean {
    return this.draw(100) < percent;
  }

  private pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.draw(list.length)];
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
    this.due.set(name, [
      ...(this.due.get(name) ?? []).slice(0, 1),
      { kind: 'relation-departed', endpoint: 'cluster', departingUnit: name },
      plain('stop'),
    ]);
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
    for (const other of this.world.units.keys()) {
      this.enqueue(other, { kind: 'relation-departed', endpoint: 'cluster', departingUnit: unit.name });
    }
    if (this.world.leader === unit.name) this.elect();
  }

  private elect(): void {
    const candidates = [...this.world.units.values()].filter(({ dying, machineUp }) => !dying && machineUp);
    const chosen = this.pick(candidates);
    this.world.leader = chosen?.name ?? null;
    if (chosen !== undefined) {
      this.log(`leader ${chosen.name}`);
      this.enqueue(chosen.name, plain('leader-elected'));
    }
  }

  private reboot(unit: SimulatedUnit): void {
    this.log(`reboot ${unit.name}`);
    this.world.faults++;
    const running = this.running.get(unit.name);
    if (running !== undefined) this.fail(running);
    unit.process = null;
    if (unit.enabled) startProcess(this.world, unit);
    settleEtcd(this.world);
    this.enqueue(unit.name, plain('start'));
  }

  private kill(unit: SimulatedUnit): void {
    if (unit.process === null) return;
    this.log(`kill -9 etcd of ${unit.name}`);
    this.world.faults++;
    unit.process = null;
    startProcess(this.world, unit);
    settleEtcd(this.world);
  }

  private freeze(unit: SimulatedUnit): void {
    if (unit.process === null) return;
    this.log(`freeze etcd of ${unit.name}`);
    this.world.faults++;
    unit.frozen = true;
    unit.process.ready = false;
  }

  private freezeOrThaw(unit: SimulatedUnit): void {
    if (unit.frozen) this.thaw(unit);
    else this.freeze(unit);
  }

  /** It answers again, and nobody gets a hook for that. */
  private thaw(unit: SimulatedUnit): void {
    this.log(`thaw etcd of ${unit.name}`);
    this.world.faults++;
    unit.frozen = false;
    settleEtcd(this.world);
  }

  configure(): void {
    this.world.config = { ...this.world.config, heartbeat_interval: 50 + this.draw(100) };
    this.log(`config ${JSON.stringify(this.world.config)}`);
    for (const name of this.world.units.keys()) this.enqueue(name, plain('config-changed'));
  }

  // hooks

  private startHook(unit: SimulatedUnit): void {
    const [hook, ...rest] = this.due.get(unit.name) ?? [];
    if (hook === undefined || this.running.has(unit.name)) return;
    this.due.set(unit.name, rest);
    const transaction = begin(this.world, unit, hook);
    this.log(`${unit.name} ${hook.kind}`);
    this.running.set(unit.name, { unit, hook, transaction, steps: this.rounds(unit, transaction) });
  }

  private doubt(): Doubt {
    return new Set(this.faultsOn ? doubts.filter(() => this.chance(4)) : []);
  }

  /** The dispatcher's rounds, one step at a time. */
  private *rounds(unit: SimulatedUnit, transaction: Transaction): Iterator<'step'> {
    unit.timer = null;
    let soonest = Infinity;
    let look = (): Observed => observe(this.world, transaction, this.doubt());
    let observed = look();
    let faults = this.world.faults;
    for (let round = 1; round <= 32; round++) {
      let didInRound = false;
      for (const planner of this.planners) {
        const flags = flagsOf(observed);
        if (!planner.all.every((flag) => flags.has(flag)) || planner.none.some((flag) => flags.has(flag))) continue;
        const { desired } = desiredFrom(observed.config);
        let did = false;
        for (const step of planner.plan(observed, desired as Desired)) {
          if (step.kind === 'wake-later') {
            if (step.afterSeconds < soonest) apply(this.world, transaction, step);
            soonest = Math.min(soonest, step.afterSeconds);
            continue;
          }
          if (step.kind === 'wait' || step.kind === 'block') break;
          this.log(`  ${unit.name} ${planner.name}: ${this.show(step)}`);
          this.check(unit, observed, step, faults === this.world.faults);
          if (step.kind === 'fail-hook') throw new RuleBroken('fail-hook');
          const refusal = apply(this.world, transaction, step);
          yield 'step';
          if (refusal !== null) {
            this.log(`    not now: ${refusal.notNow}`);
            // As the executor does for what etcd could not do; awaiting is the planner's to follow up.
            if (step.kind !== 'await-serving' && step.kind !== 'promote-learner' && step.kind !== 'take-turn') {
              apply(this.world, transaction, { kind: 'wake-later', afterSeconds: 15, why: refusal.notNow });
            }
            break;
          }
          did = true;
        }
        if (did) {
          didInRound = true;
          look = () => observe(this.world, transaction, this.doubt());
          observed = look();
          faults = this.world.faults;
        }
      }
      if (!didInRound) return;
    }
    throw new RuleBroken(`${unit.name} does not come to rest in one hook`);
  }

  private show(step: Step): string {
    const rest = Object.entries(step).filter(([key]) =>
      ['why', 'memberId', 'unit', 'peerUrl', 'version', 'purpose'].includes(key),
    );
    const bag = step.kind === 'publish-peer' ? ` ${JSON.stringify(step.bag)}` : '';
    const founding =
      step.kind === 'write-founding'
        ? ` ${step.founding.generation} ${step.founding.initial.map((one) => one.unit).join()}`
        : '';
    return `${step.kind} ${rest.map(([, value]) => String(value)).join(' ')}${bag}${founding}`;
  }

  /** Takes one step of a hook, or ends it: committed, refused, or failed. */
  private advance(running: Running): void {
    const { unit, hook, transaction } = running;
    if (this.faultsOn && this.chance(4)) return this.fail(running);
    try {
      if (running.steps.next().done !== true) return;
    } catch (error) {
      if (error instanceof RuleBroken && error.message === 'fail-hook') return this.fail(running);
      throw error;
    }
    const woken = this.faultsOn && this.chance(3) ? 'refused' : commit(this.world, transaction);
    if (woken === 'refused') return this.fail(running);
    this.running.delete(unit.name);
    for (const name of woken) this.enqueue(name, plain('relation-changed'));
    if (transaction.request !== null && !unit.answered) this.enqueueAnswer(unit);
    this.checkFoundings();
    if (hook.kind === 'stop') this.gone(unit);
  }

  private enqueueAnswer(unit: SimulatedUnit): void {
    unit.answered = true;
    this.enqueue(unit.name, plain('certificates-relation-changed'));
  }

  /** Juju runs a failed hook again. */
  private fail({ unit, hook }: Running): void {
    this.log(`${unit.name} ${hook.kind} failed`);
    this.running.delete(unit.name);
    this.due.set(unit.name, [hook, ...(this.due.get(unit.name) ?? [])]);
    this.retryAt.set(unit.name, this.world.now + 30_000);
    if (!this.faultsOn && hook.kind === 'stop' && this.isStranded(unit)) return this.resolveWithoutRetry(unit);
    if (!this.faultsOn && ++this.failures > 40)
      throw new RuleBroken(`a hook fails for ever: ${unit.name} ${hook.kind} (${this.summary()})`);
  }

  /**
   * A leaver whose member was removed in a hook that died right then, and whose every known endpoint has left since: nobody can tell it
   * that it is out. Its hook's line tells the operator the way, and nothing is lost by taking it.
   */
  private isStranded(unit: SimulatedUnit): boolean {
    const id = unit.disk.data?.id;
    if ([...this.world.clusters.values()].some(({ members }) => members.some((member) => member.id === id)))
      return false;
    const known = new Set<string>([...unit.memory.endpoints, ...(unit.disk.marker?.endpoints ?? [])]);
    return ![...this.world.units.values()].some(
      (other) => other !== unit && other.process?.ready === true && known.has(other.bag.clientUrl ?? ''),
    );
  }

  private resolveWithoutRetry(unit: SimulatedUnit): void {
    this.log(`operator: resolved --no-retry ${unit.name}`);
    this.due.delete(unit.name);
    this.gone(unit);
  }

  // rules

  private broken(rule: string, step: Step | null, unit: SimulatedUnit | null): never {
    throw new RuleBroken(`${rule}${unit ? ` by ${unit.name}` : ''}${step ? `: ${this.show(step)}` : ''}`);
  }

  /** Judged by what the unit saw, where nothing from outside happened since: a machine that falls over between look and step is nobody's fault. */
  private check(unit: SimulatedUnit, observed: Observed, step: Step, undisturbed: boolean): void {
    const { cluster } = observed;
    const all = cluster.members.known ? voters(cluster.members.value) : [];
    const others = (id: string | undefined): number =>
      all.filter((one) => one.id !== id && isHealthy(observed, one.id)).length;
    const wholeApplication = observed.peers.planned.known && observed.peers.planned.value.every(({ dying }) => dying);
    if (step.kind === 'start-etcd' && unit.disk.data === null && unit.disk.marker?.startedAs === 'new') {
      const { generation, token } = unit.disk.marker;
      const { founding } = this.world.application;
      const key = `${unit.name} ${generation}`;
      const named = this.named.get(token);
      if (named === undefined || !named.includes(unit.name))
        this.broken('rule 1: starts as founder without a committed decision', step, unit);
      if (founding !== null && founding.generation < generation)
        this.broken('rule 1: a generation that is not decided', step, unit);
      if (this.startedNew.has(key)) this.broken('rule 1: starts as founder although it had data', step, unit);
    }
    if (step.kind === 'restart-etcd' && unit.process?.ready === true && undisturbed) {
      const own = cluster.local.known ? cluster.local.value.memberId : unit.disk.data?.id;
      const token = unit.disk.data?.cluster;
      const truth = token === undefined ? undefined : this.world.clusters.get(token);
      const voting = truth?.members.filter(({ learner }) => !learner) ?? [];
      const isVoter = voting.some(({ id }) => id === own);
      if (isVoter && all.length > 2 && !mayPause(all.length, others(own)))
        this.broken('rule 2: restarts a voter that quorum needs', step, unit);
      if (isVoter && truth?.turn?.unit !== unit.name) this.broken('rule 2: restarts a voter out of turn', step, unit);
    }
    if (step.kind === 'add-learner') {
      if (all.some(({ id }) => !isHealthy(observed, id))) this.broken('rule 3: adds while a voter is down', step, unit);
      if (cluster.members.known && cluster.members.value.some(({ learner }) => learner))
        this.broken('rule 3: a second learner', step, unit);
    }
    if (step.kind === 'remove-member') {
      const member = cluster.members.known ? cluster.members.value.find(({ id }) => id === step.memberId) : undefined;
      if (member === undefined) this.broken('rule 4: removes what it does not see', step, unit);
      if (!member.learner && !mayRemove(all.length, others(member.id)))
        this.broken('rule 2: removes a voter that quorum needs', step, unit);
      if (!member.learner && step.unit === null) this.broken('rule 5: removes a voter of unknown origin', step, unit);
      const owner = [...this.world.units.values()].find(({ disk }) => disk.data?.id === step.memberId);
      if (!step.onlyIfLearner && owner !== undefined && owner !== unit)
        this.broken("rule 5: removes another unit's voter", step, unit);
    }
    if (step.kind === 'stop-etcd' && unit.process?.ready === true && !wholeApplication && undisturbed) {
      const truth = unit.disk.data === null ? undefined : this.world.clusters.get(unit.disk.data.cluster);
      const own = truth?.members.find(({ id }) => id === unit.disk.data?.id);
      if (truth !== undefined && own !== undefined && !own.learner && hasQuorum(this.world, truth)) {
        this.broken('rule 2: stops a serving voter that is still in the cluster', step, unit);
      }
    }
    const promised = step.kind === 'publish-peer' ? step.bag.neverElected : null;
    if (promised !== null && unit.process !== null && unit.disk.marker?.generation === promised)
      this.broken('founding again: promises while its etcd runs', step, unit);
    if (step.kind === 'move-data-aside' && !observed.disk.data.known)
      this.broken('rule 4: moves data it did not see', step, unit);
    if (
      /PRIVATE|-----BEGIN/.test(
        JSON.stringify(step, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      )
    ) {
      this.broken('rule 11: a secret in a step', step, unit);
    }
  }

  private checkFoundings(): void {
    const { founding } = this.world.application;
    if (founding === null) return;
    const before = this.founded.get(founding.generation);
    if (before !== undefined && before !== founding.token)
      this.broken(`one founding decision a generation: ${founding.generation} twice`, null, null);
    this.founded.set(founding.generation, founding.token);
    this.named.set(
      founding.token,
      founding.initial.map(({ unit }) => unit),
    );
  }

  /** At no time two clusters. */
  private checkClusters(): void {
    settleEtcd(this.world);
    for (const unit of this.world.units.values()) {
      const { data, marker } = unit.disk;
      if (data !== null && marker?.startedAs === 'new') this.startedNew.add(`${unit.name} ${marker.generation}`);
    }
    const serving = [...this.world.clusters.values()].filter((cluster) => hasQuorum(this.world, cluster));
    if (serving.length > 1) this.broken(`two clusters: ${serving.map(({ token }) => token).join(' and ')}`, null, null);
  }

  // a run

  /** Chaos for a while: anything may happen at any time. */
  chaos(events: number): void {
    for (let count = 0; count < events; count++) {
      const units = [...this.world.units.values()];
      const kind = this.draw(100);
      const unit = this.pick(units);
      if (kind < 4 && units.length < 5) this.addUnit();
      else if (kind < 6 && unit) this.removeUnit(unit.name);
      else if (kind < 7 && unit) this.destroy(unit);
      else if (kind < 9 && unit) this.reboot(unit);
      else if (kind < 11 && unit) this.kill(unit);
      else if (kind < 12 && unit) this.freezeOrThaw(unit);
      else if (kind < 14) this.elect();
      else if (kind < 16) this.configure();
      else if (kind < 18) this.tick();
      else if (kind < 20 && unit) this.enqueue(unit.name, plain('update-status'));
      else this.proceed();
      this.checkClusters();
    }
  }

  /** One hook begins or goes on by one step. */
  private proceed(): boolean {
    const active = this.pick([...this.running.values()]);
    const idle = [...this.world.units.values()].filter(
      (unit) =>
        !this.running.has(unit.name) &&
        (this.due.get(unit.name)?.length ?? 0) > 0 &&
        (this.retryAt.get(unit.name) ?? 0) <= this.world.now,
    );
    const next = this.pick(idle);
    if (active !== undefined && (next === undefined || this.chance(70))) this.advance(active);
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
      if (this.isLost()) return;
      this.checkClusters();
      if (this.proceed()) continue;
      const frozen = [...this.world.units.values()].find((unit) => unit.frozen);
      if (frozen !== undefined) {
        this.thaw(frozen);
        this.tick();
        continue;
      }
      const failed = [...this.due].some(([name, hooks]) => hooks.length > 0 && this.world.units.has(name));
      if ((this.isWell() && !failed) || !this.tick()) return;
      this.checkClusters();
    }
    throw new RuleBroken(`no rest after 3000 events: ${this.summary()}`);
  }

  /** So many voters' disks are gone that no quorum can ever come back: the operator's recovery, and nothing to converge to. */
  isLost(): boolean {
    return [...this.world.clusters.values()].some((cluster) => {
      const latest = Math.max(
        ...[...this.world.clusters.values()]
          .filter(({ everElected }) => everElected)
          .map(({ generation }) => generation),
      );
      if (!cluster.everElected || cluster.generation !== latest) return false;
      const voting = cluster.members.filter(({ learner }) => !learner);
      const alive = voting.filter(({ id }) => [...this.world.units.values()].some(({ disk }) => disk.data?.id === id));
      const someData = [...this.world.units.values()].some(({ disk }) => disk.data?.cluster === cluster.token);
      return someData && alive.length < quorumOf(voting.length);
    });
  }

  isWell(): boolean {
    return this.problem() === null;
  }

  /** What is not as it should be in the end; null where all live units vote in one cluster that has nobody else. */
  problem(): string | null {
    const units = [...this.world.units.values()];
    if (units.length === 0) return null;
    const leaving = units.find(({ dying }) => dying);
    if (leaving) return `${leaving.name} has not left (${this.summary()})`;
    const serving = [...this.world.clusters.values()].filter((cluster) => hasQuorum(this.world, cluster));
    const [cluster] = serving;
    if (cluster === undefined) return `no cluster serves (${this.summary()})`;
    for (const unit of units) {
      const member = cluster.members.find(({ id }) => id === unit.disk.data?.id);
      if (member === undefined || member.learner || unit.process?.ready !== true)
        return `${unit.name} does not vote (${this.summary()})`;
      if (unit.bag.memberId !== member.id || !unit.bag.voter) return `${unit.name} has not published its vote`;
      if (
        !unit.disk.configText?.includes(`heartbeat-interval: ${String(this.world.config['heartbeat_interval'] ?? 100)}`)
      ) {
        return `${unit.name} runs with old options`;
      }
      if (unit.process.configText !== unit.disk.configText) return `${unit.name} was not restarted`;
    }
    if (cluster.members.length !== units.length)
      return `${cluster.members.length} members for ${units.length} units (${this.summary()})`;
    const expected = cluster.members
      .flatMap(({ clientUrls }) => clientUrls)
      .sort()
      .join(',');
    const stale = units.find(({ published }) => published !== expected);
    if (stale) return `${stale.name} tells clients ${stale.published}, and it is ${expected}`;
    return null;
  }

  /** Rule 12: on a healthy, unchanged cluster every plan is empty. */
  checkQuiet(): void {
    // A turn that nobody gave back has ended with its lease by now.
    for (const cluster of this.world.clusters.values()) cluster.turn = null;
    for (const unit of this.world.units.values()) {
      const observed = observe(this.world, begin(this.world, unit, plain('update-status')), new Set());
      const { desired } = desiredFrom(observed.config);
      const flags = flagsOf(observed);
      const steps = this.planners
        .filter(({ all, none }) => all.every((flag) => flags.has(flag)) && !none.some((flag) => flags.has(flag)))
        .flatMap(({ plan }) => plan(observed, desired as Desired));
      if (steps.length > 0)
        this.broken(
          `rule 12: plans ${steps.map(({ kind }) => kind).join()} on a healthy cluster`,
          steps[0] ?? null,
          unit,
        );
    }
  }

  private summary(): string {
    return [...this.world.units.values()]
      .map(
        (unit) =>
          `${unit.name}${unit.dying ? ' dying' : ''} ${unit.process ? 'runs' : 'down'} gen ${unit.bag.generation} ${unit.bag.memberId} never ${unit.bag.neverElected}`,
      )
      .join('; ');
  }
}
