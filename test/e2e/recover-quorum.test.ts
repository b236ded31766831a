import { describeOnMachines } from '../support/etcd-model';
import { readPrefix } from '../support/gateway-client';
import { checks, confirmRecovery, healthyAmong, jujuLeader, keepsAll, patience } from '../support/recovery-on-machines';
import { until } from '../support/until';

jest.setTimeout(3 * patience);

const key = '/app/settings';
const file = '/etc/app/settings';

describeOnMachines('a cluster of three that lost its majority', () => {
  const check = checks('recover-quorum', 3);

  check(
    'all but one that leads nothing are destroyed: what it had acknowledged is there, and two new units join',
    async (world) => {
      const { model, writer } = world;
      const leaders = [await jujuLeader(model, model.units()), await model.etcdLeader()];
      const survivor = model.units().find((unit) => !leaders.includes(unit)) ?? '';
      await world.writeAt([survivor], 50);
      const lost = await world.destroyAllBut([survivor]);
      writer.declareRestore(keepsAll);
      const asked = await confirmRecovery(model, [survivor], { 'failed-units': lost.join() });
      await healthyAmong(model, [survivor], /recovered with revision \d+, what survived on/);
      world.say(`the only survivor: "cluster is healthy" ${Date.now() - asked.getTime()} ms after the confirmation`);
      await writer.progress(20, patience);
      await world.makeWhole(lost, 2);
    },
  );

  check(
    'the data of all three are lost: they begin empty together, with the configuration on their disks',
    async (world) => {
      const { model, writer } = world;
      const units = model.units();
      await Promise.all(
        units.map((unit) => model.run(unit, `mkdir -p /etc/app && printf 'from the disk\\n' > ${file}`)),
      );
      await model.emulator.setConfig('etcd', { 'config-mirror': JSON.stringify([{ key, file }]) });
      const settings = async (): Promise<string | undefined> =>
        (await readPrefix(model.endpoint(units[0] ?? ''), key, model.clientTls())).get(key);
      await until('the file is mirrored', async () => (await settings()) === 'from the disk\n', {
        timeoutMs: patience,
      });
      await Promise.all(
        units.map((unit) =>
          model.run(unit, 'systemctl kill --signal KILL etcd.service; rm -rf /var/lib/etcd/data/member'),
        ),
      );
      writer.declareAllLost();
      const asked = await confirmRecovery(model, units, { source: 'files' });
      await healthyAmong(model, units, /recovered with an empty store/);
      world.say(`from files: "cluster is healthy" ${Date.now() - asked.getTime()} ms after the confirmation`);
      await until('the key is there again', async () => (await settings()) === 'from the disk\n', {
        timeoutMs: patience,
      });
    },
  );
});
