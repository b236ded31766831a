import { linkServiceName, proxyServiceName } from '../../src/ports/standby-units';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { etcdArchive, packedCharms } from '../support/packed-charms';
import { until } from '../support/until';

jest.setTimeout(240_000);

const standby = 'etcd-proxy/0';
const patience = { timeoutMs: 60_000, everyMs: 250 };

describeOnMachines('a standby on a machine', () => {
  let model: EtcdModel;
  beforeAll(async () => {
    model = await EtcdModel.create('standby');
    await model.explain(async () => {
      await model.deployEverything(1, { client: false });
      await model.emulator.deploy(packedCharms().etcd, {
        name: 'etcd-proxy',
        units: 1,
        config: { role: 'standby' },
        resources: { etcd: etcdArchive('3.5') },
      });
      await model.emulator.integrate('etcd-proxy:certificates', 'easyrsa:client');
      await model.emulator.integrate('etcd-proxy:members', 'etcd:db');
      await model.healthy(1);
    });
  });
  afterAll(() => model?.[Symbol.asyncDispose]());

  const check = (name: string, body: () => Promise<void>): void => it(name, () => model.explain(body));
  const pki = '/etc/etcd/pki';
  const certificates = `--cacert ${pki}/ca.crt --cert ${pki}/client.crt --key ${pki}/client.key`;
  /** etcdctl of the member's machine, at the standby. */
  const etcdctl = (args: string) =>
    model.run(
      'etcd/0',
      `ETCDCTL_API=3 /opt/etcd/current/etcdctl --endpoints ${model.endpoint(standby)} ${certificates} ${args}`,
    );
  const served = (value: string): Promise<unknown> =>
    until(
      `the standby serves ${value}`,
      async () => {
        const { stdout, stderr } = await etcdctl('get /standby --print-value-only');
        if (stdout.trim() === value) return true;
        throw new Error(`${stdout}${stderr}`);
      },
      patience,
    );

  check('serves clients over TLS, as a user of its own, and no others', async () => {
    const said = model.emulator.status().applications['etcd-proxy']?.units?.[standby]?.['workload-status'];
    expect(`${said?.status}: ${said?.info}`).toBe('active: Standby: serving clients of 1 member');
    expect(await etcdctl('put /standby one')).toMatchObject({ code: 0 });
    await served('one');
    for (const service of [proxyServiceName, linkServiceName]) {
      const { stdout } = await model.run(standby, `systemctl show --property ActiveState,User ${service}`);
      expect(stdout.trim().split('\n').sort()).toEqual(['ActiveState=active', 'User=etcd']);
    }
    const health = (url: string, args = ''): Promise<{ readonly code: number }> =>
      model.run('etcd/0', `curl --silent --max-time 5 --cacert ${pki}/ca.crt ${args} ${url}/health`);
    const own = `--cert ${pki}/client.crt --key ${pki}/client.key`;
    expect(await health(model.endpoint(standby), own)).toMatchObject({ code: 0 });
    expect(await health(model.endpoint(standby))).not.toMatchObject({ code: 0 });
    expect(await health(model.endpoint(standby).replace('https', 'http'), own)).not.toMatchObject({ code: 0 });
    // No data, and no member.
    expect((await model.run(standby, 'ls /var/lib/etcd/data 2>/dev/null')).stdout).toBe('');
    expect((await model.memberLists())[0]).toHaveLength(1);
  });

  check('serves again after a reboot, and after kill -9 of both its programs, without any hook', async () => {
    const { controller, world } = model.emulator;
    controller.hold(standby, true);
    try {
      await controller.machines.reboot(world.units[standby]?.machine ?? '');
      await served('one');
      for (const service of [proxyServiceName, linkServiceName])
        expect(await model.run(standby, `systemctl kill --signal=KILL ${service}`)).toMatchObject({ code: 0 });
      await served('one');
    } finally {
      controller.hold(standby, false);
    }
  });
});
