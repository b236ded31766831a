import type { AttachedStorage, Machine, MachineHost, StorageRequest } from '../machines';
import type { StorageAttachment, StorageInstance, World } from '../model';
import { allStorage, storageAttached, storageFailed, storageProviders, storageReleased } from '../model';
import type { Clock } from '../store/clock';
import type { Journal } from '../store/journal';
import type { WorldStore } from '../store/world-store';

/** What the provisioner is given. */
export interface StorageProvisionerPorts {
  readonly store: WorldStore;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly host: MachineHost;
  /** The machine, while it runs and nothing is being done to it. */
  readonly running: (id: string) => Machine | undefined;
  /** Time until storage that could not be made or taken away is tried again, milliseconds. */
  readonly retryMs: number;
  /** Called when a piece of work has ended. */
  readonly onChange: () => void;
}

interface Held {
  readonly id: string;
  readonly request: StorageRequest;
  readonly machine: Machine;
}

/** Keeps the machines' storage in step with the model: makes and mounts what units are to have, takes away what they let go. */
export class StorageProvisioner {
  /** What machines have, by storage and unit. */
  readonly #held = new Map<string, Held>();
  /** Data on the hosts, by storage. */
  readonly #data = new Map<string, StorageRequest>();
  /** Work under way, by storage: one thing at a time. */
  readonly #work = new Map<string, string>();
  /** Storage that failed: not before its retry. */
  readonly #waiting = new Map<string, { readonly why: string; readonly cancel: () => void }>();
  #closed = false;

  constructor(private readonly ports: StorageProvisionerPorts) {}

  /** What is under way, for the operator. */
  busyWith(): string[] {
    return [
      ...[...this.#work].map(([id, what]) => `storage ${id} is being ${what}`),
      ...[...this.#waiting].map(([id, { why }]) => `storage ${id} is tried again: ${why}`),
    ];
  }

  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  /** Starts what is to be done now. */
  review(world: World): void {
    for (const [key, held] of this.#held) {
      if (world.machines[held.machine.id] === undefined) this.#held.delete(key);
      else if (!isWanted(world, key, held.id)) this.#release(key, held);
    }
    for (const [id, request] of this.#data)
      if (world.storage[id] === undefined && ![...this.#held.values()].some((held) => held.id === id))
        this.#remove(id, request);
    for (const instance of allStorage(world))
      for (const attachment of instance.attachments) {
        const machine = this.ports.running(attachment.machine);
        if (machine !== undefined && !this.#held.has(keyOf(instance.id, attachment.unit)))
          this.#attach(instance, attachment, machine);
      }
  }

  #attach(instance: StorageInstance, attachment: StorageAttachment, machine: Machine): void {
    const { id } = instance;
    const request = requestFor(instance, attachment);
    this.#start(id, 'attached', async () => {
      const facts: AttachedStorage = await machine.attachStorage(request);
      this.#data.set(id, request);
      this.#held.set(keyOf(id, attachment.unit), { id, request, machine });
      this.ports.journal.write('storage attached', attachment.unit, { storage: id, ...facts });
      this.ports.store.change((world) => storageAttached(world, id, attachment.unit, facts, this.#now()));
    });
  }

  #release(key: string, held: Held): void {
    this.#start(held.id, 'detached', async () => {
      await held.machine.detachStorage(held.request);
      this.#held.delete(key);
      this.ports.journal.write('storage detached', undefined, { storage: held.id, machine: held.machine.id });
      this.ports.store.change((world) => storageReleased(world, held.id, this.#now()));
    });
  }

  #remove(id: string, request: StorageRequest): void {
    this.#start(id, 'removed', async () => {
      await this.ports.host.removeStorage(request);
      this.#data.delete(id);
    });
  }

  #start(id: string, what: string, work: () => Promise<void>): void {
    if (this.#closed || this.#work.has(id) || this.#waiting.has(id)) return;
    this.#work.set(id, what);
    const failed = (error: unknown): void => {
      if (this.#closed) return;
      const message = error instanceof Error ? error.message : String(error);
      this.ports.journal.write('storage failed', undefined, { storage: id, what, message });
      const cancel = this.ports.clock.after(this.ports.retryMs, () => {
        this.#waiting.delete(id);
        this.ports.onChange();
      });
      this.#waiting.set(id, { why: message, cancel });
      this.ports.store.change((world) => storageFailed(world, id, message, this.#now()));
    };
    void work()
      .catch(failed)
      .finally(() => {
        this.#work.delete(id);
        this.ports.onChange();
      });
  }

  #now(): string {
    return this.ports.clock.now().toISOString();
  }
}

const keyOf = (id: string, unit: string): string => `${id} ${unit}`;

const isWanted = (world: World, key: string, id: string): boolean =>
  (world.storage[id]?.attachments ?? []).some((attachment) => keyOf(id, attachment.unit) === key);

function requestFor(instance: StorageInstance, attachment: StorageAttachment): StorageRequest {
  const provider = storageProviders[instance.provider];
  return {
    uuid: instance.uuid,
    number: instance.volume ?? instance.filesystem ?? 0,
    kind: instance.kind,
    backing: provider?.backing ?? 'directory',
    scope: provider?.scope ?? 'machine',
    size: instance.size,
    readOnly: instance.readOnly,
    mountPoint: attachment.mountPoint,
  };
}
