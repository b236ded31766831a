import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPoint } from '../support/crash-points';
import { base64, gatewayCall, hashKv, put } from '../support/gateway-client';
import { LightCharms } from '../support/light-charm';
import { LightModel } from '../support/light-model';
import { savePlainSnapshot } from '../support/plain-snapshot';
import { shuffled } from '../support/shuffled';
import { until } from '../support/until';

const seed = Number(process.env['LIGHT_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const exhaustive = process.env['EXHAUSTIVE'] === '1';
/** How many crash points of each size a usual run plays. */
const sampled = Number(process.env['POINTS'] ?? 3);
jest.setTimeout(exhaustive || sampled > 3 ? 5_400_000 : 900_000);
const say = (line: string): void => void process.stderr.write(`light: restore: ${line}\n`);
let charms: LightCharms;

beforeAll(() => {
  say(`seed ${seed} (LIGHT_SEED=${seed} repeats it)`);
  charms = LightCharms.make();
});
afterAll(() => charms.remove());

const revisionOf = async (model: LightModel, unit: string): Promise<number> =>
  Number((await hashKv(model.endpoint(unit), model.tls(unit))).revision);

/** A cluster with a snapshot of a moment, and writes after it that a restore loses. */
async function clusterWithSnapshot(
  model: LightModel,
  units: number,
  minor = '3.5',
  crashAt: readonly CrashPoint[] = [],
): Promise<{ readonly source: string; readonly revision: number; readonly last: number }> {
  await model.deploy(units, crashAt, 'easyrsa', {}, minor);
  await model.healthy(units);
  await model.write('before');
  const leader = model.leader();
  const revision = await revisionOf(model, leader);
  const source = savePlainSnapshot(model, leader, minor);
  for (let count = 0; count < 5; count++)
    await put(model.endpoint(leader), `/kept/after-${count}`, 'lost', model.tls(leader));
  return { source, revision, last: await revisionOf(model, leader) };
}

const restore = (model: LightModel, parameters: Record<string, string | boolean>) =>
  model.emulator.runAction(model.leader(), 'restore', {
    target: join(model.root(model.leader()), 'home/ubuntu'),
    ...parameters,
  });

/** The same, told with the action's own line where it did not do it. */
async function restored(model: LightModel, parameters: Record<string, string | boolean>) {
  const answer = await restore(model, parameters);
  if (answer.status !== 'completed') throw new Error(`restore ${answer.status}: ${answer.message ?? ''}`);
  return answer;
}

/** Nobody's raft log can be read: no member but the leader's unit's starts again, and that one has no quorum. */
async function loseQuorum(model: LightModel): Promise<void> {
  const victims = model.units().filter((unit) => model.units().length === 1 || unit !== model.leader());
  for (const unit of victims) {
    const wal = join(model.root(unit), 'var/lib/etcd/data/member/wal');
    const before = model.pid(unit);
    // A record that claims to be longer than any may be: no etcd repairs that, as it does one that was cut off.
    for (const name of readdirSync(wal).filter((one) => one.endsWith('.wal')))
      writeFileSync(join(wal, name), Buffer.alloc(64, 0x7f), { flag: 'r+' });
    process.kill(before, 'SIGKILL');
  }
  await until(
    'no cluster answers',
    () =>
      put(model.endpoint(model.leader()), '/none', '', model.tls(model.leader())).then(
        () => Promise.reject(new Error('it takes writes')),
        () => true,
      ),
    { timeoutMs: 30_000 },
  );
}

const asideOf = (model: LightModel, unit: string): readonly string[] =>
  readdirSync(join(model.root(unit), 'var/lib/etcd/aside')).filter((name) => !name.endsWith('.json'));

const generationOf = (model: LightModel, unit: string): number =>
  (JSON.parse(readFileSync(join(model.root(unit), 'var/lib/etcd/generation.json'), 'utf8')) as { generation: number })
    .generation;

async function expectRestored(model: LightModel, units: number, remark: RegExp): Promise<void> {
  await model.healthy(units, 150_000, remark);
  await model.expectOneCluster();
  await model.write('afterwards');
  await model.expectOneCluster();
  await model.expectAtRest();
  for (const unit of model.units()) expect(asideOf(model, unit).length).toBeGreaterThan(0);
}

describe.each([1, 3])('a cluster of %d', (units) => {
  test('is restored with quorum: what came after the snapshot is lost and counted, what was there is saved first', async () => {
    await using model = await LightModel.create(charms, { seed });
    await model.explain('restore', async () => {
      const { source, revision, last } = await clusterWithSnapshot(model, units);
      const plan = await restore(model, { source, 'dry-run': true });
      expect(plan).toMatchObject({ status: 'completed', results: { generation: '2', revision: String(revision) } });
      expect(readdirSync(join(model.root(model.leader()), 'var/lib/etcd/recreation'))).toEqual([]);

      const answer = await restored(model, { source });
      expect(answer).toMatchObject({ results: { generation: '2', revision: String(revision) } });
      const { path } = (answer.results as { backup: { path: string } }).backup;
      expect(readFileSync(path).length).toBeGreaterThan(0);
      if (units === 1) expect(generationOf(model, 'etcd/0')).toBe(2);
      await expectRestored(
        model,
        units,
        new RegExp(
          `restored to revision ${revision} as generation 2, revisions ${revision + 1} to ${last} of generation 1 are lost`,
        ),
      );
      const status = await model.emulator.runAction(model.units()[0] ?? '', 'recovery-status');
      expect(status.results).toMatchObject({
        phase: 'done',
        'lost-from': String(revision + 1),
        'lost-to': String(last),
      });
    });
  });

  test('is restored without quorum, and once more', async () => {
    await using model = await LightModel.create(charms, { seed });
    await model.explain('restore without quorum', async () => {
      const { source } = await clusterWithSnapshot(model, units);
      await loseQuorum(model);
      const answer = await restored(model, { source });
      expect(answer.results['backup']).toBeUndefined();
      await expectRestored(model, units, /as generation 2/);
      model.written.delete('/kept/afterwards');
      await restored(model, { source, 'skip-backup': true });
      await expectRestored(model, units, /as generation 3/);
    });
  });
});

test('etcd 3.6: revisions go on above the old ones, and older ones are compacted', async () => {
  await using model = await LightModel.create(charms, { seed });
  await model.explain('restore with a bump', async () => {
    const { source, last } = await clusterWithSnapshot(model, 1, '3.6');
    await restored(model, { source });
    await expectRestored(model, 1, /as generation 2/);
    const leader = model.leader();
    expect(await revisionOf(model, leader)).toBeGreaterThan(Math.max(last, 1_000_000_000));
    await expect(
      gatewayCall(
        model.endpoint(leader),
        '/v3/kv/range',
        { key: base64('/kept/before'), revision: last },
        model.tls(leader),
      ),
    ).rejects.toThrow(/compacted/);
  });
});

test('what cannot be restored is refused, and nothing is touched', async () => {
  await using model = await LightModel.create(charms, { seed });
  await model.explain('refusals', async () => {
    const { source } = await clusterWithSnapshot(model, 2);
    const damaged = join(model.root(model.leader()), 'home/ubuntu/damaged.db');
    const bytes = readFileSync(source);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(damaged, bytes);
    const follower = model.units().find((unit) => unit !== model.leader()) ?? '';
    const steps = model.steps(model.leader()).length;
    for (const [unit, parameters, line] of [
      [model.leader(), {}, /no snapshot to restore: attach one/],
      [model.leader(), { source: damaged }, /is damaged/],
      [model.leader(), { source: '/nowhere' }, /is not on this unit/],
      [follower, { source }, /is not the leader of etcd, and restore runs only there: juju run etcd\/leader restore/],
    ] as const) {
      const answer = await model.emulator.runAction(unit, 'restore', parameters);
      expect(answer).toMatchObject({ status: 'failed', message: expect.stringMatching(line) as string });
    }
    expect(model.steps(model.leader())).toHaveLength(steps);
    expect(readdirSync(join(model.root(model.leader()), 'var/lib/etcd/recreation'))).toEqual([]);
    await model.healthy(2);
  });
});

describe.each([1, 3])('a restore of a cluster of %d, killed at any effect and run again', (units) => {
  test('ends in one healthy cluster with the data of the snapshot', async () => {
    const effects = await effectsOfRestore(units);
    const chosen = exhaustive ? effects : shuffled(effects, seed).slice(0, sampled);
    const wrong: string[] = [];
    let struck = 0;
    for (const point of chosen) {
      await using model = await LightModel.create(charms, { seed, retryFactor: 0.001 });
      try {
        const { source } = await clusterWithSnapshot(model, units, '3.5', [point]);
        const answer = await restore(model, { source });
        if (answer.status !== 'completed') {
          // Killed: either the hooks go on with it, or the operator runs it again.
          await until('the action can be run', async () => (await restore(model, { source })).status === 'completed', {
            timeoutMs: 60_000,
          });
        }
        await expectRestored(model, units, /restored to revision/);
        struck += model.struck().length;
      } catch (error) {
        wrong.push(`${point.unit} at ${point.label} #${point.occurrence}: ${String(error)}`);
        say(model.report());
      }
    }
    say(`${units} units: ${chosen.length} of ${effects.length} points, ${struck} struck`);
    expect(wrong).toEqual([]);
    expect(struck).toBeGreaterThan(0);
  });
});

/** What the charms do from the action on until the cluster is healthy again, each a point to be killed at. */
async function effectsOfRestore(units: number): Promise<readonly CrashPoint[]> {
  await using model = await LightModel.create(charms, { seed });
  // Awaited here: the model goes when this block ends.
  return await model.explain('the run without faults', async () => {
    const { source } = await clusterWithSnapshot(model, units);
    const before = new Map(model.units().map((unit) => [unit, model.effects(unit).length]));
    await restored(model, { source });
    await model.healthy(units, 150_000, /restored to revision/);
    return model.units().flatMap((unit) => {
      const seen = new Map<string, number>();
      const points = model.effects(unit).map((label) => {
        const occurrence = (seen.get(label) ?? 0) + 1;
        seen.set(label, occurrence);
        return { unit, label, occurrence };
      });
      return points.slice(before.get(unit)).filter(({ label }) => !label.includes('wake-later'));
    });
  });
}
