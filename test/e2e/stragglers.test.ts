import { describeOnMachines, type EtcdModel, type UnitLine } from '../support/etcd-model';
import { memberStatus, put } from '../support/gateway-client';
import {
  asideOn,
  checks,
  confirmRecovery,
  healthyAmong,
  jujuLeader,
  keepsAll,
  patience,
} from '../support/recovery-on-machines';
import { until } from '../support/until';

jest.setTimeout(3 * patience);

const kindsOn = (model: EtcdModel, unit: string): string[] => model.steps(unit).map(({ step }) => step.kind);

describeOnMachines('five units, of which some are cut off or frozen', () => {
  const check = checks('stragglers', 5);

  check('the Juju leader is cut off from all other members: nothing is touched', async (world) => {
    const { model, writer } = world;
    const { emulator } = model;
    const leader = await jujuLeader(model, model.units());
    const others = model.units().filter((unit) => unit !== leader);
    const look = async (): Promise<unknown> => ({
      pids: await Promise.all(model.units().map((unit) => model.pid(unit))),
      aside: await Promise.all(model.units().map((unit) => asideOn(model, unit))),
      stops: model
        .units()
        .map((unit) => kindsOn(model, unit).filter((kind) => kind === 'stop-etcd' || kind === 'move-data-aside')),
    });
    const before = await look();
    await world.writeAt(others);
    const machine = world.machineOf(leader);
    for (const unit of others)
      await emulator.fault({ what: 'cut-link', machine, direction: 'both', peer: world.machineOf(unit) });
    await confirmRecovery(model, [leader], {});
    await until(
      'it is given up',
      async () => (await emulator.runAction(leader, 'recovery-status')).results['phase'] === 'abandoned',
      { timeoutMs: patience, everyMs: 500 },
    );
    await writer.progress(20, patience);
    expect(await look()).toEqual(before);
    await emulator.fault({ what: 'mend-link', machine });
    const nobody = '0000000000000000';
    await until(
      'it is back in the cluster',
      async () => (await memberStatus(model.endpoint(leader), model.clientTls())).leader !== nobody,
      { timeoutMs: patience },
    );
    emulator.controller.tick();
    const givenUp = /recovery was given up, nothing was touched: etcd\/\d reaches a majority that works$/;
    await healthyAmong(model, model.units(), givenUp);
    expect(await look()).toEqual(before);
  });

  check(
    'three machines are frozen, given up and thawed: a majority of the old cluster comes back, and is ended',
    async (world) => {
      const { model, writer } = world;
      const { controller } = model.emulator;
      const clusterOf = async (unit: string): Promise<string> =>
        (await memberStatus(model.endpoint(unit), model.clientTls())).clusterId;
      const leader = await jujuLeader(model, model.units());
      const kept = [leader, model.units().find((unit) => unit !== leader) ?? ''];
      const frozen = model.units().filter((unit) => !kept.includes(unit));
      await world.writeAt(kept);
      // A hook that is frozen in its middle would go on at once when it is thawed, and end the old cluster before it is looked at.
      for (const unit of frozen) controller.hold(unit, true);
      await model.emulator.settle({ timeoutMs: patience });
      for (const unit of frozen) await model.emulator.fault({ what: 'freeze-machine', machine: world.machineOf(unit) });
      writer.declareRestore(keepsAll);
      const asked = await confirmRecovery(model, kept, { 'failed-units': frozen.join() });
      await healthyAmong(model, kept, /recovered with revision \d+, what survived on/);
      world.say(`"cluster is healthy" ${Date.now() - asked.getTime()} ms after the confirmation`);
      await writer.progress(20, patience);
      const present = await clusterOf(leader);

      for (const unit of frozen) await model.emulator.fault({ what: 'thaw-machine', machine: world.machineOf(unit) });
      const [straggler = ''] = frozen;
      await until(
        'the old cluster serves',
        async () => (await put(model.endpoint(straggler), '/old', 'x', model.clientTls())) > 0n,
        { timeoutMs: patience },
      );
      expect(await clusterOf(straggler)).not.toBe(present);
      for (const unit of kept) expect(await clusterOf(unit)).toBe(present);
      controller.tick();
      await until(
        'the new cluster tells of it',
        () => {
          const said = model.lines().filter(({ unit }) => kept.includes(unit));
          const tells = ({ word, message }: UnitLine): boolean =>
            word === 'blocked' &&
            /an old cluster serves at /.test(message) &&
            frozen.every((unit) => message.includes(model.endpoint(unit)));
          if (said.every(tells)) return true;
          throw new Error(said.map(({ message }) => message).join('; '));
        },
        { timeoutMs: patience },
      );

      for (const unit of frozen) controller.hold(unit, false);
      controller.tick();
      const released = performance.now();
      await healthyAmong(model, model.units(), /recovered with revision/);
      world.say(`five are one cluster ${Math.round(performance.now() - released)} ms after Juju could run hooks there`);
      for (const unit of model.units()) expect([unit, await clusterOf(unit)]).toEqual([unit, present]);
      for (const unit of frozen) {
        expect(kindsOn(model, unit)).toEqual(expect.arrayContaining(['stop-etcd', 'move-data-aside', 'add-learner']));
        expect(await asideOn(model, unit)).toHaveLength(1);
      }
    },
  );
});
