import type { Machine, MachineHost } from '../machines/machine';
import { ModelError, machineDown, machineStarted } from '../model';
import type { Journal } from '../store/journal';
import { Mutex } from '../store/mutex';
import type { WorldStore } from '../store/world-store';

/** A machine of the model as it runs. */
export interface Runtime {
  machine: Machine | undefined;
  /** Settles when the work on the machine under way is done. */
  work: Promise<void>;
  busy: boolean;
  /** One hook at a time on the machine. */
  readonly lock: Mutex;
}

/** What the runtimes need of their controller. */
export interface RuntimePorts {
  readonly store: WorldStore;
  readonly journal: Journal;
  readonly host: MachineHost;
  readonly now: () => string;
  /** Ends the agents of the units on a machine; resolves when they are gone. */
  readonly endAgents: (machine: string) => Promise<void>;
  readonly hasAgents: (machine: string) => boolean;
  /** Something came about that the model may have to act on. */
  readonly onChange: () => void;
  readonly onFailure: (error: Error) => void;
}

/** The machines of a model: made and dropped as the world says, and taken down and up as operators and faults say. */
export class MachineRuntimes {
  readonly #runtimes = new Map<string, Runtime>();
  /** Machines whose containers stay when the model loses them. */
  readonly #kept = new Set<string>();
  #closed = false;

  constructor(private readonly ports: RuntimePorts) {}

  get(id: string): Runtime | undefined {
    return this.#runtimes.get(id);
  }

  /** The running machine. */
  machine(id: string): Machine {
    const machine = this.#runtimes.get(id)?.machine;
    if (machine === undefined) throw new ModelError('not-found', 'find machine', `machine ${id} is not running`);
    return machine;
  }

  /** The machine, if it runs and nothing is being done to it. */
  running(id: string): Machine | undefined {
    const runtime = this.#runtimes.get(id);
    return runtime?.machine?.state === 'running' && !runtime.busy ? runtime.machine : undefined;
  }

  /** Ids of machines that are being made, booted or removed. */
  busy(): string[] {
    return [...this.#runtimes].filter(([, runtime]) => runtime.busy).map(([id]) => id);
  }

  /** Makes the machines that the world has got. */
  createMissing(): void {
    for (const id of Object.keys(this.ports.store.world.machines)) if (!this.#runtimes.has(id)) this.#create(id);
  }

  /** Drops the machines that the world has lost, once no agent runs there. */
  dropRemoved(): void {
    for (const [id, runtime] of [...this.#runtimes])
      if (this.ports.store.world.machines[id] === undefined && !runtime.busy) this.#drop(id, runtime);
  }

  /** Runs `work` on a machine when none of its hooks runs; they wait for it. */
  async onTurn(id: string, work: () => Promise<void>): Promise<void> {
    await this.#runtimes.get(id)?.lock.run(work);
  }

  /** `--keep-instance`: when the model loses the machine its container stays, until the whole model is removed. */
  keepInstance(id: string): void {
    this.#kept.add(id);
  }

  async stop(id: string): Promise<void> {
    this.ports.journal.write('fault: stop machine', undefined, { machine: id });
    await this.#onMachine(id, async (runtime) => {
      await this.ports.endAgents(id);
      await runtime.machine?.stop();
      this.#down(id);
    });
  }

  async start(id: string): Promise<void> {
    await this.#onMachine(id, async (runtime) => {
      await runtime.machine?.start();
      this.#announce(id, runtime);
    });
  }

  async reboot(id: string): Promise<void> {
    this.ports.journal.write('reboot machine', undefined, { machine: id });
    await this.#onMachine(id, async (runtime) => {
      await this.ports.endAgents(id);
      await runtime.machine?.reboot();
      this.#announce(id, runtime);
    });
  }

  /** The machine is gone for good, with its disk. Its units stay in the model, lost, until they are removed by force. */
  async destroy(id: string): Promise<void> {
    this.ports.journal.write('fault: destroy machine', undefined, { machine: id });
    await this.#onMachine(id, async (runtime) => {
      await this.ports.endAgents(id);
      await runtime.machine?.destroy();
      this.#down(id);
    });
  }

  /** Nothing that machines do counts any more. */
  close(): void {
    this.#closed = true;
  }

  /** Removes all machines. */
  async destroyAll(): Promise<void> {
    this.close();
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.work.catch(() => undefined)));
    await this.ports.host.destroyAll();
    this.#runtimes.clear();
  }

  #create(id: string): void {
    const { host, journal } = this.ports;
    const runtime: Runtime = { machine: undefined, work: Promise.resolve(), busy: true, lock: new Mutex() };
    this.#runtimes.set(id, runtime);
    runtime.work = host.create(id).then(
      (machine) => {
        runtime.machine = machine;
        runtime.busy = false;
        machine.onStateChange((state) => this.#onState(id, runtime, state));
        journal.write('machine started', undefined, { machine: id, address: machine.address });
        this.#announce(id, runtime);
      },
      (error: unknown) => {
        runtime.busy = false;
        this.ports.onFailure(error as Error);
        journal.write('machine failed', undefined, { machine: id, error: String(error) });
        this.ports.onChange();
      },
    );
  }

  /** The machine went down or came back by itself: an operator or a process on it did that. */
  #onState(id: string, runtime: Runtime, state: Machine['state']): void {
    if (runtime.busy || this.#closed || this.ports.store.world.machines[id] === undefined) return;
    if (state === 'stopped') {
      this.ports.journal.write('machine went down', undefined, { machine: id });
      this.#down(id);
      runtime.work = this.ports.endAgents(id);
    } else if (state === 'running') {
      this.ports.journal.write('machine came back', undefined, { machine: id });
      void runtime.work.then(() => this.#announce(id, runtime));
    }
  }

  #down(id: string): void {
    this.ports.store.change((world) => machineDown(world, id, this.ports.now()));
  }

  #announce(id: string, runtime: Runtime): void {
    const { machine } = runtime;
    if (machine === undefined) return;
    const { hostname, address, cidr, macAddress, interfaceName } = machine;
    this.ports.store.change((world) =>
      machineStarted(world, id, { hostname, address, cidr, macAddress, interfaceName }, this.ports.now()),
    );
  }

  #drop(id: string, runtime: Runtime): void {
    if (this.ports.hasAgents(id)) return;
    runtime.busy = true;
    const gone = this.#kept.delete(id) ? Promise.resolve() : (runtime.machine?.destroy() ?? Promise.resolve());
    runtime.work = gone
      .catch((error: unknown) => this.ports.onFailure(error as Error))
      .then(() => {
        this.#runtimes.delete(id);
        this.ports.journal.write('machine removed', undefined, { machine: id });
        this.ports.onChange();
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
      this.ports.onChange();
    }
  }
}
