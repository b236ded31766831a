import type { RunResult } from 'juju-emulator';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { until } from '../support/until';

const suite = lightSuite('failed member');
jest.setTimeout(240_000);

const remove = (model: LightModel, unit: string, params: Readonly<Record<string, unknown>>): Promise<RunResult> =>
  model.emulator.runAction('etcd/0', 'remove-failed-member', { unit, ...params });

test('one of three machines is gone: its member is removed on the operator’s word, and another unit takes its place', async () => {
  await using model = await suite.model();
  await model.explain('a machine that failed', async () => {
    await model.deploy(3);
    await model.healthy(3);
    await model.write('before');
    const { controller, world } = model.emulator;
    expect((await remove(model, 'etcd/1', { confirm: true })).message).toMatch(/etcd\/1 answers, it is not dead/);

    await controller.machines.destroy(world.units['etcd/1']?.machine ?? '');
    // Right after the fault the members may be choosing another leader.
    const asked = await until(
      'it may be removed',
      async () => {
        const task = await remove(model, 'etcd/1', {});
        return task.status === 'completed' ? task : Promise.reject(new Error(task.message));
      },
      { timeoutMs: 20_000 },
    );
    expect(asked.results['output']).toMatch(/a voter.* does not answer; nothing was changed, confirm=true removes it/);
    expect((await remove(model, 'etcd/9', { confirm: true })).message).toMatch(/etcd\/9 has no member/);
    expect((await model.emulator.runAction('etcd/0', 'member-list')).results['count']).toBe('3');

    const done = await remove(model, 'etcd/1', { confirm: true });
    expect([done.status, done.message]).toEqual(['completed', '']);
    expect(done.results['members']).toBe('etcd/0, etcd/2');
    expect((await model.emulator.runAction('etcd/2', 'member-list')).results['count']).toBe('2');
    // Again: there is nothing left to do, and it says so.
    expect((await remove(model, 'etcd/1', { confirm: true })).message).toMatch(/etcd\/1 has no member/);

    await model.emulator.removeUnit('etcd/1', { force: true });
    await model.emulator.addUnit('etcd', 1);
    await model.healthy(3);
    await model.write('after');
    await model.expectOneCluster();
  });
});
