import { readCharm } from '../agent/charm-archive';
import type { Fault } from '../agent/faults';
import { type Machine, removeModelFiles } from '../machines';
import type { AttachedResource, FullStatus, RefreshOptions, Task, World } from '../model';
import {
  addMachine,
  addUnits,
  applicationOf,
  attachResource,
  cancelTask,
  defaultBaseOf,
  deploy,
  enqueueAction,
  fullStatus,
  integrate,
  parseStorageDirective,
  refresh,
  removeApplication,
  removeRelation,
  removeUnit,
  setConfig,
  taskEnded,
  taskOf,
  unitOf,
  uploadCharm,
} from '../model';
import { AdvanceableClock } from '../store/clock';
import type { DebugLog } from '../store/debug-log';
import type { Journal } from '../store/journal';
import { createController } from './create-controller';
import type { DeployOptions, EmulatorOptions } from './emulator-options';
import { journalCommands } from './command-journal';
import { type FaultRequest, runFault } from './fault-request';
import type { ModelController } from './model-controller';
import { ModelStorage } from './model-storage';
import type { OnError } from './settling';

/** What came of an action on one unit. */
export type RunResult = Readonly<Task>;

/** A model at work, as a library: what the command line drives, too. */
export class Emulator implements AsyncDisposable {
  readonly controller: ModelController;
  readonly storage: ModelStorage;
  #destroyed: Promise<void> | undefined;

  private constructor(
    controller: ModelController,
    private readonly keepsFiles: boolean,
  ) {
    this.controller = controller;
    this.storage = new ModelStorage(controller);
  }

  /** An empty model with its own machine host. Call `destroy` (or use `await using`) when done. */
  static async create(options: EmulatorOptions): Promise<Emulator> {
    const emulator = new Emulator(await createController(options), options.directory !== undefined);
    journalCommands(emulator);
    return emulator;
  }

  get world(): World {
    return this.controller.world;
  }

  /** Deploys a charm (a `.charm` file or a charm directory). Returns the application's name. */
  async deploy(charmPath: string, options: DeployOptions = {}): Promise<string> {
    const { controller } = this;
    const spec = await readCharm(charmPath);
    const copy = await controller.uploads.charm(charmPath);
    const application = options.name ?? spec.name;
    const resources: Record<string, AttachedResource> = {};
    for (const [name, path] of Object.entries(options.resources ?? {}))
      resources[name] = { ...(await controller.uploads.resource(application, name, path)), revision: 1 };
    controller.store.change((world) => {
      const charm = uploadCharm(world, spec, copy);
      deploy(
        world,
        {
          application,
          charmUrl: charm.url,
          // One is what the command line says when nobody did.
          units: spec.subordinate && (options.units ?? 1) === 1 ? 0 : (options.units ?? 1),
          base: options.base ?? defaultBaseOf(spec),
          channel: options.channel ?? '',
          trust: options.trust ?? false,
          settings: options.config ?? {},
          resources,
          placement: options.to ?? [],
          storage: Object.fromEntries(
            Object.entries(options.storage ?? {}).map(([name, text]) => [name, parseStorageDirective(text)]),
          ),
          attachStorage: options.attachStorage ?? [],
        },
        controller.now(),
      );
    });
    return application;
  }

  /** Relates two `app[:endpoint]`s. Returns the relation's id. */
  integrate(first: string, second: string): Promise<number> {
    return this.#change((world) => integrate(world, first, second, this.controller.now()).id);
  }

  removeRelation(first: string, second?: string): Promise<void> {
    return this.#change((world) => removeRelation(world, first, second));
  }

  /** Adds units and returns their names; `attachStorage` names existing storage for the only one. */
  addUnit(
    application: string,
    count = 1,
    to: readonly string[] = [],
    attachStorage: readonly string[] = [],
  ): Promise<string[]> {
    return this.#change((world) => addUnits(world, application, count, this.controller.now(), to, attachStorage));
  }

  /** Adds machines without units and returns their ids. */
  addMachine(count = 1, base?: string): Promise<string[]> {
    return this.#change((world) =>
      Array.from({ length: count }, () => addMachine(world, this.controller.now(), base).id),
    );
  }

  /** Removes a machine; one with units only with `force`, and they are gone at once. */
  removeMachine(
    id: string,
    options: { readonly force?: boolean; readonly keepInstance?: boolean } = {},
  ): Promise<void> {
    return this.controller.removeMachine(id, {
      force: options.force ?? false,
      keepInstance: options.keepInstance ?? false,
    });
  }

  /** Begins the removal of a unit; with `force` it is gone at once and runs no hook. */
  async removeUnit(
    unit: string,
    options: { readonly force?: boolean; readonly destroyStorage?: boolean } = {},
  ): Promise<void> {
    if (options.force === true) {
      await this.#change((world) => removeUnit(world, unit, options.destroyStorage));
      await this.controller.forceRemove(unit);
    } else await this.#change((world) => removeUnit(world, unit, options.destroyStorage));
  }

  removeApplication(application: string, options: { readonly destroyStorage?: boolean } = {}): Promise<void> {
    return this.#change((world) => removeApplication(world, application, options.destroyStorage));
  }

  setConfig(
    application: string,
    values: Readonly<Record<string, string | number | boolean>>,
    reset: readonly string[] = [],
  ): Promise<void> {
    return this.#change((world) => setConfig(world, application, values, reset));
  }

  async attachResource(application: string, name: string, path: string): Promise<void> {
    const attached = await this.controller.uploads.resource(application, name, path);
    await this.#change((world) => attachResource(world, application, name, attached));
  }

  /** Switches an application to another version of its charm. */
  async refresh(application: string, charmPath: string, options: RefreshOptions = {}): Promise<void> {
    applicationOf(this.world, application);
    const spec = await readCharm(charmPath);
    const copy = await this.controller.uploads.charm(charmPath);
    await this.#change((world) =>
      refresh(world, application, uploadCharm(world, spec, copy).url, this.controller.now(), options),
    );
  }

  /** `juju resolved`: retry the failed hook now, or take it as done. */
  resolved(unit: string, how: 'retry' | 'no-retry' = 'retry'): Promise<void> {
    return this.#change((world) => {
      unitOf(world, unit).resolved = how;
    });
  }

  /** Runs an action and waits for its end. `unit` may be `app/leader`. */
  async runAction(unit: string, name: string, params: Readonly<Record<string, unknown>> = {}): Promise<RunResult> {
    return this.taskEnd(await this.startAction(unit, name, params));
  }

  /** Enqueues an action; returns its task's id. */
  startAction(unit: string, name: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.#change((world) => {
      const request = { name, units: [unit], parameters: params };
      return enqueueAction(world, request, this.controller.now()).tasks[0] ?? '';
    });
  }

  /** Runs a command line in a unit's hook context (`juju exec`). */
  exec(unit: string, command: string): Promise<RunResult> {
    return this.runAction(unit, 'juju-exec', { command, timeout: 0 });
  }

  /** Resolves when the task has ended. */
  taskEnd(
    id: string,
    onLog: (entry: { timestamp: string; message: string }) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<Task> {
    return new Promise((resolve, reject) => {
      let logged = 0;
      const look = (): void => {
        const task = taskOf(this.world, id);
        for (; logged < task.log.length; logged += 1) {
          const entry = task.log[logged];
          if (entry !== undefined) onLog(entry);
        }
        if (!taskEnded(task)) return;
        unsubscribe();
        resolve(task);
      };
      const unsubscribe = this.controller.store.subscribe(() => setImmediate(look));
      signal?.addEventListener('abort', () => {
        unsubscribe();
        reject(new Error('no longer waited for'));
      });
      look();
    });
  }

  cancel(task: string): Promise<void> {
    return this.#change((world) => cancelTask(world, task, this.controller.now()));
  }

  /** Resolves when nothing is left to do. Units in a hook error: waited for (default), taken as they are, or rejected. */
  settle(
    options: { readonly timeoutMs?: number; readonly onError?: OnError; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.controller.settle({
      timeoutMs: options.timeoutMs ?? 120_000,
      onError: options.onError ?? 'wait',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  status(): FullStatus {
    return fullStatus(this.world, this.controller.now(), this.world.agentVersion);
  }

  /** Puts the model's clock forward: rotations, expiries, retries and ticks that fall due by that happen now. */
  advance(milliseconds: number): void {
    const { clock, journal } = this.controller.options;
    if (!(clock instanceof AdvanceableClock))
      throw new Error('the clock given to this emulator cannot be put forward: give an AdvanceableClock, or none');
    journal.write('clock advanced', undefined, { milliseconds });
    clock.advance(milliseconds);
  }

  /** The machine of a unit, to look at and to start processes on. */
  machineOf(unit: string): Machine {
    return this.controller.machine(unitOf(this.world, unit).machine);
  }

  /** Lines of the debug log, `unit-app-0: 10:00:00 INFO module message` in parts. */
  log(): ReturnType<DebugLog['records']> {
    return this.controller.options.log.records();
  }

  journal(): ReturnType<Journal['entries']> {
    return this.controller.options.journal.entries();
  }

  /** Arms a fault; it happens once, when its moment comes. */
  arm(fault: Fault): void {
    this.controller.options.journal.write('fault armed', fault.unit, { ...fault });
    this.controller.faults.arm(fault);
  }

  /** Makes something go wrong now: machines, links, disks, agents. */
  fault(request: FaultRequest): Promise<void> {
    return runFault(this, request);
  }

  /** Removes every machine and file of the model. Idempotent. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.controller.destroy().then(() => {
      if (!this.keepsFiles) removeModelFiles(this.world.modelName);
    });
    return this.#destroyed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  #change<T>(mutate: (world: World) => T): Promise<T> {
    return new Promise((resolve) => resolve(this.controller.store.change(mutate)));
  }
}
