import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/ports/clock';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import type { Processes } from '../../src/ports/processes';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import type { ServiceManager } from '../../src/ports/service-manager';
import type { Wiring } from '../../src/wiring';

/**
 * A machine for charm tests: a private root with real files and programs, a clock that runs only when somebody waits, and a service
 * manager that keeps its books and starts nothing. What etcd does is for the tests on real ones.
 */
export class PrivateMachine {
  readonly started: string[] = [];
  readonly armed: number[] = [];
  /** Timers that are enabled. */
  readonly timers = new Set<string>();
  /** What systemd would say of a calendar expression; it takes all others. */
  readonly calendarFaults = new Map<string, string>();
  private readonly installed = new Set<string>();
  private readonly running = new Set<string>();
  private time = Date.now();

  private constructor(readonly root: string) {}

  static async create(): Promise<PrivateMachine> {
    return new PrivateMachine(await mkdtemp(join(tmpdir(), 'private-machine-')));
  }

  readonly files = new NodeFiles(() => Promise.resolve(null));
  private readonly processes: Processes = new ExecaProcesses();

  wiring(): Wiring {
    const paths = makePaths(this.root);
    return {
      paths,
      files: this.files,
      processes: this.processes,
      services: this.services(paths.serviceUnits),
      clock: this.clock(),
      owner: null,
      hostname: 'machine-0',
      architecture: process.arch,
      program: { node: '/bin/true', bundle: __filename, release: 'node charm' },
      entropy: '0123456789abcdef0123456789abcdef',
    };
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  /** Puts the machine's clock forward, milliseconds. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  private clock(): Clock {
    return {
      now: () => this.time,
      monotonic: () => this.time,
      sleep: (milliseconds) => {
        this.time += milliseconds;
        return Promise.resolve();
      },
    };
  }

  private services(unitDirectory: string): ServiceManager {
    return {
      state: (service) => {
        const state = this.running.has(service) ? 'starting' : this.installed.has(service) ? 'stopped' : 'absent';
        return Promise.resolve({ state, mainPid: null, startedAt: null });
      },
      install: async (service, unitFile) => {
        await this.files.makeDirectory(unitDirectory, { mode: 0o755 });
        await this.files.writeAtomic(join(unitDirectory, `${service}.service`), unitFile, { mode: 0o644 });
        this.installed.add(service);
      },
      start: (service) => {
        this.started.push(service);
        this.running.add(service);
        return Promise.resolve();
      },
      restart: () => Promise.resolve(),
      stop: (service) => {
        this.running.delete(service);
        return Promise.resolve();
      },
      disable: () => Promise.resolve(),
      uninstall: (service) => {
        this.running.delete(service);
        this.installed.delete(service);
        return Promise.resolve();
      },
      calendarFault: (expression) => Promise.resolve(this.calendarFaults.get(expression) ?? null),
      installTimer: async (name, unitFile, timerFile) => {
        await this.files.makeDirectory(unitDirectory, { mode: 0o755 });
        await this.files.writeAtomic(join(unitDirectory, `${name}.service`), unitFile, { mode: 0o644 });
        await this.files.writeAtomic(join(unitDirectory, `${name}.timer`), timerFile, { mode: 0o644 });
        this.timers.add(name);
      },
      uninstallTimer: async (name) => {
        this.timers.delete(name);
        await this.files.remove(join(unitDirectory, `${name}.timer`));
        await this.files.remove(join(unitDirectory, `${name}.service`));
      },
      wakeLater: (_, afterSeconds) => {
        this.armed.push(afterSeconds);
        return Promise.resolve();
      },
    };
  }
}
