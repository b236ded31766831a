import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lightFaults } from './light-faults';
import type { ControlGroup } from './control-group';
import type { Machine, MachineProcess, SpawnOptions } from './machine';
import { LightStorage } from './light-storage';
import { MachineError } from './machine-error';
import type { AttachedStorage, StorageRequest } from './machine-storage';
import { startProcess, withTerminal } from './machine-process';
import { modelTag } from './model-record';

/** Time that processes get to end by themselves in an orderly reboot. */
const orderlyStopMs = 3000;

/**
 * A private directory that plays a machine: processes are plain ones of this host with the exact environment, the address is
 * one of the loopback range. Paths on the machine are paths on the host. No root needed.
 */
export class LightMachine implements Machine {
  readonly hostname: string;
  readonly address: string;
  readonly cidr: string;
  readonly macAddress: string;
  readonly interfaceName = 'lo';
  readonly jujuDir: string;
  readonly faults = lightFaults;
  readonly agentPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

  readonly storage: LightStorage;
  private current: Machine['state'] = 'stopped';
  private boot = '';
  private readonly running = new Set<MachineProcess>();
  private readonly listeners = new Set<(state: Machine['state']) => void>();

  constructor(
    readonly id: string,
    index: number,
    model: string,
    /** First three numbers of the model's addresses. */
    prefix: string,
    private readonly directory: string,
    private readonly group: ControlGroup | null,
  ) {
    const tag = modelTag(model);
    this.hostname = `juju-${tag}-${id}`;
    this.address = `${prefix}.${10 + index}`;
    this.cidr = `${prefix}.0/24`;
    this.macAddress = `00:16:3e:${tag.slice(0, 2)}:${tag.slice(2, 4)}:${(10 + index).toString(16).padStart(2, '0')}`;
    this.jujuDir = join(directory, 'var/lib/juju');
    this.storage = new LightStorage(directory, join(dirname(directory), 'storage'));
  }

  get state(): Machine['state'] {
    return this.current;
  }

  onStateChange(listener: (state: Machine['state']) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  bootId(): Promise<string> {
    this.requireRunning('read the boot id');
    return Promise.resolve(this.boot);
  }

  hostPath(machinePath: string): string {
    return machinePath;
  }

  spawn(argv: readonly string[], options: SpawnOptions): MachineProcess {
    this.requireRunning('start a process');
    const command = options.tty ? withTerminal(argv) : argv;
    const started = startProcess(this.group ? this.group.entering(command, options.env) : command, options);
    this.running.add(started);
    void started.exited.then(() => this.running.delete(started));
    return started;
  }

  start(): Promise<void> {
    if (this.current === 'destroyed') throw new MachineError('not-running', 'start', `machine ${this.id} is destroyed`);
    if (this.current === 'running') return Promise.resolve();
    mkdirSync(this.jujuDir, { recursive: true });
    this.group?.create();
    this.boot = randomUUID();
    this.setState('running');
    return Promise.resolve();
  }

  async reboot(): Promise<void> {
    this.requireRunning('reboot');
    for (const pid of this.processes()) signal(pid, 'SIGTERM');
    const deadline = performance.now() + orderlyStopMs;
    while (this.processes().length > 0 && performance.now() < deadline) await pause();
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.current !== 'running') return;
    this.boot = '';
    await killLight(this.directory, this.group);
    await Promise.all([...this.running].map((started) => started.exited));
    this.setState('stopped');
  }

  freeze(): Promise<void> {
    this.requireRunning('freeze');
    for (const pid of this.processes()) signal(pid, 'SIGSTOP');
    return Promise.resolve();
  }

  thaw(): Promise<void> {
    for (const pid of this.processes()) signal(pid, 'SIGCONT');
    return Promise.resolve();
  }

  setLink(): Promise<void> {
    const words = 'a light machine has no cable; use real machines to cut links';
    return Promise.reject(new MachineError('unsupported', 'switch the link', words));
  }

  attachStorage(request: StorageRequest): Promise<AttachedStorage> {
    this.requireRunning('attach storage');
    return new Promise((resolve) => resolve(this.storage.attach(request)));
  }

  detachStorage(request: StorageRequest): Promise<void> {
    return this.storage.detach(request);
  }

  async destroy(): Promise<void> {
    if (this.current === 'destroyed') return;
    await this.stop();
    await removeLight(this.directory, this.group);
    this.setState('destroyed');
    this.listeners.clear();
  }

  private processes(): number[] {
    return lightProcesses(this.directory, this.group);
  }

  private setState(state: Machine['state']): void {
    this.current = state;
    for (const listener of [...this.listeners]) listener(state);
  }

  private requireRunning(operation: string): void {
    if (this.current === 'running') return;
    throw new MachineError('not-running', operation, `cannot ${operation}: machine ${this.id} is ${this.current}`, {
      retryable: true,
    });
  }
}

/**
 * Processes of a light machine. As root a control group holds them; else those count that work in the machine's directory or
 * have its path in their environment, as every hook has in `JUJU_CHARM_DIR`.
 */
function lightProcesses(directory: string, group: ControlGroup | null): number[] {
  const grouped = group?.processes() ?? [];
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => belongs(pid, directory));
  return [...new Set([...grouped, ...found.map(Number)])].filter((pid) => pid !== process.pid);
}

function belongs(pid: string, directory: string): boolean {
  try {
    if (isZombie(pid)) return false;
    if (`${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${directory}/`)) return true;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`=${directory}/`);
  } catch {
    return false; // gone, or another user's
  }
}

function isZombie(pid: string): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

/** Kills every process of a light machine. */
export async function killLight(directory: string, group: ControlGroup | null): Promise<void> {
  for (;;) {
    const left = lightProcesses(directory, group);
    if (left.length === 0) return;
    for (const pid of left) signal(pid, 'SIGKILL');
    await pause();
  }
}

/** Kills and removes a light machine. Idempotent. */
export async function removeLight(directory: string, group: ControlGroup | null): Promise<void> {
  await killLight(directory, group);
  group?.remove();
  await rm(directory, { recursive: true, force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone meanwhile
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
