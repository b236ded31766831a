import { subordinatesOf, unitDead } from '../model';
import type { Effect, LocalState, Operation, RemoteSnapshot, Rest } from '../uniter';
import { bagVersion, commit, finish, hookName, nextOperation, prepare, startAgent } from '../uniter';
import type { AgentPorts } from './agent-ports';
import { agentPaths, type AgentPaths, unitTag } from './agent-paths';
import { CommandQueue } from './command-queue';
import { executeOperation, needsMachine } from './execute-operation';
import type { ExecutionResult } from './execution';
import type { ExecCommand } from './executor';
import { KnownRelations } from './known-relations';
import { applyEffect } from './world-effects';
import { RetryTimer } from './retry-timer';
import { SecretWatch } from './secret-triggers';
import { snapshotFor } from './snapshot';
import { StateFile } from './state-file';
import { UpdateStatusTimer } from './update-status-timer';
import { Wakeup } from './wakeup';

type Rested = Rest | 'busy' | 'held' | 'stopped';

/** The agent process of one unit: looks, does one thing, looks again. Killed and started anew it goes on from its disk. */
export class UnitAgent {
  readonly paths: AgentPaths;
  readonly relations = new KnownRelations(() => this.#local);
  rest: Rested = 'busy';
  /** Set when the agent broke down in a way that no hook causes. */
  failure: Error | undefined;
  readonly #state: StateFile;
  readonly #wakeup = new Wakeup();
  readonly #retry: RetryTimer;
  readonly #secrets: SecretWatch;
  readonly #ticker: UpdateStatusTimer;
  readonly #commands = new CommandQueue();
  #local: LocalState | undefined;
  #bootId = '';
  #ticks = 0;
  #retries = 0;
  #killed = false;
  #held = false;
  /** The machine is about to reboot: nothing more begins in this process. */
  #leaving = false;
  #ended: Promise<void> | undefined;

  constructor(
    readonly unit: string,
    private readonly ports: AgentPorts,
  ) {
    this.paths = agentPaths(ports.machine.jujuDir, unit);
    this.#state = new StateFile(ports.machine.hostPath(this.paths.state));
    this.#retry = new RetryTimer(ports.retry, ports.retryClock, ports.random, () => {
      this.#retries += 1;
      this.wake();
    });
    this.#secrets = new SecretWatch(this.unit, ports.clock, () => this.wake());
    this.#ticker = new UpdateStatusTimer(
      () => ports.store.world.config['update-status-hook-interval'],
      ports.clock,
      ports.random,
      () => this.tick(),
    );
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
    // What waited for its release has something to do until it has looked.
    if (!held && this.rest === 'held') this.#setRest('busy');
    this.wake();
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
    this.#secrets.stop();
    this.#ticker.stop();
    this.ports.executor.kill();
    this.ports.turns.leave(this.unit);
    this.#wakeup.signal();
  }

  /** Runs a command in the unit's context, after whatever runs now. */
  exec(command: ExecCommand): Promise<ExecutionResult> {
    const done = this.#commands.add(command);
    this.wake();
    return done;
  }

  async #run(): Promise<void> {
    this.#bootId = await this.ports.machine.bootId();
    await this.ports.executor.listen((command) => this.exec(command));
    try {
      this.#keep(startAgent(this.#state.read(), this.#snapshot()));
      this.#ticker.start();
      while (!this.#killed && !this.#leaving) if (!(await this.#step())) break;
    } finally {
      this.#retry.stop();
      this.#secrets.stop();
      this.#ticker.stop();
      this.#commands.abandon();
      await this.ports.executor.close();
      this.ports.turns.leave(this.unit);
      this.#setRest('stopped');
    }
  }

  /** One look. False when the unit is done. */
  async #step(): Promise<boolean> {
    await this.ports.turns.take(this.unit);
    if (this.#killed) return false;
    this.#wakeup.clear();
    this.#ticker.review();
    if (this.ports.store.world.units[this.unit] === undefined) return false;
    if (this.#held) {
      await this.#restUntilWoken('held');
      return true;
    }
    const look = nextOperation(this.#current(), this.#snapshot(), this.ports.order);
    this.#keep(look.local);
    this.#effects(look.effects);
    if (look.kind === 'rest') {
      // Juju lets a principal go only after what sits beside it.
      if (look.rest === 'unit-dead' && subordinatesOf(this.ports.store.world, this.unit).length > 0) {
        await this.#restUntilWoken('waiting');
        return true;
      }
      if (look.rest === 'unit-dead') {
        this.ports.journal.write('unit dead', this.unit);
        this.ports.store.change((world) => unitDead(world, this.unit, this.ports.clock.now().toISOString()));
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
    const work = async (): Promise<void> => {
      if (this.#killed) return;
      this.ports.journal.write('operation', this.unit, { ...operation });
      const prepared = prepare(this.#current(), operation, this.#snapshot());
      this.#keep(prepared.local);
      this.#effects(prepared.effects);
      if (!prepared.skipExecute) {
        const { outcome, statusSet, error } = await executeOperation(operation, {
          world: () => this.ports.store.world,
          executor: this.ports.executor,
          commands: this.#commands,
        });
        if (error !== '' && outcome !== 'ok') this.#log('ERROR', 'juju.worker.uniter.operation', error);
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
    await (needsMachine(operation) ? this.ports.lock.run(work) : work());
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
    const snapshot = snapshotFor(
      this.ports.store.world,
      this.unit,
      {
        bootId: this.#bootId,
        updateStatusTicks: this.#ticks,
        retryCount: this.#retries,
        commands: this.#commands.pending(),
        secrets: this.#secrets.look(this.ports.store.world, this.#local?.agent.completedSecrets ?? []),
      },
      bagVersion,
    );
    this.relations.see(snapshot);
    return snapshot;
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
    this.ports.turns.done(this.unit);
    await this.#wakeup.next();
  }

  #setRest(rest: Rested): void {
    if (this.rest === rest) return;
    this.rest = rest;
    this.ports.onChange();
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
