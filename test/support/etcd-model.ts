import { readFileSync } from 'node:fs';
import { Emulator, type EmulatorOptions, type Machine } from 'juju-emulator';
import { hashKv, listMembers, memberStatus, type ClientTls, type ListedMember } from './gateway-client';
import { runOn, type CommandResult } from './machine-command';
import { etcdArchive, packedCharms } from './packed-charms';
import { until } from './until';

/** The seed of a test run: E2E_SEED to repeat one, else new. Printed by every model. */
export const runSeed = Number(process.env['E2E_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

const onLinuxAsRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** `describe` where machines can run; elsewhere skipped, which is said. */
export const describeOnMachines: typeof describe.skip = ((): typeof describe.skip => {
  if (onLinuxAsRoot) return describe;
  process.stderr.write('e2e: skipped, machines need root on Linux\n');
  return describe.skip;
})();

/** What one unit of etcd says in `juju status`. */
export interface UnitLine {
  readonly unit: string;
  readonly word: string;
  readonly message: string;
  readonly leader: boolean;
  readonly ports: readonly string[];
}

/** One line of steps.jsonl, as far as tests look at it. */
export interface StepLine {
  readonly time: string;
  readonly hook: string;
  readonly step: { readonly kind: string; readonly recreation?: { readonly phase: string } };
  readonly outcome: string;
  /** How long it took, milliseconds. */
  readonly ms: number;
}

/** A model on machines with the packed charms: etcd from a release archive, its CA and a client. */
export class EtcdModel implements AsyncDisposable {
  private constructor(
    readonly emulator: Emulator,
    private readonly label: string,
  ) {}

  static async create(label: string, options: Partial<EmulatorOptions> = {}): Promise<EtcdModel> {
    const seed = options.seed ?? runSeed;
    process.stderr.write(`e2e: ${label}: seed ${seed} (E2E_SEED=${seed} repeats it)\n`);
    // A failed hook is tried again after 0.25 s instead of 5 s.
    return new EtcdModel(await Emulator.create({ retryFactor: 0.05, ...options, seed }), label);
  }

  deployEtcd(
    units: number,
    options: { readonly resource?: string | null; readonly config?: Record<string, string | number | boolean> } = {},
  ): Promise<string> {
    const resource = options.resource === undefined ? etcdArchive('3.5') : options.resource;
    return this.emulator.deploy(packedCharms().etcd, {
      units,
      ...(resource === null ? {} : { resources: { etcd: resource } }),
      ...(options.config === undefined ? {} : { config: options.config }),
    });
  }

  async deployAuthority(): Promise<void> {
    await this.emulator.deploy(packedCharms().easyrsa);
  }

  async deployClient(): Promise<void> {
    await this.emulator.deploy(packedCharms().client);
  }

  async relateAuthority(): Promise<void> {
    await this.emulator.integrate('etcd:certificates', 'easyrsa:client');
  }

  async relateClient(): Promise<void> {
    await this.emulator.integrate('etcd:db', 'etcd-client:db');
  }

  /** easyrsa, etcd and, unless told otherwise, the client, all related, as an operator types it in one go. */
  async deployEverything(units: number, { client = true }: { readonly client?: boolean } = {}): Promise<void> {
    await this.deployAuthority();
    await this.deployEtcd(units);
    if (client) await this.deployClient();
    await this.relateAuthority();
    if (client) await this.relateClient();
  }

  /** Names of the live units of etcd, by number. */
  units(): string[] {
    return this.lines().map(({ unit }) => unit);
  }

  /** Units of etcd as `juju status` shows them, by number. */
  lines(): UnitLine[] {
    const units = this.emulator.status().applications['etcd']?.units ?? {};
    return Object.entries(units)
      .map(([unit, status]) => ({
        unit,
        word: status['workload-status'].status,
        message: status['workload-status'].info,
        leader: status.leader === true,
        ports: status['opened-ports'] ?? [],
      }))
      .sort((one, other) => Number(one.unit.split('/')[1]) - Number(other.unit.split('/')[1]));
  }

  machine(unit: string): Machine {
    return this.emulator.machineOf(unit);
  }

  run(unit: string, command: string): Promise<CommandResult> {
    return runOn(this.machine(unit), command);
  }

  /** Text of a file on the machine of a unit. */
  file(unit: string, path: string): string {
    return readFileSync(this.machine(unit).hostPath(path), 'utf8');
  }

  endpoint(unit: string, port = 2379): string {
    return `https://${this.machine(unit).address}:${port}`;
  }

  endpoints(port = 2379): string[] {
    return this.units().map((unit) => this.endpoint(unit, port));
  }

  /** The certificates of the clients of this cluster, from a unit that has them. */
  clientTls(unit = this.units()[0] ?? ''): ClientTls {
    const read = (name: string): string => this.file(unit, `/etc/etcd/pki/${name}`);
    return { ca: read('ca.crt'), cert: read('client.crt'), key: read('client.key') };
  }

  /**
   * Waits until every live unit is active and healthy with so many members, and the model has nothing left to do. With `remark`, each
   * says that, too.
   */
  async healthy(
    members: number,
    options: { readonly timeoutMs?: number; readonly port?: number; readonly remark?: string } = {},
  ): Promise<void> {
    const timeoutMs = options.timeoutMs ?? 120_000;
    await this.emulator.settle({ timeoutMs });
    const { remark } = options;
    const expected = `cluster is healthy (${members} of ${members} members)${remark === undefined ? '' : `; ${remark}`}`;
    await until(
      `${members} units say "${expected}"`,
      () => {
        const lines = this.lines();
        const bad = lines.filter(({ word, message }) => word !== 'active' || message !== expected);
        if (lines.length === members && bad.length === 0) return true;
        throw new Error(lines.map(({ unit, word, message }) => `${unit} ${word}: ${message}`).join('; '));
      },
      { timeoutMs },
    );
    await this.emulator.settle({ timeoutMs });
  }

  /** Unit whose member leads the cluster. */
  async etcdLeader(port = 2379): Promise<string> {
    return until(
      'a member leads',
      async () => {
        for (const unit of this.units()) {
          const status = await memberStatus(this.endpoint(unit, port), this.clientTls(unit));
          if (status.id === status.leader) return unit;
        }
        return undefined;
      },
      { timeoutMs: 20_000 },
    );
  }

  /** What each member lists, asked one by one. */
  async memberLists(port = 2379): Promise<ListedMember[][]> {
    const tls = this.clientTls();
    return Promise.all(this.endpoints(port).map((endpoint) => listMembers(endpoint, tls)));
  }

  /** Hash of all keys at one revision, from each member; waits until each has come so far. */
  async hashes(port = 2379): Promise<number[]> {
    const tls = this.clientTls();
    const endpoints = this.endpoints(port);
    const { revision } = await hashKv(endpoints[0] ?? '', tls);
    return Promise.all(
      endpoints.map((endpoint) =>
        until(`${endpoint} has revision ${revision}`, async () => (await hashKv(endpoint, tls, revision)).hash, {
          timeoutMs: 10_000,
        }),
      ),
    );
  }

  /** Pid of etcd on a unit's machine; null where it does not run. */
  async pid(unit: string): Promise<number | null> {
    const { stdout } = await this.run(unit, 'systemctl show --property MainPID --value etcd.service');
    const pid = Number(stdout.trim());
    return pid > 0 ? pid : null;
  }

  /** Steps that a unit's charm has carried out so far, as its log on the machine has them. */
  steps(unit: string): StepLine[] {
    return this.file(unit, '/var/log/etcd-charm/steps.jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StepLine);
  }

  /** Relation data of etcd's side of an endpoint, by unit. */
  unitBags(endpoint: string): Record<string, Record<string, string>> {
    const relation = Object.values(this.emulator.world.relations).find((each) =>
      each.endpoints.some((side) => side.application === 'etcd' && side.endpoint === endpoint),
    );
    if (relation === undefined) throw new Error(`etcd has no relation ${endpoint}`);
    const live = this.units();
    return Object.fromEntries(
      Object.entries(relation.unitBags)
        .filter(([unit]) => live.includes(unit))
        .map(([unit, bag]) => [unit, { ...bag }]),
    );
  }

  /** Something like `juju status` and the end of the log: printed when a test fails. */
  report(): string {
    const status = this.emulator.status();
    const units = Object.values(status.applications).flatMap((application) =>
      Object.entries(application.units ?? {}).map(
        ([name, unit]) =>
          `${name.padEnd(14)}${unit.leader === true ? '*' : ' '} ${unit['workload-status'].status.padEnd(12)} ` +
          `${unit['agent-status'].status.padEnd(10)} ${unit.machine.padEnd(3)} ${unit['public-address'].padEnd(14)} ` +
          `${unit['workload-status'].info}${unit['agent-status'].info === '' ? '' : ` [${unit['agent-status'].info}]`}`,
      ),
    );
    const log = this.emulator
      .log()
      .slice(-40)
      .map(
        ({ entity, time, level, module, message }) => `${entity}: ${time.slice(11, 23)} ${level} ${module} ${message}`,
      );
    return [`---- ${this.label}: status`, ...units, '---- debug-log, last 40 lines', ...log, '----'].join('\n');
  }

  /** Runs the body of a test; when it fails, what the model looks like is printed with it. */
  async explain<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      process.stderr.write(`${this.report()}\n${error instanceof Error ? error.message : String(error)}\n----\n`);
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.emulator.destroy();
  }
}
