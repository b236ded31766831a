import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Emulator, type EmulatorOptions, type Machine } from 'juju-emulator';
import { expectAtRest } from './at-rest';
import type { CrashDirectory, CrashPoint } from './crash-points';
import { hashKv, listMembers, memberStatus, put, readPrefix, type ClientTls } from './gateway-client';
import type { LightCharms } from './light-charm';
import { serviceSupervisor } from './light-charm';
import { bootCommand } from './service-manager-process';
import { until } from './until';

/** How long no hook may have run before an update-status comes, milliseconds; the charm's timers are all shorter. */
const tickAfter = 20_000;

/** A model in light mode with etcd and its certificate authority: private directories, loopback addresses, real etcd. */
export class LightModel implements AsyncDisposable {
  readonly written = new Map<string, string>();
  /** Who was Juju's leader of etcd, since how many entries of the emulator's journal. */
  readonly leaders: { readonly unit: string; readonly since: number }[] = [];
  private readonly watched = new Set<Machine>();
  private crashes: CrashDirectory | undefined;
  /** Times that nothing but an update-status could have woken the charm. */
  ticks = 0;

  private constructor(
    readonly emulator: Emulator,
    readonly charms: LightCharms,
  ) {
    emulator.controller.store.subscribe(() => {
      const unit = this.leader();
      if (unit !== this.leaders.at(-1)?.unit) this.leaders.push({ unit, since: emulator.journal().length });
    });
  }

  static async create(
    charms: LightCharms,
    options: Partial<EmulatorOptions> & { readonly seed: number },
  ): Promise<LightModel> {
    return new LightModel(await Emulator.create({ light: true, leaseMs: 200, ...options }), charms);
  }

  /**
   * A certificate authority and so many units of etcd, related. All share one host, so each listens on its own address only.
   * @param config options of local-ca
   */
  async deploy(
    units: number,
    crashAt: readonly CrashPoint[] = [],
    authority: 'easyrsa' | 'local-ca' = 'easyrsa',
    config: Readonly<Record<string, string | boolean>> = {},
    minor = '3.5',
  ): Promise<void> {
    if (authority === 'easyrsa') await this.emulator.deploy(this.charms.easyrsa());
    else await this.emulator.deploy(this.charms.localCa(), { config });
    const { charm, crashes } = this.charms.etcd(crashAt);
    this.crashes = crashes;
    await this.emulator.deploy(charm, {
      units,
      config: { bind_to_all_interfaces: false },
      resources: { etcd: this.charms.archive(minor) },
    });
    await this.relateTo(authority);
  }

  async relateTo(authority: 'easyrsa' | 'local-ca'): Promise<void> {
    await this.emulator.integrate('etcd:certificates', authority === 'easyrsa' ? 'easyrsa:client' : 'local-ca');
  }

  units(): string[] {
    return Object.keys(this.emulator.status().applications['etcd']?.units ?? {}).sort(byNumber);
  }

  leader(): string {
    return this.emulator.world.applications['etcd']?.leader ?? '';
  }

  machine(unit: string): Machine {
    const machine = this.emulator.machineOf(unit);
    this.watch(machine);
    return machine;
  }

  /** The directory that plays `/` on a unit's machine. */
  root(unit: string): string {
    return lightDirectory(this.machine(unit));
  }

  endpoint(unit: string): string {
    return `https://${this.machine(unit).address}:2379`;
  }

  tls(unit: string): ClientTls {
    const read = (name: string): string => readFileSync(join(this.root(unit), 'etc/etcd/pki', name), 'utf8');
    return { ca: read('ca.crt'), cert: read('client.crt'), key: read('client.key') };
  }

  /** Pid of a unit's etcd; 0 where it does not run. */
  pid(unit: string): number {
    const file = join(this.root(unit), 'run/light/etcd/main');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  }

  /** The unit's member answers and knows a leader. */
  async serves(unit: string): Promise<boolean> {
    return (await memberStatus(this.endpoint(unit), this.tls(unit))).leader !== '0000000000000000';
  }

  /** What a unit's charm did so far that could be a crash point, in order; also of a unit that is gone. */
  effects(unit: string): string[] {
    return this.crashes?.effects(unit) ?? [];
  }

  /** Which crash points of this run were reached. */
  struck(): readonly CrashPoint[] {
    return this.crashes?.struck() ?? [];
  }

  /** Also at points that others took the place of since. */
  everStruck(): readonly CrashPoint[] {
    return this.crashes?.everStruck() ?? [];
  }

  /** Where the charm is killed from now on, in place of what was chosen until now. */
  crashNext(points: readonly CrashPoint[]): void {
    this.crashes?.choose(points);
  }

  /** Steps in a unit's journal. */
  steps(unit: string): string[] {
    return readFileSync(join(this.root(unit), 'var/log/etcd-charm/steps.jsonl'), 'utf8')
      .trim()
      .split('\n');
  }

  /** A key that must be there for ever from now on. */
  async write(key: string): Promise<void> {
    const value = `${key} written when ${this.units().join(' and ')} were there`;
    const unit = this.units()[0] ?? '';
    await until(`${key} is acknowledged`, () => put(this.endpoint(unit), `/kept/${key}`, value, this.tls(unit)), {
      timeoutMs: 10_000,
    });
    this.written.set(`/kept/${key}`, value);
  }

  /**
   * Waits until so many units say that the cluster is healthy and nothing is left to do. Where nothing else wakes the charm, the
   * five-minute update-status comes in the end; `ticks` counts that. With `remark`, that must stand behind those words.
   */
  async healthy(members: number, timeoutMs = 150_000, remark: RegExp | null = null): Promise<void> {
    const wakeWhereSilent = this.updateStatusWhereSilent();
    const expected = `active: cluster is healthy (${members} of ${members} members)`;
    const isRight = (words: string): boolean =>
      remark === null
        ? words === expected
        : words.startsWith(`${expected}; `) && remark.test(words.slice(expected.length));
    await until(
      `${members} units "${expected}"`,
      async () => {
        for (const unit of this.units()) this.watchIfThere(unit);
        await this.emulator.settle({ timeoutMs });
        if (wakeWhereSilent()) await this.emulator.settle({ timeoutMs });
        const said = Object.entries(this.emulator.status().applications['etcd']?.units ?? {}).map(
          ([unit, status]) => [unit, `${status['workload-status'].status}: ${status['workload-status'].info}`] as const,
        );
        if (said.length === members && said.every(([, words]) => isRight(words))) return true;
        throw new Error(said.map((each) => each.join(' ')).join('; '));
      },
      { timeoutMs, everyMs: 50 },
    );
  }

  /** Waits while hooks run, and units may be struck: also where the only thing that would have woken one was killed. */
  eventually(what: string, look: () => boolean, timeoutMs: number): Promise<boolean> {
    const wakeWhereSilent = this.updateStatusWhereSilent();
    return until(
      what,
      () => {
        wakeWhereSilent();
        return look();
      },
      { timeoutMs },
    );
  }

  /** To be asked again and again: gives every unit its update-status, and says so, where no hook has run for long. */
  private updateStatusWhereSilent(): () => boolean {
    let seen = -1;
    let patience = 0;
    return () => {
      // What this test asks for stands there as well.
      const events = this.emulator.journal().filter(({ event }) => event !== 'command').length;
      if (events > seen) patience = performance.now() + tickAfter;
      seen = events;
      if (performance.now() <= patience) return false;
      this.ticks += 1;
      this.emulator.controller.tick();
      return true;
    };
  }

  /** Everything that must be true of the cluster in the end. Throws what is not. */
  async expectOneCluster(): Promise<void> {
    const units = this.units();
    const seen = await Promise.all(
      units.map(async (unit) => {
        const [status, list, kept] = await Promise.all([
          memberStatus(this.endpoint(unit), this.tls(unit)),
          listMembers(this.endpoint(unit), this.tls(unit)),
          readPrefix(this.endpoint(unit), '/kept/', this.tls(unit)),
        ]);
        return {
          unit,
          clusterId: status.clusterId,
          members: list
            .map(({ name, learner, clientUrls }) => `${name} ${learner ? 'learner' : 'voter'} ${clientUrls.join()}`)
            .sort(),
          kept: Object.fromEntries(kept),
        };
      }),
    );
    const members = units.map((unit) => `${unit.replace('/', '')} voter ${this.endpoint(unit)}`).sort();
    const clusterId = seen[0]?.clusterId;
    const kept = Object.fromEntries(this.written);
    expect(seen).toEqual(units.map((unit) => ({ unit, clusterId, members, kept })));
    const { revision } = await hashKv(this.endpoint(units[0] ?? ''), this.tls(units[0] ?? ''));
    const hashes = await Promise.all(
      units.map((unit) =>
        until('the revision is there', () => hashKv(this.endpoint(unit), this.tls(unit), revision), {
          timeoutMs: 5000,
        }),
      ),
    );
    expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(1);
  }

  /** Rule 12: an update-status of every unit does nothing, and wakes nobody. */
  expectAtRest(): Promise<void> {
    return expectAtRest(this);
  }

  /** Lines to understand a failed run by. */
  report(lines = 60): string {
    const status = Object.values(this.emulator.status().applications).flatMap((application) =>
      Object.entries(application.units ?? {}).map(
        ([unit, each]) =>
          `${unit}${each.leader === true ? '*' : ''} ${each['workload-status'].status} "${each['workload-status'].info}" ${each['agent-status'].status} ${each['agent-status'].info}`,
      ),
    );
    const log = this.emulator
      .log()
      .filter(({ level }) => level !== 'DEBUG')
      .slice(-lines)
      .map(({ entity, time, level, message }) => `${time.slice(14, 23)} ${entity} ${level} ${message}`);
    const faults = this.emulator
      .journal()
      .filter(({ event }) => event.startsWith('fault:'))
      .map(
        ({ time, event, unit, detail }) =>
          `${time.slice(14, 23)} ${unit ?? ''} ${event} ${JSON.stringify(detail ?? {})}`,
      );
    return ['---- faults', ...faults, '---- status', ...status, '---- log', ...log, '----'].join('\n');
  }

  async explain<T>(what: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      process.stderr.write(
        `light: ${what} failed: ${error instanceof Error ? error.message : String(error)}\n${this.report()}\n`,
      );
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.emulator.destroy();
  }

  private watchIfThere(unit: string): void {
    try {
      this.machine(unit);
    } catch {
      // not made yet
    }
  }

  /** What init is to a machine of its own: nothing of /run outlives a stop, and a boot starts what is enabled. */
  private watch(machine: Machine): void {
    if (this.watched.has(machine)) return;
    this.watched.add(machine);
    const root = lightDirectory(machine);
    machine.onStateChange((state) => {
      if (state === 'stopped') rmSync(join(root, 'run'), { recursive: true, force: true });
      if (state !== 'running') return;
      const child = machine.spawn(['/bin/sh', '-c', bootCommand(root, serviceSupervisor)], {
        cwd: root,
        env: { PATH: machine.agentPath, LIGHT_ROOT: `${root}/` },
        stdin: 'null',
      });
      child.stdout.resume();
      child.stderr.resume();
    });
  }
}

const lightDirectory = (machine: Machine): string => resolve(machine.jujuDir, '../../..');

const byNumber = (one: string, other: string): number => Number(one.split('/')[1]) - Number(other.split('/')[1]);
