import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { until } from '../support/until';

const suite = lightSuite('cluster');
jest.setTimeout(180_000);

async function withModel(name: string, body: (model: LightModel) => Promise<void>): Promise<void> {
  await using model = await suite.model();
  await model.explain(name, () => body(model));
}

describe('the etcd charm in light mode, without machines', () => {
  test.each([1, 3])('%d units form one cluster, and rest then', (units) =>
    withModel('forming', async (model) => {
      await model.deploy(units);
      await model.healthy(units);
      await model.write('first');
      await model.expectOneCluster();
      await model.expectAtRest();
      const health = await model.emulator.runAction('etcd/0', 'health');
      expect(health).toMatchObject({ status: 'completed' });
      expect(String(health.results['output']).trimEnd()).toMatch(/cluster is healthy$/);
    }),
  );

  test('it grows, a crashed or rebooted member comes back without a hook, leadership moves, and it shrinks to its last unit', () =>
    withModel('changing', async (model) => {
      await model.deploy(1);
      await model.healthy(1);
      await model.write('by-one');
      await model.emulator.addUnit('etcd', 2);
      await model.healthy(3);
      await model.expectOneCluster();

      // Nothing may be begun: a timer that was armed while it grew could still wake a unit.
      holdUnits(model, true);
      await model.emulator.settle();
      const hooks = hooksOf(model);
      const before = model.pid('etcd/1');
      process.kill(before, 'SIGKILL');
      await until('etcd/1 runs again', () => model.pid('etcd/1') !== before && model.serves('etcd/1'), {
        timeoutMs: 30_000,
      });
      expect(hooksOf(model)).toEqual(hooks);
      holdUnits(model, false);

      await model.emulator.controller.machines.reboot(model.emulator.world.units['etcd/2']?.machine ?? '');
      await until('etcd/2 serves again', () => model.serves('etcd/2'), { timeoutMs: 30_000 });
      await model.healthy(3);

      model.emulator.controller.moveLeader('etcd', 'etcd/1');
      await model.healthy(3);
      await model.write('by-three');
      await model.expectOneCluster();
      await model.expectAtRest();

      await model.emulator.removeUnit('etcd/1');
      await model.healthy(2);
      await model.emulator.removeUnit('etcd/0');
      await model.healthy(1);
      await model.expectOneCluster();
      await model.expectAtRest();
    }));
});

function holdUnits(model: LightModel, held: boolean): void {
  for (const unit of ['etcd/0', 'etcd/1', 'etcd/2']) model.emulator.controller.hold(unit, held);
}

/** How many hooks ran so far. */
const hooksOf = (model: LightModel): number =>
  model.emulator.journal().filter(({ event }) => event === 'operation').length;
