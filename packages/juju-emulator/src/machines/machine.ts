import type { Readable, Writable } from 'node:stream';
import type { MachineFaults } from './machine-faults';
import type { AttachedStorage, StorageRequest } from './machine-storage';

/** How a process on a machine ended: exactly one of the two is set. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process running on a machine. Its whole process group is killed by `kill`. */
export interface MachineProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly stdin: Writable | null;
  readonly exited: Promise<ProcessExit>;
  kill(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  /** Absolute path on the machine. */
  readonly cwd: string;
  /** The exact environment; nothing of the host's is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** `pipe` opens stdin for the caller, `null` is the null device. */
  readonly stdin: 'pipe' | 'null';
  /** User name on the machine; root if absent. */
  readonly user?: string;
  /** Allocate a terminal (interactive ssh). */
  readonly tty?: boolean;
}

/**
 * One machine of a model: a booted container with its own systemd, or (light mode) a private directory.
 * Paths with `machine` in their name are as seen on the machine; `hostPath` gives the same file on the host.
 */
export interface Machine {
  readonly id: string;
  readonly hostname: string;
  /** IPv4 address that other machines and the host reach it by. */
  readonly address: string;
  readonly cidr: string;
  readonly macAddress: string;
  readonly interfaceName: string;
  readonly state: 'running' | 'stopped' | 'destroyed';
  /** Changes with every boot; the agent notices a reboot by it. */
  bootId(): Promise<string>;
  /** `/var/lib/juju` on a real machine; a private directory in light mode. */
  readonly jujuDir: string;
  /** Translates a path on the machine to the path by which the host reaches the same file. */
  hostPath(machinePath: string): string;
  /** PATH of the agent on this machine (what follows the tools directory in a hook's PATH). */
  readonly agentPath: string;
  spawn(argv: readonly string[], options: SpawnOptions): MachineProcess;
  /**
   * Tells of every change of `state`, also of one that came from inside (`reboot`, `poweroff`, a crash):
   * a reboot is `stopped` and then `running` with another boot id.
   * @returns ends the subscription.
   */
  onStateChange(listener: (state: Machine['state']) => void): () => void;
  /** Orderly stop and start again; resolves when the machine is up. */
  reboot(): Promise<void>;
  /** Power off without warning. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Suspends every process, as a paused virtual machine: it keeps its memory and answers nothing. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Plugs the network cable in or pulls it. Light machines have none: the error says so. */
  setLink(up: boolean): Promise<void>;
  /** Its network and disks, made to go wrong. Light machines have none. */
  readonly faults: MachineFaults;
  /** Makes storage there, with the data it has. It stays over reboots, except for what is in memory. Idempotent. */
  attachStorage(request: StorageRequest): Promise<AttachedStorage>;
  /** Takes storage away; its data stay. Fails while it is in use. Idempotent. */
  detachStorage(request: StorageRequest): Promise<void>;
  /** Stops it and removes everything it had. Idempotent. */
  destroy(): Promise<void>;
}

/** Makes machines of one kind for one model. */
export interface MachineHost {
  readonly kind: 'nspawn' | 'light';
  /**
   * Makes and boots a machine. `id` is Juju's machine number (`0`, `1`); several may be created at the same time.
   * @throws MachineError with what is missing.
   */
  create(id: string): Promise<Machine>;
  /** Removes the data of storage that no machine has any more. Idempotent. */
  removeStorage(request: StorageRequest): Promise<void>;
  /** Destroys all machines of the model and what they shared (bridge, network rules). Idempotent. */
  destroyAll(): Promise<void>;
}
