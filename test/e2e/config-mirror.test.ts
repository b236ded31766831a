import { readPrefix, put } from '../support/gateway-client';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { until } from '../support/until';

jest.setTimeout(240_000);

const patience = { timeoutMs: 60_000 };
const key = '/clearwater/site1/configuration/shared_config';
const file = '/etc/clearwater/shared_config';

describeOnMachines('the configuration mirror on machines', () => {
  let model: EtcdModel;
  beforeAll(async () => {
    model = await EtcdModel.create('config mirror');
    await model.explain(async () => {
      await model.deployEverything(3, { client: false });
      await model.healthy(3);
    });
  });
  afterAll(() => model?.[Symbol.asyncDispose]());

  const succeed = async (unit: string, command: string): Promise<string> => {
    const { code, stdout, stderr } = await model.run(unit, command);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout;
  };
  const value = async (): Promise<string | undefined> =>
    (await readPrefix(model.endpoint(model.units()[0] ?? ''), key, model.clientTls())).get(key);
  const contents = async (): Promise<readonly string[]> =>
    Promise.all(model.units().map(async (unit) => (await model.run(unit, `cat ${file}`)).stdout));
  const allHave = (wanted: string): Promise<unknown> =>
    until(`all have ${wanted}`, async () => (await contents()).every((one) => one === wanted), patience);

  it('three units race to make a key from their disks, and all end with what the first had', () =>
    model.explain(async () => {
      for (const unit of model.units())
        await succeed(unit, `mkdir -p /etc/clearwater && printf 'written_by=%s\\n' ${unit} > ${file}`);
      await model.emulator.setConfig('etcd', { clearwater: true });
      await model.emulator.settle();
      const won = await until('the key is made', value, patience);
      expect(model.units().map((unit) => `written_by=${unit}\n`)).toContain(won);
      await allHave(won);
    }));

  it('works without the charm, over a loss of quorum and a reboot', () =>
    model.explain(async () => {
      const [first = '', second = '', third = ''] = model.units();
      for (const unit of [second, third]) await succeed(unit, 'systemctl kill --signal=KILL etcd.service');
      await put(model.endpoint(first), key, 'after the loss\n', model.clientTls()).catch(() => undefined);
      await until(
        'it is written',
        async () => Boolean(await put(model.endpoint(first), key, 'after the loss\n', model.clientTls())),
        patience,
      );
      await allHave('after the loss\n');
      await succeed(third, 'systemctl stop etcd-config-mirror.service');
      await put(model.endpoint(first), key, 'while one was down\n', model.clientTls());
      await model.emulator.controller.machines.reboot(model.emulator.world.units[third]?.machine ?? '');
      await allHave('while one was down\n');
    }));
});
