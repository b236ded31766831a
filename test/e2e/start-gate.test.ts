import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { expectOneCluster } from '../support/expect-cluster';
import { jsonOf } from '../support/json-of';
import { TestAuthority } from '../support/pki';
import { askInPlain, askWithTls } from '../support/tls-attempts';
import { until } from '../support/until';

jest.setTimeout(240_000);

const markerPath = '/var/lib/etcd/generation.json';
const gatePort = 2382;

describeOnMachines('the start gate on machines', () => {
  let model: EtcdModel;
  beforeAll(async () => {
    model = await EtcdModel.create('start gate');
    await model.explain(async () => {
      await model.deployEverything(2, { client: false });
      await model.healthy(2);
    });
  });
  afterAll(() => model?.[Symbol.asyncDispose]());

  const show = async (unit: string, service: string, property: string): Promise<string> =>
    (await model.run(unit, `systemctl show --property ${property} --value ${service}`)).stdout.trim();

  const succeed = async (unit: string, command: string): Promise<string> => {
    const { code, stdout, stderr } = await model.run(unit, command);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout;
  };

  it('has a responder of its own that takes TLS with a certificate of the CA alone', () =>
    model.explain(async () => {
      const [unit = ''] = model.units();
      expect(await show(unit, 'etcd-gate.service', 'ActiveState')).toBe('active');
      expect(await show(unit, 'etcd-gate.service', 'User')).toBe('etcd');
      const { address } = model.machine(unit);
      const tls = model.clientTls(unit);
      const stranger = new TestAuthority('another authority').issue({ commonName: address, sans: [address] });
      expect(await askWithTls(address, gatePort, { ca: tls.ca })).toHaveProperty('refused');
      const foreign = { ca: tls.ca, cert: stranger.certificate, key: stranger.key };
      expect(await askWithTls(address, gatePort, foreign)).toHaveProperty('refused');
      expect(await askInPlain(address, gatePort)).toHaveProperty('refused');
      expect(await askWithTls(address, gatePort, tls)).toEqual({ status: 404 });
    }));

  it('a member that is rebooted beside a peer of a newer generation does not start, and says so', () =>
    model.explain(async () => {
      const [peer = '', straggler = ''] = model.units();
      // As recreating the cluster does; the peer's etcd stands still meanwhile.
      await succeed(peer, 'systemctl stop etcd.service');
      const before = model.file(peer, markerPath);
      const newer = JSON.stringify({ ...jsonOf<object>(before), generation: 2, token: 'etcd-2-of-this-test' });
      await succeed(peer, `printf '%s\\n' '${newer}' > ${markerPath}`);

      await model.emulator.controller.machines.reboot(model.emulator.world.units[straggler]?.machine ?? '');
      await until(
        'it is held back',
        async () => (await model.run(straggler, 'test -e /var/lib/etcd/held-back.json')).code === 0,
        { timeoutMs: 60_000 },
      );
      expect(await model.pid(straggler)).toBeNull();
      await until(
        'its status says so',
        async () => {
          model.emulator.controller.tick();
          await model.emulator.settle();
          const line = model.lines().find(({ unit }) => unit === straggler);
          if (line?.word === 'blocked' && /etcd is held back: .*generation 2/.test(line.message)) return true;
          throw new Error(JSON.stringify(line));
        },
        { timeoutMs: 60_000 },
      );
      expect(await model.pid(straggler)).toBeNull();

      await succeed(peer, `printf '%s' '${before}' > ${markerPath}`);
      await succeed(peer, 'systemctl start etcd.service');
      await until(
        'both serve again',
        async () => (await model.pid(straggler)) !== null && (await model.etcdLeader()) !== '',
        {
          timeoutMs: 60_000,
        },
      );
      model.emulator.controller.tick();
      await model.healthy(2);
      await expectOneCluster(model);
    }));
});
