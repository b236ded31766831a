import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from 'juju-emulator';
import type { CrashPoint } from './crash-points';
import { Kills, pointsSince } from './kills';
import type { LightModel } from './light-model';
import { savePlainSnapshot } from './plain-snapshot';
import { until } from './until';

/** How often the operator runs an action again that was killed. */
const attempts = 12;

/** One cluster of light units that is restored from the same snapshot over and over, killed on the way. */
export class RestoredCluster implements AsyncDisposable {
  private constructor(
    readonly model: LightModel,
    private readonly units: number,
    private readonly source: string,
    /** Who was the leader when the effects were recorded: they are its, and the others'. */
    readonly leader: string,
    private readonly kept: ReadonlyMap<string, string>,
  ) {}

  static async create(model: LightModel, units: number): Promise<RestoredCluster> {
    await model.deploy(units);
    await model.healthy(units);
    await model.write('before');
    const source = savePlainSnapshot(model, model.leader(), '3.5');
    const kept = new Map(model.written);
    await model.write('lost-by-the-first');
    return new RestoredCluster(model, units, source, model.leader(), kept);
  }

  /** What the charms do for one restore until everything is at rest again; each is a point to be killed at, counted from its beginning. */
  async record(): Promise<readonly CrashPoint[]> {
    return pointsSince(this.model, () => this.restore([]));
  }

  /** Restores once, killed at these points, and run again by the operator where the action was. @returns the points that were come to. */
  async restore(points: readonly CrashPoint[]): Promise<readonly CrashPoint[]> {
    const { model, units } = this;
    const kills = new Kills(model, points);
    model.written.clear();
    for (const [key, value] of this.kept) model.written.set(key, value);
    for (const unit of model.units()) this.clearAside(unit);
    kills.arm();
    try {
      const answer = await this.run(kills);
      const { generation } = answer.results as { readonly generation: string };
      await model.healthy(units, 150_000, new RegExp(`restored to revision \\d+ as generation ${generation},`));
      await model.emulator.settle();
    } finally {
      kills.end();
    }
    await model.expectOneCluster();
    await model.write('afterwards');
    await model.expectOneCluster();
    await model.expectAtRest();
    for (const unit of model.units()) expect(this.aside(unit)).not.toEqual([]);
    return kills.struck;
  }

  private async run(kills: Kills): Promise<RunResult> {
    const { model, source, leader } = this;
    const refusals: string[] = [];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const target = join(model.root(model.leader()), 'home/ubuntu');
      const begin = async (): Promise<RunResult> =>
        model.emulator.runAction(model.leader(), 'restore', { source, target });
      const before = kills.count();
      const answer = await begin();
      if (answer.status === 'completed') return answer;
      refusals.push(answer.message ?? '');
      if (kills.count() > before) {
        // It begins anew, and so do its points; the others have seen nothing of it.
        kills.arm(leader);
        continue;
      }
      // What it waits for is a hook's work.
      const looks = model.emulator.journal().length;
      await until('a hook ran', () => Promise.resolve(model.emulator.journal().length > looks), {
        timeoutMs: 20_000,
      }).catch(() => undefined);
      await model.emulator.settle();
    }
    throw new Error(`restore was run ${attempts} times and refused: ${refusals.join(' / ')}`);
  }

  private asideDirectory(unit: string): string {
    return join(this.model.root(unit), 'var/lib/etcd/aside');
  }

  private aside(unit: string): readonly string[] {
    return readdirSync(this.asideDirectory(unit)).filter((name) => !name.endsWith('.json'));
  }

  /** Each restore leaves as much as a member needs, and a snapshot. */
  private clearAside(unit: string): void {
    rmSync(this.asideDirectory(unit), { recursive: true, force: true });
    const home = join(this.model.root(unit), 'home/ubuntu');
    const names = existsSync(home) ? readdirSync(home) : [];
    for (const name of names) if (name.endsWith('.tar.gz')) rmSync(join(home, name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.model[Symbol.asyncDispose]();
  }
}
