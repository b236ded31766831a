import { ContinuousWriter } from '../support/continuous-writer';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { EventWatcher } from '../support/event-watcher';
import { expectOneCluster } from '../support/expect-cluster';
import { put } from '../support/gateway-client';
import { until } from '../support/until';

/** How long forming or recreating a cluster may take on a loaded machine, milliseconds. */
const patience = 300_000;
jest.setTimeout(2 * patience);

const prefix = '/e2e/backup/';

type Results = Readonly<Record<string, unknown>>;

/** A model under a writer and a watcher, and what must be true of them whatever is done to it. */
class Load {
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

  /** The unit that leads for Juju. */
  leader(): string {
    return this.model.lines().find(({ leader }) => leader)?.unit ?? '';
  }

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
function checks(load: () => Load): (title: string, body: (load: Load) => Promise<void>) => void {
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

describeOnMachines('three units under a continuous writer', () => {
  let load: Load;
  const check = checks(() => load);
  beforeAll(async () => {
    load = await Load.begin('backups under load, 3 units', 3);
  });
  afterAll(() => load?.end());

  check('compact and defrag of the whole cluster, the leader last', async ({ model, writer, action }) => {
    const [endpoint = ''] = model.endpoints();
    // History that compaction gives up and defragmentation gives back.
    for (let round = 0; round < 200; round += 1)
      await put(endpoint, '/e2e/bulk', 'x'.repeat(32_768), model.clientTls());
    await action('etcd/0', 'compact', { physical: true });
    const leader = await model.etcdLeader();
    const before = writer.acknowledged.length;
    const { members } = (await action('etcd/1', 'defrag', { cluster: true })) as {
      members: Record<string, { unit: string; 'size-before': string; 'size-after': string }>;
    };
    expect(writer.acknowledged.length).toBeGreaterThan(before);
    const all = Object.values(members);
    expect(all.map(({ unit }) => unit).sort()).toEqual(model.units());
    expect(all.at(-1)?.unit).toBe(leader);
    for (const each of all) expect(Number(each['size-after'])).toBeLessThan(Number(each['size-before']));
    await model.healthy(3);
    await expectOneCluster(model);
  });
});
