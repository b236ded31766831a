import { describeOnMachines } from '../support/etcd-model';
import {
  byCharm,
  byHand,
  byPhase,
  checks,
  confirmRecovery,
  fill,
  healthyAmong,
  jujuLeader,
  keepsAll,
  lossTold,
  patience,
} from '../support/recovery-on-machines';

jest.setTimeout(3 * patience);

const megabytes = 100;

describeOnMachines('most machines are destroyed, and etcd of the others is killed', () => {
  // How long Juju keeps a leader that is gone is none of the recovery's time.
  const check = checks('recover most', 5, { leaseMs: 2000 });

  check('3 of 5, the leader of Juju among them: what survived is kept, and two new units join', async (world) => {
    const { model, writer } = world;
    const leader = await jujuLeader(model, model.units());
    const survivors = model
      .units()
      .filter((unit) => unit !== leader)
      .slice(0, 2);
    const [survivor = ''] = survivors;
    await world.writeAt(survivors);
    await fill(model.endpoint(survivor), model.clientTls(), megabytes);
    await writer.progress(50, patience);
    const since = new Date();
    const lost = await world.destroyAllBut(survivors);
    writer.declareRestore(keepsAll);
    await lossTold(model, survivors);
    const asked = await confirmRecovery(model, survivors, { 'failed-units': lost.join() });
    await healthyAmong(model, survivors, /recovered with revision \d+, what survived on/);
    const took = Date.now() - asked.getTime();
    world.say(`${megabytes} MB, two survivors: "cluster is healthy" ${took} ms after the confirmation`);
    world.say(`its phases began after so many ms: ${byPhase(model, survivors, asked)}`);
    world.say(`of it by the charm: ${await byCharm(model, since)}`);
    world.say(`by hand, one survivor: ${await byHand(model, survivor)}`);
    await writer.progress(20, patience);
    await world.makeWhole(lost, 2);
  });

  check('2 of 4, from the newest backup: what came after it is lost, and nothing else', async (world) => {
    const { model, writer } = world;
    const survivors = model.units().slice(0, 2);
    const [survivor = ''] = survivors;
    const { status, message, results } = await model.emulator.runAction(survivor, 'snapshot');
    expect({ status, message }).toEqual({ status: 'completed', message: '' });
    await world.writeAt(survivors);
    const lost = await world.destroyAllBut(survivors);
    writer.declareRestore(BigInt(String(results['revision'])));
    const asked = await confirmRecovery(model, survivors, { 'failed-units': lost.join(), source: 'snapshot' });
    await healthyAmong(
      model,
      survivors,
      /the newest backup on etcd\/\d+ as generation 3, revisions \d+ to \d+ of generation 2 are lost/,
    );
    world.say(`from a backup: "cluster is healthy" ${Date.now() - asked.getTime()} ms after the confirmation`);
    await writer.progress(20, patience);
    expect(writer.givenUp().length).toBeGreaterThan(0);
    await world.makeWhole(lost, 1);
  });
});
