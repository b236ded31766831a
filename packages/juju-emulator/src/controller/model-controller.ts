import { mkdirSync } from 'node:fs';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FaultPlan } from '../agent/faults';
import { MachineExecutor } from '../agent/machine-executor';
import type { RetryPolicy } from '../agent/retry-timer';
import { UnitAgent } from '../agent/unit-agent';
import type { Machine, MachineHost } from '../machines/machine';
import type { World } from '../model';
import { ModelError, machineDown, machineStarted, moveLeadership, unitDead } from '../model';
import type { Clock } from '../store/clock';
import type { DebugLog } from '../store/debug-log';
import type { Journal } from '../store/journal';
import { Mutex } from '../store/mutex';
import { type Random, seededRandom } from '../store/random';
import type { WorldStore } from '../store/world-store';
import { seededOrder } from '../uniter';
import { SettleError } from './settle-error';
import { Leases } from './leases';
import { readCharm } from '../agent/charm-archive';

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
}

/** What `settle` does about units whose hook failed: wait for their retries, come back, or reject. */
export type OnError = 'wait' | 'return' | 'reject';

interface Runtime {
  machine: Machine | undefined;
  /** Settles when the work on the machine under way is done. */
  work: Promise<void>;
  busy: boolean;
  readonly lock: Mutex;
}

/** One model at work: keeps machines and agents in step with the world. */
export class ModelController {
  readonly faults = new FaultPlan();
  readonly #runtimes = new Map<string, Runtime>();
  readonly #agents = new Map<string, UnitAgent>();
  readonly #leases: Leases;
  readonly #waiters = new Set<() => void>();
  readonly #random: Random;
  #reconciling = false;
  #closed = false;
  #unsubscribe: () => void;
  /** The first breakdown of the emulator itself (not of a charm). */
  failure: Error | undefined;

  constructor(readonly options: ControllerOptions) {
    this.#random = seededRandom(options.store.world.seed);
    this.#leases = new Leases(options.store, options.clock, options.journal, this.#random, options.leaseMs);
    this.#unsubscribe = options.store.subscribe(() => {
      for (const agent of this.#agents.values()) agent.wake();
      this.#schedule();
    });
    mkdirSync(options.dataDir, { recursive: true });
    this.#schedule();
  }

  get world(): World {
    return this.options.store.world;
  }

  get store(): WorldStore {
    return this.options.store;
  }

  now(): string {
    return this.options.clock.now().toISOString();
  }

  agent(unit: string): UnitAgent {
    const agent = this.#agents.get(unit);
    if (agent === undefined) throw new ModelError('not-found', 'find agent', `unit "${unit}" has no running agent`);
    return agent;
  }

  machine(id: string): Machine {
    const machine = this.#runtimes.get(id)?.machine;
    if (machine === undefined) throw new ModelError('not-found', 'find machine', `machine ${id} is not running`);
    return machine;
  }

  /** Takes a charm in: a copy, so that what the operator does with the file afterwards does not matter. */
  async upload(path: string): Promise<string> {
    const spec = await readCharm(path);
    const revision = this.world.charmRevisions[spec.name] ?? 0;
    const copy = join(
      this.options.dataDir,
      'charms',
      `${spec.name}-${revision}${path.endsWith('.charm') ? '.charm' : ''}`,
    );
    await mkdir(join(this.options.dataDir, 'charms'), { recursive: true });
    await rm(copy, { recursive: true, force: true });
    await cp(path, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  /** Takes a resource's file in. */
  async uploadResource(
    application: string,
    name: string,
    path: string,
  ): Promise<{ path: string; filename: string; size: number; uploaded: string }> {
    const { size } = await stat(path).catch((cause: unknown) => {
      throw new ModelError('not-found', 'upload resource', `file for resource "${name}": ${(cause as Error).message}`);
    });
    const directory = join(this.options.dataDir, 'resources', application);
    await mkdir(directory, { recursive: true });
    const copy = join(directory, `${name}-${this.#random.pick(2 ** 31)}`);
    await cp(path, copy);
    return { path: copy, filename: basename(path), size, uploaded: this.now() };
  }

  /** Resolves when nothing is left to do; with `error` says what to do about units in a hook error. */
  settle(options: {
    readonly timeoutMs: number;
    readonly onError: OnError;
    readonly signal?: AbortSignal;
  }): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        cancel();
        this.#waiters.delete(check);
        finish();
      };
      const cancel = this.options.clock.after(options.timeoutMs, () =>
        done(() =>
          reject(
            new SettleError(
              'timeout',
              `after ${Math.round(options.timeoutMs / 1000)} s still at work: ${this.busyWith().join('; ')}`,
            ),
          ),
        ),
      );
      const check = (): void => {
        if (this.failure !== undefined) {
          const { failure } = this;
          done(() => reject(failure));
          return;
        }
        if (this.#reconciling || this.busyWith().length > 0) return;
        const failed = this.unitsInError();
        if (
          failed.length > 0 &&
          options.onError === 'wait' &&
          [...this.#agents.values()].some((agent) => agent.retryPending)
        )
          return;
        if (failed.length > 0 && options.onError === 'reject')
          done(() =>
            reject(new SettleError('hook-error', failed.map(({ unit, message }) => `${unit}: ${message}`).join('; '))),
          );
        else done(resolve);
      };
      options.signal?.addEventListener('abort', () =>
        done(() => reject(new SettleError('aborted', 'no longer waited for'))),
      );
      this.#waiters.add(check);
      setImmediate(check);
    });
  }

  /** What keeps the model from being settled, for the operator. */
  busyWith(): string[] {
    const busy: string[] = [];
    for (const [id, runtime] of this.#runtimes) if (runtime.busy) busy.push(`machine ${id} is being prepared`);
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

  async stopMachine(id: string): Promise<void> {
    this.options.journal.write('fault: stop machine', undefined, { machine: id });
    await this.#onMachine(id, async (runtime) => {
      await this.#endAgents(id);
      await runtime.machine?.stop();
      this.store.change((world) => machineDown(world, id, this.now()));
    });
  }

  async startMachine(id: string): Promise<void> {
    await this.#onMachine(id, async (runtime) => {
      await runtime.machine?.start();
      this.#announce(id, runtime);
    });
  }

  async rebootMachine(id: string): Promise<void> {
    this.options.journal.write('reboot machine', undefined, { machine: id });
    await this.#onMachine(id, async (runtime) => {
      await this.#endAgents(id);
      await runtime.machine?.reboot();
      this.#announce(id, runtime);
    });
  }

  /** The machine is gone for good, with its disk. Its units stay in the model, lost, until they are removed by force. */
  async destroyMachine(id: string): Promise<void> {
    this.options.journal.write('fault: destroy machine', undefined, { machine: id });
    await this.#onMachine(id, async (runtime) => {
      await this.#endAgents(id);
      await runtime.machine?.destroy();
      this.store.change((world) => machineDown(world, id, this.now()));
    });
  }

  /** remove-unit --force: the unit is dead at once, no hook runs. */
  async forceRemove(unit: string): Promise<void> {
    this.store.change((world) => unitDead(world, unit));
    await this.#agents.get(unit)?.kill();
    this.#agents.delete(unit);
    this.#schedule();
  }

  /** Ends all agents and removes all machines. Idempotent. */
  async destroy(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#leases.close();
    await Promise.all([...this.#agents.values()].map((agent) => agent.kill()));
    this.#agents.clear();
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.work.catch(() => undefined)));
    await this.options.host.destroyAll();
    this.#runtimes.clear();
    this.store.flush();
  }

  #schedule(): void {
    if (this.#reconciling || this.#closed) return;
    this.#reconciling = true;
    setImmediate(() => {
      this.#reconciling = false;
      if (this.#closed) return;
      this.#reconcile();
      for (const check of [...this.#waiters]) check();
    });
  }

  #reconcile(): void {
    const { world } = this;
    for (const id of Object.keys(world.machines)) if (!this.#runtimes.has(id)) this.#createMachine(id);
    for (const [name, agent] of [...this.#agents])
      if (agent.rest === 'stopped') {
        this.#agents.delete(name);
        // An agent whose machine went away under it has not failed by itself.
        if (agent.failure !== undefined && this.#runtimes.get(agent.machineId)?.machine?.state === 'running')
          this.failure ??= agent.failure;
      }
    for (const [id, runtime] of [...this.#runtimes])
      if (world.machines[id] === undefined && !runtime.busy) this.#dropMachine(id, runtime);
    for (const unit of Object.values(world.units)) {
      const runtime = this.#runtimes.get(unit.machine);
      if (
        this.failure === undefined &&
        runtime?.machine?.state === 'running' &&
        !runtime.busy &&
        !this.#agents.has(unit.name)
      )
        this.#startAgent(unit.name, unit.machine, runtime);
    }
    this.#leases.review(world);
  }

  #createMachine(id: string): void {
    const runtime: Runtime = { machine: undefined, work: Promise.resolve(), busy: true, lock: new Mutex() };
    this.#runtimes.set(id, runtime);
    runtime.work = this.options.host.create(id).then(
      (machine) => {
        runtime.machine = machine;
        runtime.busy = false;
        machine.onStateChange((state) => this.#onMachineState(id, runtime, state));
        this.options.journal.write('machine started', undefined, { machine: id, address: machine.address });
        this.#announce(id, runtime);
      },
      (error: unknown) => {
        runtime.busy = false;
        this.failure ??= error as Error;
        this.options.journal.write('machine failed', undefined, { machine: id, error: String(error) });
        this.#schedule();
      },
    );
  }

  /** The machine went down or came back by itself: an operator or a process on it did that. */
  #onMachineState(id: string, runtime: Runtime, state: Machine['state']): void {
    if (runtime.busy || this.#closed || this.world.machines[id] === undefined) return;
    if (state === 'stopped') {
      this.options.journal.write('machine went down', undefined, { machine: id });
      this.store.change((world) => machineDown(world, id, this.now()));
      runtime.work = this.#endAgents(id);
    } else if (state === 'running') {
      this.options.journal.write('machine came back', undefined, { machine: id });
      void runtime.work.then(() => this.#announce(id, runtime));
    }
  }

  #announce(id: string, runtime: Runtime): void {
    const { machine } = runtime;
    if (machine === undefined) return;
    const { hostname, address, cidr, macAddress, interfaceName } = machine;
    this.store.change((world) =>
      machineStarted(world, id, { hostname, address, cidr, macAddress, interfaceName }, this.now()),
    );
  }

  #dropMachine(id: string, runtime: Runtime): void {
    if ([...this.#agents.values()].some((agent) => agent.machineId === id)) return;
    runtime.busy = true;
    runtime.work = (runtime.machine?.destroy() ?? Promise.resolve())
      .catch((error: unknown) => {
        this.failure ??= error as Error;
      })
      .then(() => {
        this.#runtimes.delete(id);
        this.options.journal.write('machine removed', undefined, { machine: id });
        this.#schedule();
      });
  }

  async #onMachine(id: string, work: (runtime: Runtime) => Promise<void>): Promise<void> {
    const runtime = this.#runtimes.get(id);
    if (runtime === undefined) throw new ModelError('not-found', 'find machine', `machine ${id} not found`);
    runtime.busy = true;
    try {
      const done = work(runtime);
      runtime.work = done;
      await done;
    } finally {
      runtime.busy = false;
      this.#schedule();
    }
  }

  async #endAgents(machine: string): Promise<void> {
    const ending = [...this.#agents].filter(([, agent]) => agent.machineId === machine);
    await Promise.all(ending.map(([, agent]) => agent.kill()));
    for (const [name, agent] of ending) if (this.#agents.get(name) === agent) this.#agents.delete(name);
  }

  #startAgent(unit: string, machineId: string, runtime: Runtime): void {
    const { machine } = runtime;
    if (machine === undefined) return;
    const { store, log, journal, clock, retry, pauseMs, clients, agentVersion } = this.options;
    const agent: UnitAgent = new UnitAgent(unit, {
      store,
      log,
      journal,
      clock,
      random: this.#random,
      order: seededOrder(this.#random.pick(2 ** 31)),
      machine,
      lock: runtime.lock,
      faults: this.faults,
      retry,
      pauseMs,
      executor: new MachineExecutor(unit, {
        store,
        log,
        journal,
        clock,
        machine,
        clients,
        agentVersion,
        faults: this.faults,
        members: (relationId) => agent.members(relationId),
        inScope: (relationId) => agent.inScope(relationId),
        die: () => agent.die(),
      }),
      onChange: () => this.#schedule(),
      reboot: () => void this.rebootMachine(machineId).catch((error: unknown) => (this.failure ??= error as Error)),
    });
    this.#agents.set(unit, agent);
    agent.start();
  }
}
