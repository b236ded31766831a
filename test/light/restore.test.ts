import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { base64, gatewayCall, hashKv, put } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { savePlainSnapshot } from '../support/plain-snapshot';
import { until } from '../support/until';

const suite = lightSuite('restore');
jest.setTimeout(900_000);

const revisionOf = async (model: LightModel, unit: string): Promise<number> =>
  Number((await hashKv(model.endpoint(unit), model.tls(unit))).revision);

/** A cluster with a snapshot of a moment, and writes after it that a restore loses. */
async function clusterWithSnapshot(
  model: LightModel,
  units: number,
  minor = '3.5',
): Promise<{ readonly source: string; readonly revision: number; readonly last: number }> {
  await model.deploy(units, [], 'easyrsa', {}, minor);
  await model.healthy(units);
  await model.write('before');
  const leader = model.leader();
  const revision = await revisionOf(model, leader);
  const source = savePlainSnapshot(model, leader, minor);
  for (let count = 0; count < 5; count++)
    await put(model.endpoint(leader), `/kept/after-${count}`, 'lost', model.tls(leader));
  return { source, revision, last: await revisionOf(model, leader) };
}

/** Juju takes no resource whose name ends in another way than in metadata.yaml. */
function archived(db: string): string {
  const file = join(dirname(db), 'attached.tar.gz');
  renameSync(db, join(dirname(db), 'db'));
  create({ file, cwd: dirname(db), gzip: true, sync: true }, ['./db']);
  return file;
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

const mirrored = { key: '/mirrored', file: '/etc/mirrored' };
async function mirror(model: LightModel, units: number): Promise<void> {
  await model.emulator.setConfig('etcd', { 'config-mirror': JSON.stringify([mirrored]) });
  await model.healthy(units);
}

/** Their mirrors hold to one cluster: they have to be told that this is the new one, in hooks that come by themselves. */
async function expectMirrored(model: LightModel, value: string): Promise<void> {
  const leader = model.leader();
  await put(model.endpoint(leader), mirrored.key, value, model.tls(leader));
  const read = (unit: string): string => {
    const path = join(model.root(unit), mirrored.file);
    return existsSync(path) ? readFileSync(path, 'utf8') : 'no file';
  };
  for (const unit of model.units())
    await until(`the file of ${unit}`, () => read(unit) === value, { timeoutMs: 30_000 });
}

describe.each([1, 3])('a cluster of %d', (units) => {
  test('is restored with quorum: what came after the snapshot is lost and counted, what was there is saved first', async () => {
    await using model = await suite.model();
    await model.explain('restore', async () => {
      const { source, revision } = await clusterWithSnapshot(model, units);
      await mirror(model, units);
      await expectMirrored(model, 'before');
      const last = await revisionOf(model, model.leader());
      const plan = await restore(model, { source, 'dry-run': true });
      expect(plan).toMatchObject({ status: 'completed', results: { generation: '2', revision: String(revision) } });
      expect(readdirSync(join(model.root(model.leader()), 'var/lib/etcd/recreation'))).toEqual([]);

      // The way of the charm that this one replaces: the operator attaches the file, and the leader fetches it.
      const attached = units === 3;
      if (attached) await model.emulator.attachResource('etcd', 'snapshot', archived(source));
      const answer = await restored(model, attached ? {} : { source });
      expect(answer).toMatchObject({ results: { generation: '2', revision: String(revision) } });
      if (attached) expect(answer.results['source']).not.toBe(source);
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
      await expectMirrored(model, 'after');
      const status = await model.emulator.runAction(model.units()[0] ?? '', 'recovery-status');
      expect(status.results).toMatchObject({
        phase: 'done',
        'lost-from': String(revision + 1),
        'lost-to': String(last),
      });
    });
  });

  test('is restored without quorum, and once more', async () => {
    await using model = await suite.model();
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
  await using model = await suite.model();
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
  await using model = await suite.model();
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
