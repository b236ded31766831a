import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from 'juju-emulator';
import type { Recreation } from '../../src/domain/recreation';
import { ClusterCensus } from './cluster-census';
import type { CrashPoint } from './crash-points';
import { Kills, pointsSince } from './kills';
import type { LightModel } from './light-model';
import { LostLeadership, PhaseTimes, onPhase, recreationOf } from './recovery-phases';
import { Remedy, spoil } from './spoil';
import { until } from './until';

/** How the recovery goes on after it was struck: by itself, begun anew by the operator, or under another Juju leader at each phase. */
export type WayOn = 'continue' | 'begin again' | 'leader changes';

/** What came of one recovery. */
export interface Struck {
  readonly points: readonly CrashPoint[];
  /** Phases whose commit was lost with the leadership. */
  readonly phases: readonly string[];
  /** How often the operator began anew. */
  readonly begunAgain: number;
  /** How long each phase took, in a line. */
  readonly times: string;
}

const units = 3;
/** Milliseconds; on a loaded machine. */
const patience = 600_000;
const recovered = /(recovered with revision \d+|recovery was given up)/;

/** One cluster of light units that loses quorum and is recovered from its only survivor over and over, struck on the way. */
export class RecoveredCluster implements AsyncDisposable {
  /** Directories of data that there were in this recovery, by inode and birth, and where each was seen. */
  private readonly data = new Map<string, string>();
  private cycle = 0;

  private constructor(
    readonly model: LightModel,
    /** Who is Juju's leader when a recovery begins: its effects are others than those of the rest. */
    readonly leader: string,
    /** Whose data stay whole. */
    readonly survivor: string,
  ) {}

  static async create(model: LightModel, seed: number): Promise<RecoveredCluster> {
    await model.explain('the deployment', async () => {
      await model.deploy(units);
      await model.healthy(units, patience);
      await model.write('before');
    });
    const names = model.units();
    return new RecoveredCluster(model, model.leader(), names[Math.abs(seed) % names.length] ?? '');
  }

  /** What the charms do for one recovery that nobody strikes, until everything is at rest again. */
  async record(way: WayOn): Promise<Pick<Struck, 'points' | 'phases'>> {
    const recoveries: Struck[] = [];
    const points = await pointsSince(this.model, async () => recoveries.push(await this.recover([], way)));
    return { points, phases: recoveries.flatMap(({ phases }) => phases) };
  }

  /** Loses quorum and recovers, struck at these points. Ends with one healthy cluster at rest that has every key, or throws. */
  async recover(points: readonly CrashPoint[], way: WayOn): Promise<Struck> {
    const { model } = this;
    const remedies = await this.prepare();
    // Old disks that work again are a majority: whoever still has its data in place then would serve.
    const cure = onPhase(model, ['validate', 'create', 'verify', 'join'], () => {
      for (const remedy of remedies) remedy.apply();
    });
    const before = this.recreation()?.generation ?? 1;
    const kills = new Kills(model, points);
    const census = new ClusterCensus(model);
    const leadership = new LostLeadership(model, way === 'leader changes');
    const times = new PhaseTimes(model);
    let begunAgain = 0;
    let took = '';
    let ended = false;
    kills.arm();
    try {
      const attending = this.attend(
        kills,
        () => ended,
        way,
        (count) => (begunAgain += count),
      );
      const ending = this.end(before);
      // What fails first is thrown.
      ending.catch(() => undefined);
      await Promise.race([attending, ending]);
      ended = true;
      await attending;
      // The operator may have begun anew at the last moment.
      await this.rest(before);
    } finally {
      ended = true;
      kills.end();
      leadership.end();
      census.end();
      cure.end();
      for (const remedy of remedies) remedy.end();
      took = times.end();
    }
    census.expectOneAtATime();
    await model.expectOneCluster();
    await model.write(`after-${this.cycle}`);
    await model.expectOneCluster();
    await model.expectAtRest();
    this.expectNothingDeleted();
    return { points: kills.struck, phases: leadership.phases, begunAgain, times: took };
  }

  /** Begins it, and waits until every unit says that all is well. */
  private async end(before: number): Promise<void> {
    await this.begin();
    await this.rest(before);
  }

  private async rest(before: number): Promise<void> {
    await this.model.eventually('the recovery has ended', () => this.isOver(before), patience);
    await this.model.healthy(units, patience, recovered);
    await this.model.emulator.settle();
  }

  /** Two of three have lost their data, and the third has every key that was acknowledged. @returns what would give them back. */
  private async prepare(): Promise<readonly Remedy[]> {
    const { model, leader, survivor } = this;
    this.cycle += 1;
    if (model.leader() !== leader) model.emulator.controller.moveLeader('etcd', leader);
    await model.emulator.settle();
    await model.write(`before-${this.cycle}`);
    await model.expectOneCluster();
    this.data.clear();
    for (const unit of model.units()) {
      // Each recovery leaves as much as a member needs.
      rmSync(this.asideOf(unit), { recursive: true, force: true });
      this.noteData(unit);
    }
    const lost = model.units().filter((unit) => unit !== survivor);
    const remedies = lost.map((unit) => new Remedy(model, unit));
    for (const unit of lost) spoil(model, unit, 'log');
    return remedies;
  }

  /** The operator begins it, as often as that takes. */
  private begin(): Promise<RunResult> {
    return until('it is begun', async () => this.completed(await this.run()), { timeoutMs: patience });
  }

  /** The operator begins anew while the attempt before is under way. @returns false where the new cluster serves already. */
  private beginAgain(): Promise<boolean> {
    const again = async (): Promise<'begun' | 'served'> => {
      const task = await this.run();
      if (task.message?.includes('has quorum') === true) return 'served';
      return this.completed(task) && 'begun';
    };
    return until('it is begun again', again, { timeoutMs: patience }).then((answer) => answer === 'begun');
  }

  private run(): Promise<RunResult> {
    const { model } = this;
    return model.emulator.runAction(model.leader(), 'recover-quorum', { source: 'survivor', confirm: true });
  }

  private completed(task: RunResult): RunResult {
    if (task.status === 'completed') return task;
    throw new Error(`${task.status}: ${task.message ?? ''}`);
  }

  /** Until the end: reboots machines that stand still at a point, and begins anew after each strike where that is wanted. */
  private async attend(kills: Kills, ended: () => boolean, way: WayOn, begun: (count: number) => void): Promise<void> {
    const seen = new Set<CrashPoint>();
    let wanted = false;
    const rebooting = async (): Promise<void> => {
      while (!ended()) {
        kills.count();
        const fresh = kills.struck.filter((point) => !seen.has(point));
        fresh.forEach((point) => seen.add(point));
        if (fresh.length > 0) for (const unit of this.model.units()) this.noteData(unit);
        for (const { unit } of fresh.filter(({ machine }) => machine === true)) await this.reboot(unit);
        wanted ||= fresh.length > 0 && way === 'begin again';
        await aMoment();
      }
    };
    // Beside it: the leader that is asked may be the next that stands still.
    const beginning = async (): Promise<void> => {
      while (!ended()) {
        if (wanted) {
          wanted = false;
          if (await this.beginAgain()) {
            begun(1);
            kills.arm();
          }
        }
        await aMoment();
      }
    };
    await Promise.all([rebooting(), beginning()]);
  }

  private async reboot(unit: string): Promise<void> {
    const { machines } = this.model.emulator.controller;
    const machine = this.model.emulator.world.units[unit]?.machine ?? '';
    await machines.stop(machine);
    await machines.start(machine);
  }

  private recreation(): Recreation | null {
    return recreationOf(this.model);
  }

  private isOver(before: number): boolean {
    const now = this.recreation();
    if (now !== null && now.generation > before && ['done', 'abandoned'].includes(now.phase)) return true;
    throw new Error(`generation ${now?.generation ?? 0}: ${now?.phase ?? ''}`);
  }

  private asideOf(unit: string): string {
    return join(this.model.root(unit), 'var/lib/etcd/aside');
  }

  /** By the directory `member`, which moves with the rest and which no etcd replaces. */
  private dataOf(unit: string): ReadonlyMap<string, string> {
    const aside = this.asideOf(unit);
    const moved = existsSync(aside) ? readdirSync(aside).map((name) => join(aside, name)) : [];
    return new Map(
      [join(this.model.root(unit), 'var/lib/etcd/data'), ...moved].flatMap((directory) => {
        const member = join(directory, 'member');
        if (!existsSync(member)) return [];
        const { ino, birthtimeMs } = statSync(member);
        return [[`${unit} ${ino} ${birthtimeMs}`, directory] as const];
      }),
    );
  }

  private noteData(unit: string): void {
    for (const [id, directory] of this.dataOf(unit)) this.data.set(id, directory);
  }

  private expectNothingDeleted(): void {
    const there = new Map(this.model.units().flatMap((unit) => [...this.dataOf(unit)]));
    const gone = [...this.data].filter(([id]) => !there.has(id)).map(([, directory]) => directory);
    expect(gone).toEqual([]);
    for (const unit of this.model.units()) expect([unit, existsSync(this.asideOf(unit))]).toEqual([unit, true]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.model[Symbol.asyncDispose]();
  }
}

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
