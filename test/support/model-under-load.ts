import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContinuousWriter } from './continuous-writer';
import { etcdBinaries } from './etcd-binaries';
import { EtcdModel } from './etcd-model';
import { EventWatcher } from './event-watcher';
import { until } from './until';

/** How long forming or recreating a cluster may take on a loaded machine, milliseconds. */
export const patience = 300_000;

const prefix = '/e2e/backup/';

/** A snapshot on the disk of a unit. */
export interface Snapshot {
  readonly path: string;
  readonly revision: bigint;
}

type Results = Readonly<Record<string, unknown>>;

/** A model under a writer and a watcher, and what must be true of them whatever is done to it. */
export class Load {
  private constructor(
    readonly model: EtcdModel,
    readonly writer: ContinuousWriter,
    readonly watcher: EventWatcher,
    private readonly label: string,
  ) {}

  static async begin(label: string, units: number): Promise<Load> {
    const model = await EtcdModel.create(label);
    try {
      await model.explain(async () => {
        await model.deployEverything(units, { client: false });
        await model.healthy(units, { timeoutMs: patience });
      });
    } catch (error) {
      await model[Symbol.asyncDispose]();
      throw error;
    }
    const endpoints = model.endpoints();
    const tls = model.clientTls();
    const writer = new ContinuousWriter(prefix, () => endpoints, tls).start();
    const watcher = new EventWatcher(prefix, () => endpoints, tls, 1n).start();
    return new Load(model, writer, watcher, label);
  }

  async end(): Promise<void> {
    await this.watcher.stop();
    await this.writer.stop();
    const { acknowledged, unknown, longestGap } = this.writer;
    process.stderr.write(
      `e2e: ${this.label}: ${acknowledged.length} writes acknowledged, ${unknown.length} unknown, ${this.writer.givenUp().length} given up ` +
        `by restores, longest gap ${longestGap} ms, ${this.watcher.events.length} events watched, resumed ${this.watcher.resumed} times\n`,
    );
    await this.model[Symbol.asyncDispose]();
  }

  /** Runs an action that must succeed. */
  readonly action = async (
    unit: string,
    name: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<Results> => {
    const { status, message, results } = await this.model.emulator.runAction(unit, name, parameters);
    expect({ name, status, message }).toEqual({ name, status: 'completed', message: '' });
    return results;
  };

  /** Takes a snapshot on a unit; what its archive has in it is looked at with etcd's own tool, not with what the action says. */
  readonly snapshot = async (unit: string): Promise<Snapshot> => {
    const results = await this.action(unit, 'snapshot');
    const { path, sha256 } = results['snapshot'] as { path: string; sha256: string };
    const archive = this.model.machine(unit).hostPath(path);
    expect(createHash('sha256').update(readFileSync(archive)).digest('hex')).toBe(sha256);
    const directory = mkdtempSync(join(tmpdir(), 'snapshot-'));
    try {
      execFileSync('tar', ['-xzf', archive, '-C', directory]);
      const [binaries] = etcdBinaries().filter(({ name }) => name.startsWith('3.5.'));
      const tool = join(binaries?.directory ?? '', 'etcdutl');
      const status = execFileSync(tool, ['snapshot', 'status', join(directory, 'db'), '--write-out=json'], {
        encoding: 'utf8',
      });
      const { revision } = JSON.parse(status) as { revision: number };
      expect(String(results['revision'])).toBe(String(revision));
      return { path, revision: BigInt(revision) };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };

  /**
   * Restores a snapshot of the leader's disk, waits until all units are members again, and judges what was given up: what was
   * acknowledged after the snapshot, no less and no more, within the revisions that the charm says are lost.
   * @param left what is left of the data: of a member that lagged a revision or two may be missing, of none nothing can be told
   */
  readonly restore = async ({ path, revision }: Snapshot, left: 'all' | 'one' | 'none'): Promise<void> => {
    const { model, writer, watcher } = this;
    const units = model.units().length;
    const before = writer.givenUp().length;
    writer.declareRestore(revision);
    watcher.declareRestore(revision);
    const begun = await this.action(this.leader(), 'restore', { source: path });
    // On the only unit it is complete when the action ends.
    if (units === 1) expect(begun['output']).toMatch(/^Restored revision /);
    await writer.progress(20, patience);
    await until(
      'the restore has ended',
      async () => (await this.action(this.leader(), 'recovery-status'))['phase'] === 'done',
      { timeoutMs: patience },
    );
    const told = await this.action(this.leader(), 'recovery-status');
    const generation = String(told['generation']);
    const givenUp = writer.givenUp().slice(before);
    const [from, to] = [told['lost-from'], told['lost-to']].map((text) =>
      text === undefined ? null : BigInt(text as string),
    );
    process.stderr.write(
      `e2e: ${this.label}: the restore gave up ${givenUp.length} acknowledged writes, ${givenUp[0]?.revision ?? 'none'} to ` +
        `${givenUp.at(-1)?.revision ?? 'none'}; the charm says ${from ?? 'unknown'} to ${to ?? 'unknown'}\n`,
    );
    expect(generation).toBe(String(begun['generation']));
    const loss =
      from === null || to === null
        ? 'what was written after it is lost, how much is not known'
        : `revisions ${from} to ${to} of generation ${Number(generation) - 1} are lost`;
    await model.healthy(units, {
      timeoutMs: patience,
      remark: `restored to revision ${revision} as generation ${generation}, ${loss}`,
    });
    expect(from).toBe(left === 'none' ? null : revision + 1n);
    if (left === 'all') for (const write of givenUp) expect(write.revision).toBeLessThanOrEqual(to ?? 0n);
  };

  /** The unit that leads for Juju. */
  readonly leader = (): string => {
    return this.model.lines().find(({ leader }) => leader)?.unit ?? '';
  };

  /** Nothing is lost at any member but what was given up, and the watcher saw all of it once and in order. */
  async expectNothingLost(): Promise<void> {
    const { model, writer, watcher } = this;
    const lost = await Promise.all(
      model
        .endpoints()
        .map((endpoint) => until(`${endpoint} answers`, () => writer.lostAt(endpoint), { timeoutMs: 30_000 })),
    );
    expect(writer.acknowledged.length).toBeGreaterThan(0);
    expect(lost).toEqual(model.units().map(() => []));
    await watcher.caughtUp(writer, 20_000);
    expect({ problems: [...writer.problems, ...watcher.problems], misses: watcher.misses(writer) }).toEqual({
      problems: [],
      misses: [],
    });
  }
}

/** Checks that build on each other, each with writes before and after it: after one that failed the others would only wait in vain. */
export function checks(load: () => Load): (title: string, body: (load: Load) => Promise<void>) => void {
  let failed: string | undefined;
  return (title, body) => {
    it(title, async () => {
      if (failed !== undefined) throw new Error(`not tried: "${failed}" failed before`);
      failed = title;
      const { model, writer } = load();
      await model.explain(async () => {
        await writer.progress(20, 20_000);
        await body(load());
        await writer.progress(20, 60_000);
        await load().expectNothingLost();
      });
      failed = undefined;
    });
  };
}
