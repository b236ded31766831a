import { ContinuousWriter } from './continuous-writer';
import { EtcdModel } from './etcd-model';
import { expectOneCluster } from './expect-cluster';
import { gatewayCall, base64, type ClientTls } from './gateway-client';
import { until } from './until';

/** On a loaded machine, milliseconds. */
export const patience = 600_000;

/** A model under a writer, whose cluster is lost and recovered again and again. */
export class LostAndRecovered {
  /** Where the writer writes: while members are lost, only at those that survive, for a lost one may have acknowledged what no other has. */
  endpoints: readonly string[];
  readonly writer: ContinuousWriter;

  private constructor(
    readonly model: EtcdModel,
    private readonly label: string,
  ) {
    this.endpoints = model.endpoints();
    this.writer = new ContinuousWriter('/e2e/recovery/', () => this.endpoints, model.clientTls()).start();
  }

  static async begin(
    label: string,
    units: number,
    options: Parameters<typeof EtcdModel.create>[1] = {},
  ): Promise<LostAndRecovered> {
    const model = await EtcdModel.create(label, options);
    try {
      await model.explain(async () => {
        await model.deployEverything(units, { client: false });
        await model.healthy(units, { timeoutMs: patience });
      });
      return new LostAndRecovered(model, label);
    } catch (error) {
      await model[Symbol.asyncDispose]();
      throw error;
    }
  }

  say(line: string): void {
    process.stderr.write(`e2e: ${this.label}: ${line}\n`);
  }

  async end(): Promise<void> {
    await this.writer.stop();
    const { acknowledged, unknown, longestGap } = this.writer;
    this.say(
      `${acknowledged.length} writes acknowledged, ${unknown.length} unknown, ${this.writer.givenUp().length} given up, longest gap ${longestGap} ms`,
    );
    await this.model[Symbol.asyncDispose]();
  }

  machineOf(unit: string): string {
    return this.model.emulator.world.units[unit]?.machine ?? '';
  }

  /** Writes at these units alone from now on, until so much was acknowledged. */
  async writeAt(units: readonly string[], count = 20): Promise<void> {
    this.endpoints = units.map((unit) => this.model.endpoint(unit));
    await this.writer.progress(count, patience);
  }

  /** All machines but these are gone with their disks, and etcd of these is killed while it is written to. Gives the lost units. */
  async destroyAllBut(survivors: readonly string[]): Promise<string[]> {
    const { model } = this;
    const lost = model.units().filter((unit) => !survivors.includes(unit));
    await Promise.all([
      ...lost.map((unit) => model.emulator.controller.machines.destroy(this.machineOf(unit))),
      ...survivors.map((unit) => model.run(unit, 'systemctl kill --signal KILL etcd.service')),
    ]);
    return lost;
  }

  /** Units that are gone leave the model, and so many new ones come. */
  async makeWhole(lost: readonly string[], added: number): Promise<void> {
    const { model } = this;
    const began = performance.now();
    for (const unit of lost) await model.emulator.removeUnit(unit, { force: true });
    await model.emulator.addUnit('etcd', added);
    await until('they are there', () => model.units().length === added + this.endpoints.length, {
      timeoutMs: patience,
    });
    await healthyAmong(model, model.units());
    this.say(`${added} new units vote ${Math.round(performance.now() - began)} ms after they were asked for`);
  }

  /** One cluster of all units, in which nothing is lost but what had to be. */
  async expectNothingLost(): Promise<void> {
    const { model, writer } = this;
    await writer.progress(20, patience);
    await expectOneCluster(model);
    const lost = await Promise.all(model.endpoints().map((endpoint) => writer.lostAt(endpoint)));
    expect(lost).toEqual(model.units().map(() => []));
    expect(writer.problems).toEqual([]);
  }
}

/** Checks on one model that build on each other: after one that failed the others would only wait in vain. */
export function checks(
  ...begin: Parameters<typeof LostAndRecovered.begin>
): (title: string, body: (world: LostAndRecovered) => Promise<void>) => void {
  let world: LostAndRecovered;
  let failed: string | undefined;
  beforeAll(async () => {
    world = await LostAndRecovered.begin(...begin);
  });
  afterAll(() => world?.end());
  return (title, body) => {
    it(title, async () => {
      if (failed !== undefined) throw new Error(`not tried: "${failed}" failed before`);
      failed = title;
      await world.model.explain(async () => {
        await world.writeAt(world.model.units());
        await body(world);
        await world.expectNothingLost();
      });
      failed = undefined;
    });
  };
}

/** For `ContinuousWriter.declareRestore`: the cluster is replaced, and nothing that it acknowledged may be missing. */
export const keepsAll = 2n ** 62n;

/** The unit that leads for Juju, once there is one among these. */
export const jujuLeader = (model: EtcdModel, units: readonly string[]): Promise<string> =>
  until(
    'Juju has a leader that is there',
    () => model.lines().find(({ unit, leader }) => leader && units.includes(unit))?.unit,
    { timeoutMs: 120_000 },
  );

/** Waits until each of these units says which command to run: only then an operator knows of it. */
export const lossTold = (model: EtcdModel, units: readonly string[]): Promise<unknown> =>
  until(
    'the status tells the command',
    () => {
      const said = model.lines().filter(({ unit }) => units.includes(unit));
      const silent = said.filter(
        ({ word, message }) =>
          word !== 'blocked' || !message.includes('juju run etcd/leader recover-quorum confirm=true'),
      );
      if (silent.length === 0) return true;
      throw new Error(silent.map(({ unit, word, message }) => `${unit} ${word}: ${message}`).join('; '));
    },
    { timeoutMs: patience },
  );

/** Confirms a recovery at the leader, again as long as it is refused; gives when the one that was taken was asked for. */
export function confirmRecovery(
  model: EtcdModel,
  survivors: readonly string[],
  parameters: Readonly<Record<string, unknown>>,
): Promise<Date> {
  return until(
    'the recovery is begun',
    async () => {
      const leader = await jujuLeader(model, survivors);
      const asked = new Date();
      const params = { confirm: true, ...parameters };
      const { status, message } = await model.emulator.runAction(leader, 'recover-quorum', params);
      if (status !== 'completed') throw new Error(message);
      return asked;
    },
    { timeoutMs: patience, everyMs: 500 },
  );
}

/** Waits until these units, and no other member, say that the cluster is healthy; units that are gone say nothing. */
export async function healthyAmong(model: EtcdModel, units: readonly string[], remark = /^$|^; /): Promise<void> {
  const head = `cluster is healthy (${units.length} of ${units.length} members)`;
  await until(
    `${units.join(', ')}: "${head}"`,
    () => {
      const said = model.lines().filter(({ unit }) => units.includes(unit));
      const bad = said.filter(
        ({ word, message }) =>
          word !== 'active' || !message.startsWith(head) || !remark.test(message.slice(head.length)),
      );
      if (said.length === units.length && bad.length === 0) return true;
      throw new Error(bad.map(({ unit, word, message }) => `${unit} ${word}: ${message}`).join('; '));
    },
    { timeoutMs: patience },
  );
}

/** Data directories that were moved aside on a unit, oldest first. */
export async function asideOn(model: EtcdModel, unit: string): Promise<string[]> {
  const { stdout } = await model.run(unit, 'ls /var/lib/etcd/aside 2>/dev/null');
  return stdout.split('\n').filter((name) => name !== '' && !name.endsWith('.json'));
}

/** Writes so many MB of values of half a MB, through one member. */
export async function fill(endpoint: string, tls: ClientTls, megabytes: number): Promise<void> {
  const value = Buffer.alloc(500_000, 'x').toString('base64');
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let number = next++; number < megabytes * 2; number = next++) {
      const key = base64(`/filling/${String(number).padStart(6, '0')}`);
      await until(
        'it is written',
        () => gatewayCall(endpoint, '/v3/kv/put', { key, value }, tls, 20_000).then(() => true),
        { timeoutMs: 60_000 },
      );
    }
  };
  await Promise.all(Array.from({ length: 4 }, writer));
}

/** What an operator types on a survivor: its moved-aside data are run as they were, then stopped, copied, restored and started. */
const handwork = `
set -eu
data=$1
bin=/opt/etcd/current
work=$(mktemp -d /var/lib/etcd/by-hand.XXXXXX)
pid=
trap '[ -z "$pid" ] || kill -KILL $pid; rm -rf $work' EXIT
now() { echo $(($(date +%s%N) / 1000000)); }
urls='--listen-client-urls http://127.0.0.1:23790 --advertise-client-urls http://127.0.0.1:23790 --listen-peer-urls http://127.0.0.1:23800'
peer=http://127.0.0.1:23800
run() { $bin/etcd --name by-hand $urls --log-level error "$@" >$work/log 2>&1 & pid=$!; }
healthy() { until ETCDCTL_API=3 $bin/etcdctl --endpoints http://127.0.0.1:23790 endpoint health >/dev/null 2>&1; do kill -0 $pid; done; }
cp -a $data $work/data
run --data-dir $work/data --force-new-cluster
healthy
began=$(now)
kill -TERM $pid; wait $pid || true; stopped=$(now)
cp -a $work/data $work/copy; copied=$(now)
tool=$bin/etcdutl; [ -x $tool ] || tool=$bin/etcdctl
ETCDCTL_API=3 $tool snapshot restore $work/copy/member/snap/db --skip-hash-check --data-dir $work/restored --name by-hand \\
  --initial-cluster by-hand=$peer --initial-advertise-peer-urls $peer >$work/log 2>&1
restored=$(now)
run --data-dir $work/restored --initial-advertise-peer-urls $peer --initial-cluster by-hand=$peer
healthy; started=$(now)
echo "stop $((stopped - began)) ms, copy $((copied - stopped)) ms, restore $((restored - copied)) ms, start $((started - restored)) ms: $((started - began)) ms"
`;

/** The same work done by hand on one survivor, with the data that it had: what it took, in words. */
export async function byHand(model: EtcdModel, unit: string): Promise<string> {
  const [aside = ''] = await asideOn(model, unit);
  const { code, stdout, stderr } = await model.run(
    unit,
    `cat > /tmp/by-hand.sh <<'END'\n${handwork}\nEND\nbash /tmp/by-hand.sh /var/lib/etcd/aside/${aside}`,
  );
  if (code !== 0) throw new Error(`by hand: ${stderr}`);
  return stdout.trim();
}

/** When each phase of a recovery was begun, in words: milliseconds since it was asked for. */
export function byPhase(model: EtcdModel, units: readonly string[], since: Date): string {
  const begun = units
    .flatMap((unit) => model.steps(unit))
    .filter(({ time, step }) => step.kind === 'write-recreation' && time > since.toISOString())
    .sort((one, other) => one.time.localeCompare(other.time));
  return begun
    .map(({ time, step }) => `${step.recreation?.phase ?? '?'} ${Date.parse(time) - since.getTime()}`)
    .join(', ');
}

/** What of a recovery on the unit that begins the new cluster is that same work, in words: the rest is agreeing, and others that join. */
export async function byCharm(model: EtcdModel, since: Date): Promise<string> {
  const leader = await jujuLeader(model, model.units());
  const { results } = await model.emulator.runAction(leader, 'recovery-status');
  const steps = model.steps(String(results['creator'])).filter(({ time }) => time > since.toISOString());
  const works = ['stop-etcd', 'measure-data', 'save-survivor', 'restore-data', 'start-etcd', 'await-serving'];
  const took = works.map((kind) => {
    const ms = steps.filter(({ step }) => step.kind === kind).at(-1)?.ms ?? 0;
    return { kind, ms };
  });
  const sum = took.reduce((all, { ms }) => all + ms, 0);
  return `${took.map(({ kind, ms }) => `${kind} ${ms} ms`).join(', ')}: ${sum} ms`;
}
