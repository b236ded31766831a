import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlGroup } from './control-group';
import { hostCommand, hostEnvironment } from './host-command';
import type { Machine, MachineProcess, SpawnOptions } from './machine';
import { containerLeader } from './container-leader';
import { until } from './deadline';
import { MachineError } from './machine-error';
import { machineGroup, removeMachine, rootMount } from './machine-root';
import { startProcess, withTerminal } from './machine-process';
import { resolvConf, type ModelNetwork } from './model-network';
import type { AttachedStorage, StorageRequest } from './machine-storage';
import { machineDir, modelDir, modelTag } from './model-record';
import { NspawnFaults } from './nspawn-faults';
import { NspawnStorage } from './nspawn-storage';

/** Exit status of systemd-nspawn when the machine asked for a reboot (systemd-nspawn(1), EXIT STATUS). */
const rebootRequested = 133;
/** SIGRTMIN+5 makes systemd reboot in order (systemd(1), SIGNALS). */
const orderlyReboot = 39;
const bootDeadlineMs = 60_000;
const rebootDeadlineMs = 120_000;

/** A machine booted by systemd-nspawn: own systemd, own network namespace, a disk that is an overlay of the image. */
export class NspawnMachine implements Machine {
  readonly hostname: string;
  readonly address: string;
  readonly cidr: string;
  readonly macAddress: string;
  readonly interfaceName = 'eth0';
  readonly jujuDir = '/var/lib/juju';
  readonly agentPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin';

  private current: Machine['state'] = 'stopped';
  private readonly listeners = new Set<(state: Machine['state']) => void>();
  private readonly group: ControlGroup;
  private readonly root: string;
  private readonly directory: string;
  readonly storage: NspawnStorage;
  readonly faults: NspawnFaults;
  private supervisor: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private leader = 0;
  /** Set while we take the machine down, so that its end is not taken for a reboot from inside. */
  private goingDown = false;

  constructor(
    readonly id: string,
    private readonly index: number,
    private readonly network: ModelNetwork,
    private readonly image: string,
    stateDir: string,
  ) {
    const model = network.model;
    this.hostname = `juju-${modelTag(model)}-${id}`;
    this.address = network.address(index);
    this.cidr = network.network;
    this.macAddress = network.macAddress(index);
    this.group = machineGroup(model, id);
    this.root = rootMount(model, id);
    this.directory = machineDir(stateDir, model, id);
    this.faults = new NspawnFaults(model, id, this.root, this.directory, () => this.leader);
    this.storage = new NspawnStorage(this.root, modelDir(stateDir, model), () => this.leader);
  }

  get state(): Machine['state'] {
    return this.current;
  }

  onStateChange(listener: (state: Machine['state']) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Makes the disk and the network, and boots. */
  async create(): Promise<void> {
    const upper = join(this.directory, 'disk');
    const work = join(this.directory, 'work');
    for (const path of [join(upper, 'etc'), work, this.root]) mkdirSync(path, { recursive: true });
    const files: Record<string, string> = {
      hostname: `${this.hostname}\n`,
      hosts: `127.0.0.1 localhost\n127.0.1.1 ${this.hostname}\n\n::1 ip6-localhost ip6-loopback\n`,
      'resolv.conf': resolvConf(),
      'machine-id': `${randomBytes(16).toString('hex')}\n`,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(upper, 'etc', name), content);
    await hostCommand('mount the machine’s disk', [
      ...['mount', '-t', 'overlay', '-o', `lowerdir=${this.image},upperdir=${upper},workdir=${work}`],
      ...['juju-emulator', this.root],
    ]);
    // What is mounted below later is then seen inside, too.
    await hostCommand('share the machine’s mounts', ['mount', '--make-shared', this.root]);
    await this.network.connect(this.id, this.index);
    await this.start();
  }

  bootId(): Promise<string> {
    this.requireRunning('read the boot id of machine');
    try {
      // nspawn gives every boot of a container its own, mounted over the host's.
      return Promise.resolve(readFileSync(`/proc/${this.leader}/root/proc/sys/kernel/random/boot_id`, 'utf8').trim());
    } catch (cause) {
      return Promise.reject(this.failure('not-running', 'read the boot id of machine', 'it is going down', cause));
    }
  }

  hostPath(machinePath: string): string {
    return join(this.root, machinePath);
  }

  spawn(argv: readonly string[], options: SpawnOptions): MachineProcess {
    this.requireRunning('start a process on machine');
    const user =
      options.user === undefined || options.user === 'root'
        ? []
        : ['/usr/bin/setpriv', `--reuid=${options.user}`, `--regid=${options.user}`, '--init-groups', '--'];
    const command = options.tty ? withTerminal(argv) : argv;
    const inside = [...user, '/usr/bin/env', '-C', options.cwd, ...command];
    // The process that waits outside for a command inside has no pid in there, and systemd stumbles over such in its
    // own groups; so what the agent starts has a group beside them, frozen and killed with the machine all the same.
    const { leader } = this;
    // -r: where we run in a chroot, the namespace alone does not give the container's root.
    const enter = ['/usr/bin/nsenter', '-t', String(leader), '-a', '-r', '--', ...inside];
    const started = startProcess(this.group.entering(enter, options.env, 'agent'), {
      env: options.env,
      cwd: '/',
      stdin: options.stdin,
      wrapper: true,
    });
    // A machine that shuts down looks only every 10 s whether processes that are not its init's children are gone.
    void started.exited.then((exit) => {
      if (exit.signal !== null && leader === this.leader) signalProcess(leader, 'SIGCHLD');
    });
    return started;
  }

  async start(): Promise<void> {
    if (this.current === 'destroyed') throw this.failure('boot', 'start the machine', 'it is destroyed');
    if (this.current === 'running') return;
    this.goingDown = false;
    await this.storage.forgetMemory();
    this.group.remove();
    this.group.create();
    const log = openSync(join(this.directory, 'console.log'), 'a');
    // /tmp of a server is on its disk, not in memory.
    const env = { ...hostEnvironment(), SYSTEMD_NSPAWN_TMPFS_TMP: '0' };
    const namespace = join('/run/netns', this.network.names.namespace(this.id));
    const command = [
      // nspawn mounts /sys before it joins the namespace: were it not there already, the host's interfaces would show.
      ...['nsenter', `--net=${namespace}`, '--'],
      ...['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '--boot', '--directory', this.root],
      ...['--machine', this.hostname, '--hostname', this.hostname, '--console=pipe', '--resolv-conf=off'],
      ...['--timezone=off', '--link-journal=no'],
      `--network-namespace-path=${namespace}`,
      ...this.storage.bindOptions(),
    ];
    const [shell = '', ...args] = this.group.entering(command, env);
    const supervisor = spawn(shell, args, { env, cwd: '/', stdio: ['ignore', log, log], detached: true });
    supervisor.unref(); // a controller that has nothing else to do may end; its record is what cleans up
    closeSync(log);
    this.supervisor = supervisor;
    this.ended = new Promise((resolve) => {
      supervisor.on('error', () => resolve(this.onEnd(null)));
      supervisor.on('exit', (code) => resolve(this.onEnd(code)));
    });
    await this.waitForBoot(supervisor);
    this.setState('running');
  }

  async reboot(): Promise<void> {
    this.requireRunning('reboot the machine');
    const before = await this.bootId();
    process.kill(this.leader, orderlyReboot);
    await until(
      rebootDeadlineMs,
      async () => this.current === 'running' && (await this.bootId().catch(() => before)) !== before,
      () => this.failure('boot', 'reboot the machine', `it did not come back; its console is ${this.consoleLog()}`),
    );
  }

  async stop(): Promise<void> {
    this.goingDown = true;
    await this.group.killAll();
    await this.ended;
    if (this.current === 'running') this.setState('stopped');
  }

  freeze(): Promise<void> {
    this.requireRunning('freeze the machine');
    return Promise.resolve(this.group.freeze(true));
  }

  thaw(): Promise<void> {
    return Promise.resolve(this.group.freeze(false));
  }

  setLink(up: boolean): Promise<void> {
    return this.network.setLink(this.id, up);
  }

  attachStorage(request: StorageRequest): Promise<AttachedStorage> {
    this.requireRunning('attach storage to machine');
    return this.storage.attach(request);
  }

  detachStorage = (request: StorageRequest): Promise<void> => this.storage.detach(request);

  async destroy(): Promise<void> {
    if (this.current === 'destroyed') return;
    await this.stop();
    await removeMachine(this.network.model, this.id, this.directory);
    this.setState('destroyed');
    this.listeners.clear();
  }

  private setState(state: Machine['state']): void {
    this.current = state;
    for (const listener of [...this.listeners]) listener(state);
  }

  /** The supervisor has ended: by us, by a reboot or power-off from inside, or by a crash. */
  private async onEnd(code: number | null): Promise<void> {
    this.supervisor = null;
    this.leader = 0;
    await this.group.killAll();
    if (this.current === 'running') this.setState('stopped');
    if (code === rebootRequested && !this.goingDown) {
      await this.start().catch((error: unknown) => {
        writeFileSync(this.consoleLog(), `cannot boot again: ${String(error)}\n`, { flag: 'a' });
      });
    }
  }

  private async waitForBoot(supervisor: ChildProcess): Promise<void> {
    const failed = (why: string) => () =>
      this.failure('boot', 'boot the machine', `${why}; its console is ${this.consoleLog()}: ${this.consoleEnd()}`);
    await until(
      bootDeadlineMs,
      () => {
        if (this.supervisor !== supervisor) throw failed('systemd-nspawn ended')();
        this.leader = containerLeader(supervisor.pid ?? 0);
        return Promise.resolve(this.leader > 0);
      },
      failed('the container did not start'),
    );
    await until(
      bootDeadlineMs,
      async () => {
        if (this.supervisor !== supervisor) throw failed('systemd-nspawn ended')();
        const state = await hostCommand(
          'wait for the boot',
          ['nsenter', '-t', String(this.leader), '-a', '-r', '/usr/bin/systemctl', 'is-system-running', '--wait'],
          // A start that hangs must not keep the deadline from being looked at.
          { tolerant: true, timeoutMs: 5000 },
        );
        // `degraded` is up with a failed unit, which charms have to live with.
        return /^(running|degraded)$/m.test(state);
      },
      failed('systemd did not finish its start'),
    );
  }

  private consoleLog(): string {
    return join(this.directory, 'console.log');
  }

  private consoleEnd(): string {
    return existsSync(this.consoleLog()) ? readFileSync(this.consoleLog(), 'utf8').trim().slice(-500) : '';
  }

  private requireRunning(operation: string): void {
    if (this.current !== 'running') throw this.failure('not-running', operation, `it is ${this.current}`);
  }

  private failure(code: 'boot' | 'not-running', operation: string, why: string, cause?: unknown): MachineError {
    return new MachineError(code, operation, `cannot ${operation} ${this.id}: ${why}`, { cause, retryable: true });
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile
  }
}
