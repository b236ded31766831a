import { describeOnMachines } from '../support/etcd-model';
import { expectOneCluster } from '../support/expect-cluster';
import { checks, Load, patience, type Snapshot } from '../support/model-under-load';

jest.setTimeout(3 * patience);

describeOnMachines.each([3, 1])('%d units under a continuous writer are restored', (units) => {
  let load: Load;
  let saved: Snapshot;
  const check = checks(() => load);
  beforeAll(async () => {
    load = await Load.begin(`restores under load, ${units} units`, units);
  });
  afterAll(() => load?.end());

  check('with quorum', async ({ model, writer, snapshot, leader, restore }) => {
    saved = await snapshot(leader());
    await writer.progress(50, 30_000);
    await restore(saved, 'all');
    await expectOneCluster(model);
  });

  check(
    'without quorum: the data of all members but the leader’s are gone, or those of the only one',
    async ({ model, writer, snapshot, leader, restore }) => {
      saved = await snapshot(leader());
      await writer.progress(50, 30_000);
      const lost = units === 1 ? model.units() : model.units().filter((unit) => unit !== leader());
      for (const unit of lost)
        await model.run(unit, 'systemctl kill --signal KILL etcd.service; rm -rf /var/lib/etcd/data/member');
      await restore(saved, units === 1 ? 'none' : 'one');
      await expectOneCluster(model);
    },
  );
});
