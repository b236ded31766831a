import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../src/ports/clock';
import type { Files } from '../../src/ports/files';
import type { ServiceManager, ServiceState } from '../../src/ports/service-manager';

/** How long a process gets to end when it is asked to, milliseconds (TimeoutStopSec of the unit file). */
const stopPatience = 30_000;

/** Where things of a service are below a light machine's root. */
const stateDirectory = (root: string, service: string): string => join(root, 'run/light', service);
const enabledMark = (root: string, service: string): string => join(root, 'etc/light/enabled', service);

/**
 * The service manager of a light machine: services are plain processes below a supervisor (service-supervisor.sh), which
 * starts them again when they die. All of them work in the machine's directory and have it in their environment: by that the
 * machine finds and kills them when it stops.
 */
export class ProcessServiceManager implements ServiceManager {
  constructor(
    private readonly options: {
      /** The light machine's directory, which plays `/`. */
      readonly root: string;
      readonly files: Files;
      readonly clock: Clock;
      /** Path of service-supervisor.sh. */
      readonly supervisor: string;
      /** How long a timer of so many seconds really takes, in seconds: a test does not wait as long as an operator. */
      readonly seconds: (asked: number) => number;
      /** The machine's juju-exec, in place of the one that a machine of its own has in /usr/bin. */
      readonly jujuExec: string;
    },
  ) {}

  state(service: string): Promise<ServiceState> {
    const nothing = { mainPid: null, startedAt: null };
    const main = this.pid(service, 'main');
    if (main !== null) {
      const startedAt = statSync(join(stateDirectory(this.options.root, service), 'main'), { throwIfNoEntry: false });
      return Promise.resolve({ state: 'running', mainPid: main, startedAt: startedAt?.mtimeMs ?? null });
    }
    if (this.pid(service, 'supervisor') !== null) return Promise.resolve({ state: 'starting', ...nothing });
    return Promise.resolve({ state: existsSync(this.unitFile(service)) ? 'stopped' : 'absent', ...nothing });
  }

  async install(service: string, unitFile: string): Promise<void> {
    await this.options.files.makeDirectory(dirname(this.unitFile(service)), { mode: 0o755 });
    await this.options.files.writeAtomic(this.unitFile(service), unitFile, { mode: 0o644 });
  }

  async start(service: string): Promise<void> {
    const { root } = this.options;
    const mark = enabledMark(root, service);
    mkdirSync(dirname(mark), { recursive: true });
    writeFileSync(mark, '');
    if (this.pid(service, 'supervisor') !== null) return;
    this.launch([this.options.supervisor, root, service]);
    await this.until(() => this.pid(service, 'supervisor') !== null);
  }

  async restart(service: string): Promise<void> {
    const supervisor = this.pid(service, 'supervisor');
    if (supervisor === null) return this.start(service);
    const before = this.pid(service, 'main');
    process.kill(supervisor, 'SIGHUP');
    await this.until(() => {
      const now = this.pid(service, 'main');
      return now !== null && now !== before;
    });
  }

  async stop(service: string): Promise<void> {
    const supervisor = this.pid(service, 'supervisor');
    if (supervisor === null) return;
    const main = this.pid(service, 'main');
    process.kill(supervisor, 'SIGTERM');
    await this.until(() => this.pid(service, 'supervisor') === null && (main === null || !alive(main)));
  }

  disable(service: string): Promise<void> {
    rmSync(enabledMark(this.options.root, service), { force: true });
    return Promise.resolve();
  }

  async uninstall(service: string): Promise<void> {
    await this.disable(service);
    await this.stop(service);
    rmSync(this.unitFile(service), { force: true });
  }

  /** A time that is none is refused, as systemd does; all else is taken. */
  calendarFault(expression: string): Promise<string | null> {
    return Promise.resolve(/99:/.test(expression) ? `Failed to parse '${expression}'` : null);
  }

  /** No light machine has timers: the files are there, and a test runs by hand what they would. */
  async installTimer(name: string, unitFile: string, timerFile: string): Promise<void> {
    await this.install(name, unitFile);
    await this.options.files.writeAtomic(this.timerFile(name), timerFile, { mode: 0o644 });
  }

  async uninstallTimer(name: string): Promise<void> {
    await this.options.files.remove(this.timerFile(name));
    await this.options.files.remove(this.unitFile(name));
  }

  wakeLater(name: string, afterSeconds: number, command: readonly string[]): Promise<void> {
    const directory = stateDirectory(this.options.root, name);
    mkdirSync(directory, { recursive: true });
    // One that fires is no timer any more: the charm may be running in it.
    const armed = this.pid(name, 'timer');
    if (armed !== null) killGroup(armed);
    const [program = '', ...args] = command;
    const real = program.startsWith('/usr/bin/juju-') ? this.options.jujuExec : program;
    const pid = this.launch([
      '/bin/sh',
      '-c',
      // From the end of the hook on: commands go before hooks, and on a busy machine a shortened timer would leave no time between them.
      'while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; sleep "$2"; rm -f "$3"; shift 3; exec "$@"',
      name,
      String(process.pid),
      // No sooner than twice what this hook took so far: the agent needs as much again on a machine that is that slow.
      String(Math.max(this.options.seconds(afterSeconds), 2 * process.uptime()).toFixed(1)),
      join(directory, 'timer'),
      real,
      ...args,
    ]);
    writeFileSync(join(directory, 'timer'), String(pid));
    return Promise.resolve();
  }

  private timerFile(name: string): string {
    return join(this.options.root, 'etc/systemd/system', `${name}.timer`);
  }

  private unitFile(service: string): string {
    return join(this.options.root, 'etc/systemd/system', `${service}.service`);
  }

  /** A process group of its own, so that it outlives a hook that is killed; not the hook's environment, so that no tool call comes from it. */
  private launch(argv: readonly string[]): number {
    const { root } = this.options;
    const [file = '', ...args] = argv;
    mkdirSync(join(root, 'var/log'), { recursive: true });
    const child = spawn(file, args, {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', LIGHT_ROOT: `${root}/` },
      stdio: 'ignore',
      detached: true,
    });
    child.unref();
    return child.pid ?? 0;
  }

  private pid(service: string, role: 'supervisor' | 'main' | 'timer'): number | null {
    try {
      const pid = Number(readFileSync(join(stateDirectory(this.options.root, service), role), 'utf8'));
      return pid > 0 && alive(pid) ? pid : null;
    } catch {
      return null;
    }
  }

  private async until(holds: () => boolean): Promise<void> {
    const { clock } = this.options;
    const deadline = clock.monotonic() + stopPatience;
    while (!holds()) {
      if (clock.monotonic() > deadline) throw new Error('the light service manager gave up waiting for a process');
      await clock.sleep(10);
    }
  }
}

/** What a boot does with the enabled services of a light machine: the command to run on it. */
export function bootCommand(root: string, supervisor: string): string {
  return `for each in ${root}/etc/light/enabled/*; do [ -e "$each" ] && setsid ${supervisor} ${root} "\${each##*/}" >/dev/null 2>&1 </dev/null & done; exit 0`;
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // it fired meanwhile
  }
}

/** A zombie is dead: where nothing reaps, it would stay. */
function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}
