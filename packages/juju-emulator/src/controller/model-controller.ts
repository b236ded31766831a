import { mkdirSync } from 'node:fs';
import { FaultPlan } from '../agent/faults';
import type { RetryPolicy } from '../agent/retry-timer';
import { SeededTurns } from '../agent/turns';
import type { UnitAgent } from '../agent/unit-agent';
import type { Machine, MachineHost } from '../machines/machine';
import type { World } from '../model';
import {
  ModelError,
  machineOf,
  moveLeadership,
  removeMachine,
  removeQueuedSecrets,
  subordinatesOf,
  unitDead,
  unitsOn,
} from '../model';
import type { Clock } from '../store/clock';
import type { DebugLog } from '../store/debug-log';
import type { Journal } from '../store/journal';
import { type Random, seededRandom } from '../store/random';
import type { WorldStore } from '../store/world-store';
import { Leases } from './leases';
import { MachineRuntimes, type Runtime } from './machine-runtimes';
import { startAgent } from './start-agent';
import { type SettleOptions, Settling, type SettlingModel } from './settling';
import { StorageProvisioner } from './storage-provisioner';
import { Uploads } from './uploads';

export interface ControllerOptions {
  readonly store: WorldStore;
  readonly log: DebugLog;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly host: MachineHost;
  /** Where uploaded charms and resources are kept. */
  readonly dataDir: string;
  /** The compiled hook-tool client and juju-exec, on the host. */
  readonly clients: { readonly hookTool: string; readonly jujuExec: string };
  readonly agentVersion: string;
  readonly retry: RetryPolicy;
  /** How long a silent machine's leader keeps its lease, milliseconds. */
  readonly leaseMs: number;
  readonly pauseMs: number;
  /** Agents act one at a time, in an order from the seed. */
  readonly oneAtATime?: boolean;
}

/** One model at work: keeps machines and agents in step with the world. */
export class ModelController implements SettlingModel {
  readonly faults = new FaultPlan();
  /** Machines as they run. */
  readonly machines: MachineRuntimes;
  readonly uploads: Uploads;
  /** One agent at a time, in an order from the seed; undefined = all at once. */
  readonly turns: SeededTurns | undefined;
  readonly #agents = new Map<string, UnitAgent>();
  readonly #leases: Leases;
  readonly #storage: StorageProvisioner;
  readonly #settling: Settling;
  readonly #random: Random;
  #reconciling = false;
  #closed = false;
  #unsubscribe: () => void;
  /** The first breakdown of the emulator itself (not of a charm). */
  failure: Error | undefined;

  constructor(readonly options: ControllerOptions) {
    const { store, clock, journal, host, dataDir } = options;
    this.#random = seededRandom(store.world.seed);
    this.#leases = new Leases(store, clock, journal, this.#random, options.leaseMs);
    this.#settling = new Settling(this, clock);
    if (options.oneAtATime === true) this.turns = new SeededTurns(store.world.seed, () => this.#schedule());
    this.uploads = new Uploads({ store, clock, random: this.#random, dataDir });
    this.machines = new MachineRuntimes({
      store,
      journal,
      host,
      now: () => this.now(),
      endAgents: (machine) => this.#endAgents(machine),
      hasAgents: (machine) => [...this.#agents.values()].some((agent) => agent.machineId === machine),
      onChange: () => this.#schedule(),
      onFailure: (error) => this.#fail(error),
    });
    this.#storage = new StorageProvisioner({
      store,
      clock,
      journal,
      host,
      running: (id) => this.machines.running(id),
      retryMs: options.retry.firstMs,
      onChange: () => this.#schedule(),
    });
    this.#unsubscribe = store.subscribe(() => {
      for (const agent of this.#agents.values()) agent.wake();
      this.#schedule();
    });
    mkdirSync(dataDir, { recursive: true });
    this.#schedule();
  }

  get world(): World {
    return this.options.store.world;
  }

  get store(): WorldStore {
    return this.options.store;
  }

  /** Changes that nobody has acted on yet. */
  get reconciling(): boolean {
    return this.#reconciling;
  }

  now(): string {
    return this.options.clock.now().toISOString();
  }

  agent(unit: string): UnitAgent {
    const agent = this.#agents.get(unit);
    if (agent === undefined) throw new ModelError('not-found', 'find agent', `unit "${unit}" has no running agent`);
    return agent;
  }

  /** The running machine. */
  machine(id: string): Machine {
    return this.machines.machine(id);
  }

  /** Resolves when nothing is left to do. */
  settle(options: SettleOptions): Promise<void> {
    return this.#settling.settle(options);
  }

  /** What keeps the model from being settled, for the operator. */
  busyWith(): string[] {
    const busy = this.machines.busy().map((id) => `machine ${id} is being prepared`);
    busy.push(...this.#storage.busyWith());
    for (const [name, agent] of this.#agents)
      if (!agent.settled) busy.push(`${name} ${this.world.units[name]?.agentStatus.message || 'is at work'}`);
    for (const unit of Object.values(this.world.units)) {
      const machine = this.world.machines[unit.machine];
      if (!this.#agents.has(unit.name) && machine?.agentStatus.status !== 'down')
        busy.push(`${unit.name} waits for its machine`);
    }
    return busy;
  }

  unitsInError(): { unit: string; message: string }[] {
    return Object.values(this.world.units)
      .filter((unit) => unit.agentStatus.status === 'error')
      .map((unit) => ({ unit: unit.name, message: unit.agentStatus.message }));
  }

  retryPending(): boolean {
    return [...this.#agents.values()].some((agent) => agent.retryPending);
  }

  /** Update-status now, on one unit or all. */
  tick(unit?: string): void {
    for (const [name, agent] of this.#agents) if (unit === undefined || unit === name) agent.tick();
  }

  hold(unit: string, held: boolean): void {
    this.options.journal.write(held ? 'fault: hold' : 'release', unit);
    this.agent(unit).hold(held);
  }

  moveLeader(application: string, unit: string): void {
    this.options.journal.write('fault: move leader', unit);
    this.store.change((world) => moveLeadership(world, application, unit));
  }

  /** kill -9 of a unit's agent; it starts again at once. */
  async killAgent(unit: string): Promise<void> {
    this.options.journal.write('fault: kill agent', unit);
    await this.agent(unit).kill();
    this.#agents.delete(unit);
    this.#schedule();
  }

  /** remove-unit --force: the unit is dead at once, no hook runs. */
  async forceRemove(unit: string): Promise<void> {
    const gone = [unit, ...subordinatesOf(this.world, unit).map(({ name }) => name)];
    this.store.change((world) => unitDead(world, unit, this.now()));
    for (const name of gone) {
      await this.#agents.get(name)?.kill();
      this.#agents.delete(name);
    }
    this.#schedule();
  }

  /** remove-machine: with `force` its units are dead at once. */
  async removeMachine(id: string, options: { readonly force: boolean; readonly keepInstance: boolean }): Promise<void> {
    machineOf(this.world, id);
    if (options.keepInstance && (options.force || unitsOn(this.world, id).length === 0)) this.machines.keepInstance(id);
    if (options.force) {
      for (const unit of unitsOn(this.world, id)) await this.forceRemove(unit);
      // The last unit may have taken it along.
      if (this.world.machines[id] === undefined) return;
    }
    this.store.change((world) => removeMachine(world, id));
  }

  /** Ends all agents and removes all machines. Idempotent. */
  async destroy(): Promise<void> {
    this.#closed = true;
    this.machines.close();
    this.#unsubscribe();
    this.#leases.close();
    this.#storage.close();
    await Promise.all([...this.#agents.values()].map((agent) => agent.kill()));
    this.#agents.clear();
    await this.machines.destroyAll();
    this.store.flush();
  }

  #fail(error: Error): void {
    this.failure ??= error;
  }

  #schedule(): void {
    if (this.#reconciling || this.#closed) return;
    this.#reconciling = true;
    setImmediate(() => {
      this.#reconciling = false;
      if (this.#closed) return;
      this.#reconcile();
      this.#settling.check();
      this.#nextTurn();
    });
  }

  #reconcile(): void {
    if (this.world.secretRemovals.length > 0) this.store.change(removeQueuedSecrets);
    const { world } = this;
    this.machines.createMissing();
    for (const [name, agent] of [...this.#agents])
      if (agent.rest === 'stopped') {
        this.#agents.delete(name);
        // An agent whose machine went away under it has not failed by itself.
        if (agent.failure !== undefined && this.machines.get(agent.machineId)?.machine?.state === 'running')
          this.#fail(agent.failure);
      }
    this.machines.dropRemoved();
    // One at a time: which machine is ready first must not decide who starts first.
    const wait = this.turns !== undefined && this.machines.busy().length > 0;
    for (const unit of wait ? [] : Object.values(world.units)) {
      const runtime = this.machines.get(unit.machine);
      if (
        this.failure === undefined &&
        runtime?.machine?.state === 'running' &&
        !runtime.busy &&
        !this.#agents.has(unit.name)
      )
        this.#startAgent(unit.name, unit.machine, runtime);
    }
    this.#storage.review(world);
    this.#leases.review(world);
  }

  async #endAgents(machine: string): Promise<void> {
    const ending = [...this.#agents].filter(([, agent]) => agent.machineId === machine);
    await Promise.all(ending.map(([, agent]) => agent.kill()));
    for (const [name, agent] of ending) if (this.#agents.get(name) === agent) this.#agents.delete(name);
  }

  #startAgent(unit: string, machineId: string, { machine, lock }: Runtime): void {
    if (machine === undefined) return;
    const agent = startAgent(this.options, {
      unit,
      machine,
      lock,
      random: this.#random,
      faults: this.faults,
      turns: this.turns,
      onChange: () => this.#schedule(),
      // Not `machines.reboot`, which the journal takes for an operator's command.
      reboot: () =>
        void MachineRuntimes.prototype.reboot
          .call(this.machines, machineId)
          .catch((error: unknown) => this.#fail(error as Error)),
    });
    this.#agents.set(unit, agent);
  }

  /** One agent at a time: the next turn is due when everybody waits for it or rests, and no machine is under way. */
  #nextTurn(): void {
    const { turns } = this;
    if (turns === undefined || this.#reconciling) return;
    const others = [...this.machines.busy(), ...this.#storage.busyWith()].length === 0;
    const missing = Object.values(this.world.units).some(
      ({ name, machine }) => this.machines.get(machine)?.machine?.state === 'running' && !this.#agents.has(name),
    );
    const quiet = others && !missing && [...this.#agents].every(([name, agent]) => turns.waits(name) || agent.settled);
    turns.look(quiet, this.#settling.waitsForRetries);
  }
}
