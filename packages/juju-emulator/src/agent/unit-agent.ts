import type { Machine } from '../machines/machine';
import { taskOf, unitDead } from '../model';
import type { Clock } from '../store/clock';
import type { DebugLog } from '../store/debug-log';
import type { Journal } from '../store/journal';
import type { Random } from '../store/random';
import type { WorldStore } from '../store/world-store';
import type { Effect, LocalState, Operation, Order, Outcome, RemoteCommand, RemoteSnapshot, Rest } from '../uniter';
import { bagVersion, commit, finish, hookName, nextOperation, prepare, startAgent } from '../uniter';
import { agentPaths, type AgentPaths, unitTag } from './agent-paths';
import type { ExecutionResult } from './execution';
import type { ExecCommand, Executor } from './executor';
import { applyEffect } from './world-effects';
import { hookSubject } from './execution';
import type { FaultPlan } from './faults';
import { type RetryPolicy, RetryTimer } from './retry-timer';
import { snapshotFor } from './snapshot';
import { StateFile } from './state-file';
import { Wakeup } from './wakeup';
import type { Mutex } from '../store/mutex';

/** What an agent is given. */
export interface AgentPorts {
  readonly store: WorldStore;
  readonly log: DebugLog;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly order: Order;
  readonly machine: Machine;
  /** One hook at a time on the machine. */
  readonly lock: Mutex;
  readonly faults: FaultPlan;
  readonly retry: RetryPolicy;
  /** Runs hooks, actions and commands on the machine. */
  readonly executor: Executor;
  /** Called whenever the agent comes to rest or goes on. */
  readonly onChange: () => void;
  /** The agent asks for a reboot of its machine. */
  readonly reboot: () => void;
  /** Juju's pauses between hooks, milliseconds; 0 = none. */
  readonly pauseMs: number;
}

type Rested = Rest | 'busy' | 'held' | 'stopped';

/** The agent process of one unit: looks, does one thing, looks again. Killed and started anew it goes on from its disk. */
export class UnitAgent {
  readonly paths: AgentPaths;
  rest: Rested = 'busy';
  /** Set when the agent broke down in a way that no hook causes. */
  failure: Error | undefined;
  readonly #state: StateFile;
  readonly #wakeup = new Wakeup();
  readonly #retry: RetryTimer;
  readonly #commands = new Map<string, { command: ExecCommand; done: (result: ExecutionResult) => void }>();
  #local: LocalState | undefined;
  #bootId = '';
  #ticks = 0;
  #retries = 0;
  #nextCommand = 0;
  #killed = false;
  #held = false;
  /** The machine is about to reboot: nothing more begins in this process. */
  #leaving = false;
  #cancelTick: (() => void) | undefined;
  #ended: Promise<void> | undefined;

  constructor(
    readonly unit: string,
    private readonly ports: AgentPorts,
  ) {
    this.paths = agentPaths(ports.machine.jujuDir, unit);
    this.#state = new StateFile(ports.machine.hostPath(this.paths.state));
    this.#retry = new RetryTimer(ports.retry, ports.clock, ports.random, () => {
      this.#retries += 1;
      this.wake();
    });
  }

  get machineId(): string {
    return this.ports.machine.id;
  }

  start(): void {
    this.#ended ??= this.#run().catch((error: unknown) => {
      this.failure = error as Error;
      this.#log('ERROR', 'juju.worker.uniter', `the agent ended: ${(error as Error).stack ?? String(error)}`);
      this.#setRest('stopped');
    });
  }

  /** At rest with nothing noticed since. */
  get settled(): boolean {
    return this.rest !== 'busy' && (!this.#wakeup.pending || this.rest === 'stopped' || this.rest === 'held');
  }

  get retryPending(): boolean {
    return this.#retry.running;
  }

  wake(): void {
    this.#wakeup.signal();
  }

  /** An update-status tick now. */
  tick(): void {
    this.#ticks += 1;
    this.wake();
  }

  /** Keeps the agent from beginning anything until it is released. */
  hold(held: boolean): void {
    this.#held = held;
    this.wake();
  }

  /** Members of a relation as the unit has taken them in. */
  members(relationId: number): readonly string[] {
    return Object.keys(this.#local?.unit.relations[String(relationId)]?.members ?? {}).sort();
  }

  /** Relations whose scope the unit is in. */
  inScope(relationId: number): boolean {
    return this.#local?.unit.scopes[String(relationId)] !== undefined;
  }

  /** Ends the agent like kill -9: what runs is killed, nothing more is written. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.die();
    await this.#ended;
  }

  /** As `kill`, without waiting: safe to call from inside an execution. */
  die(): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#retry.stop();
    this.#cancelTick?.();
    this.ports.executor.kill();
    this.#wakeup.signal();
  }

  /** Runs a command in the unit's context, after whatever runs now. */
  exec(command: ExecCommand): Promise<ExecutionResult> {
    return new Promise((resolve) => {
      const id = String(this.#nextCommand);
      this.#nextCommand += 1;
      this.#commands.set(id, { command, done: resolve });
      this.wake();
    });
  }

  async #run(): Promise<void> {
    this.#bootId = await this.ports.machine.bootId();
    await this.ports.executor.listen((command) => this.exec(command));
    try {
      this.#keep(startAgent(this.#state.read(), this.#snapshot()));
      this.#armTick();
      while (!this.#killed && !this.#leaving) if (!(await this.#step())) break;
    } finally {
      this.#retry.stop();
      this.#cancelTick?.();
      for (const { done } of this.#commands.values())
        done({ outcome: 'terminated', error: 'the agent has ended', statusSet: false });
      this.#commands.clear();
      await this.ports.executor.close();
      this.#setRest('stopped');
    }
  }

  /** One look. False when the unit is done. */
  async #step(): Promise<boolean> {
    this.#wakeup.clear();
    if (this.ports.store.world.units[this.unit] === undefined) return false;
    if (this.#held) {
      await this.#restUntilWoken('held');
      return true;
    }
    const look = nextOperation(this.#current(), this.#snapshot(), this.ports.order);
    this.#keep(look.local);
    this.#effects(look.effects);
    if (look.kind === 'rest') {
      if (look.rest === 'unit-dead') {
        this.ports.journal.write('unit dead', this.unit);
        this.ports.store.change((world) => unitDead(world, this.unit));
        return false;
      }
      await this.#restUntilWoken(look.rest);
      return true;
    }
    this.#setRest('busy');
    await this.#perform(look.operation);
    return true;
  }

  async #perform(operation: Operation): Promise<void> {
    const needsMachine = ['run-hook', 'run-action', 'run-command', 'install', 'upgrade'].includes(operation.kind);
    const work = async (): Promise<void> => {
      if (this.#killed) return;
      this.ports.journal.write('operation', this.unit, { ...operation });
      const prepared = prepare(this.#current(), operation, this.#snapshot());
      this.#keep(prepared.local);
      this.#effects(prepared.effects);
      let outcome: Outcome = 'ok';
      let statusSet = false;
      if (!prepared.skipExecute) {
        const result = await this.#execute(operation);
        ({ outcome, statusSet } = result);
        if (result.error !== '' && outcome !== 'ok') this.#log('ERROR', 'juju.worker.uniter.operation', result.error);
        const finished = finish(this.#current(), operation, outcome, statusSet);
        this.#keep(finished.local);
        this.#effects(finished.effects);
        if (finished.next === 'reboot') this.#leaving = true;
        if (finished.next !== 'commit') return;
        if (
          operation.kind === 'run-hook' &&
          this.ports.faults.take('die-before-commit', this.unit, hookName(operation.hook)) !== undefined
        ) {
          this.ports.journal.write('fault: agent dies before commit', this.unit);
          this.die();
          return;
        }
      }
      const committed = commit(this.#current(), operation, this.#snapshot());
      this.#keep(committed.local);
      this.#effects(committed.effects);
      if (this.ports.pauseMs > 0)
        await new Promise<void>((resolve) => this.ports.clock.after(this.ports.pauseMs, resolve));
    };
    await (needsMachine ? this.ports.lock.run(work) : work());
  }

  async #execute(operation: Operation): Promise<ExecutionResult> {
    const fine: ExecutionResult = { outcome: 'ok', error: '', statusSet: false };
    switch (operation.kind) {
      case 'install':
      case 'upgrade':
        try {
          await this.ports.executor.deployCharm(operation.charmUrl);
          return fine;
        } catch (error) {
          return {
            outcome: 'conflict',
            error: `cannot deploy charm ${operation.charmUrl}: ${String(error)}`,
            statusSet: false,
          };
        }
      case 'run-hook':
        return this.ports.executor.run(hookSubject(operation.hook));
      case 'run-action': {
        const task = taskOf(this.ports.store.world, operation.actionId);
        return this.ports.executor.run({ kind: 'action', name: task.name, id: task.id, params: task.parameters });
      }
      case 'run-command': {
        const waiting = this.#commands.get(operation.commandId);
        if (waiting === undefined) return fine;
        const { command, relationId, remoteUnit } = waiting.command;
        const result = await this.ports.executor.run(
          {
            kind: 'exec',
            ...(relationId === undefined ? {} : { relationId }),
            ...(remoteUnit === undefined ? {} : { remoteUnit }),
          },
          command,
        );
        this.#commands.delete(operation.commandId);
        waiting.done(result);
        return result;
      }
      case 'skip-hook':
      case 'accept-leadership':
      case 'resign-leadership':
      case 'fail-action':
      case 'forget-secrets':
        return fine;
    }
  }

  #effects(effects: readonly Effect[]): void {
    if (this.#killed) return;
    for (const effect of effects) this.#effect(effect);
  }

  #effect(effect: Effect): void {
    switch (effect.kind) {
      case 'start-retry-timer':
        return this.#retry.start();
      case 'stop-retry-timer':
        return this.#retry.stop();
      case 'restart-watcher':
        this.#ticks = 0;
        this.#retries = 0;
        return;
      case 'reboot-machine':
        return this.ports.reboot();
      default: {
        const now = this.ports.clock.now().toISOString();
        this.ports.store.change((world) => applyEffect(world, this.unit, effect, now));
      }
    }
  }

  #snapshot(): RemoteSnapshot {
    const commands: RemoteCommand[] = [...this.#commands].map(([id, { command }]) => ({
      id,
      command: command.command,
    }));
    return snapshotFor(
      this.ports.store.world,
      this.unit,
      {
        bootId: this.#bootId,
        updateStatusTicks: this.#ticks,
        retryCount: this.#retries,
        commands,
        forceCharmUpgrade: false,
      },
      bagVersion,
    );
  }

  #current(): LocalState {
    if (this.#local === undefined) throw new Error('the agent has not started');
    return this.#local;
  }

  /** What a dead agent would have written stays unwritten. */
  #keep(local: LocalState): void {
    if (this.#killed) return;
    this.#local = local;
    this.#state.write(local.unit);
  }

  async #restUntilWoken(rest: Rested): Promise<void> {
    if (!this.#wakeup.pending) this.#setRest(rest);
    await this.#wakeup.next();
  }

  #setRest(rest: Rested): void {
    if (this.rest === rest) return;
    this.rest = rest;
    this.ports.onChange();
  }

  #armTick(): void {
    this.#cancelTick?.();
    const seconds = this.ports.store.world.config['update-status-hook-interval'];
    if (seconds <= 0 || this.#killed) return;
    // Juju's interval give or take 20 %.
    this.#cancelTick = this.ports.clock.after(seconds * 1000 * (0.8 + 0.4 * this.ports.random.fraction()), () => {
      this.tick();
      this.#armTick();
    });
  }

  #log(level: string, module: string, message: string): void {
    this.ports.log.write({
      entity: unitTag(this.unit),
      time: this.ports.clock.now().toISOString(),
      level,
      module,
      message,
    });
  }
}
