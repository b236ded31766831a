import { ContinuousWriter } from '../support/continuous-writer';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { expectOneCluster } from '../support/expect-cluster';
import { until } from '../support/until';

/** On a loaded machine, milliseconds. */
const patience = 300_000;
jest.setTimeout(2 * patience);

const prefix = '/e2e/recovery/';

describeOnMachines('a cluster that lost its majority', () => {
  test('2 of 3 machines are destroyed and the survivor is killed: what it had acknowledged is there, and two new units join', async () => {
    await using model = await EtcdModel.create('recover-quorum, 2 of 3');
    await model.explain(async () => {
      await model.deployEverything(3, { client: false });
      await model.healthy(3, { timeoutMs: patience });
      const leader = model.lines().find((line) => line.leader)?.unit ?? '';
      const survivor = model.units().find((unit) => unit !== leader) ?? '';
      const lost = model.units().filter((unit) => unit !== survivor);
      const { emulator } = model;
      const tls = model.clientTls(survivor);
      const endpoint = model.endpoint(survivor);
      const writer = new ContinuousWriter(prefix, () => [endpoint], tls).start();
      try {
        await writer.progress(50, patience);
        await Promise.all([
          ...lost.map((unit) => emulator.controller.machines.destroy(emulator.world.units[unit]?.machine ?? '')),
          model.run(survivor, 'systemctl kill --signal KILL etcd.service'),
        ]);
      } finally {
        await writer.stop();
      }
      const params = { confirm: true, 'failed-units': lost.join() };
      await until(
        'it is begun',
        async () => {
          const { status, message } = await emulator.runAction(survivor, 'recover-quorum', params);
          if (status !== 'completed') throw new Error(message);
          return true;
        },
        { timeoutMs: 60_000, everyMs: 500 },
      );
      const began = performance.now();
      await until(
        'it is recovered',
        () => {
          const said = model.lines().find(({ unit }) => unit === survivor);
          if (said?.word === 'active' && /cluster is healthy \(1 of 1 members\)/.test(said.message)) return true;
          throw new Error(said?.message ?? 'gone');
        },
        { timeoutMs: patience },
      );
      process.stderr.write(
        `e2e: recover-quorum: ${writer.acknowledged.length} writes acknowledged by the survivor, healthy ${Math.round(performance.now() - began)} ms after the action\n`,
      );
      expect(await writer.lostAt(endpoint)).toEqual([]);
      for (const unit of lost) await emulator.removeUnit(unit, { force: true });
      await emulator.addUnit('etcd', 2);
      await until(
        'three vote',
        async () => {
          const { results } = await emulator.runAction(survivor, 'member-list');
          if (results['count'] !== '3' || model.lines().length !== 3)
            throw new Error(`${String(results['count'])} members`);
          const bad = model.lines().filter(({ message }) => !/cluster is healthy \(3 of 3 members\)/.test(message));
          if (bad.length > 0) throw new Error(bad.map(({ unit, message }) => `${unit} ${message}`).join('; '));
          return true;
        },
        { timeoutMs: patience, everyMs: 500 },
      );
      await expectOneCluster(model);
      for (const each of model.endpoints()) expect(await writer.lostAt(each)).toEqual([]);
    });
  });
});
