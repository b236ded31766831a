import { describeOnMachines } from '../support/etcd-model';
import { expectOneCluster } from '../support/expect-cluster';
import { put } from '../support/gateway-client';
import { checks, Load, patience } from '../support/model-under-load';

jest.setTimeout(2 * patience);

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

  check('snapshot on each unit: all that was acknowledged before is in it', async ({ model, writer, snapshot }) => {
    for (const unit of model.units()) {
      const before = writer.acknowledged.at(-1)?.revision ?? 0n;
      const saved = await snapshot(unit);
      const after = writer.acknowledged.at(-1)?.revision ?? 0n;
      expect(saved.revision).toBeGreaterThanOrEqual(before);
      expect(after).toBeGreaterThan(before);
    }
  });
});
