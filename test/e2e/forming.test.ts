import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { expectEtcdctlLists, expectHealthAction, expectOneCluster } from '../support/expect-cluster';
import { memberStatus } from '../support/gateway-client';
import { TestAuthority } from '../support/pki';
import { askWithTls, expectTlsRequired, type Attempt } from '../support/tls-attempts';

jest.setTimeout(240_000);

/** Three orders in which an operator may type it. */
const orders: Readonly<Record<string, (model: EtcdModel) => Promise<void>>> = {
  'everything in one go': (model) => model.deployEverything(3),
  'relations added last': async (model) => {
    await model.deployEtcd(3);
    await model.deployClient();
    await model.deployAuthority();
    await model.relateClient();
    await model.emulator.settle();
    expect(new Set(model.lines().map(({ word, message }) => `${word}: ${message}`))).toEqual(
      new Set(['blocked: Missing relation to certificate authority.']),
    );
    await model.relateAuthority();
  },
  'one unit, then two more': async (model) => {
    await model.deployEverything(1);
    await model.healthy(1);
    await model.emulator.addUnit('etcd', 2);
  },
};

/** Peers show their server certificate, and must have the address that stands in it: so this asks from the unit's own machine. */
async function askAsPeer(model: EtcdModel, unit: string): Promise<Attempt> {
  const pki = '/etc/etcd/pki';
  const { code, stdout, stderr } = await model.run(
    unit,
    `curl -sS --http1.1 -o /dev/null -w '%{http_code}' --cacert ${pki}/ca.crt --cert ${pki}/server.crt --key ${pki}/server.key ` +
      model.endpoint(unit, 2380) +
      '/version',
  );
  return code === 0 ? { status: Number(stdout) } : { refused: stderr.trim() };
}

/** Generation and token that the first unit's data were begun with, and the id of its cluster. */
async function foundedAs(model: EtcdModel): Promise<{ generation: number; token: string; clusterId: string }> {
  const [unit = ''] = model.units();
  const mark = model.steps(unit).findLast(({ step }) => step.kind === 'mark-data');
  const { generation, token } = (mark?.step as { marker?: { generation: number; token: string } }).marker ?? {};
  if (generation === undefined || token === undefined) throw new Error(`${unit} has not marked its data`);
  const { clusterId } = await memberStatus(model.endpoint(unit), model.clientTls(unit));
  return { generation, token, clusterId };
}

describeOnMachines('three members form a cluster with TLS', () => {
  const models = new Map<string, EtcdModel>();

  beforeAll(async () => {
    for (const name of Object.keys(orders)) models.set(name, await EtcdModel.create(`forming, ${name}`));
  });
  afterAll(() => Promise.all([...models.values()].map((model) => model[Symbol.asyncDispose]())));

  // One is formed while the checks look at the one before; not all at once, for 15 machines are much for a small host.
  const started = new Map<string, Promise<void>>();
  const form = (name: string | undefined): Promise<void> => {
    const [model, order] = [models.get(name ?? ''), orders[name ?? '']];
    if (name === undefined || model === undefined || order === undefined) return Promise.resolve();
    const work = started.get(name) ?? order(model).then(() => model.healthy(3));
    work.catch(() => undefined); // told by the test that waits for it
    started.set(name, work);
    return work;
  };
  const formed = async (name: string): Promise<void> => {
    await form(name);
    const names = Object.keys(orders);
    void form(names[names.indexOf(name) + 1]);
  };

  describe.each(Object.keys(orders))('%s', (name) => {
    const check = (title: string, body: (model: EtcdModel) => Promise<void>): void =>
      it(title, () => {
        const model = models.get(name);
        if (model === undefined) throw new Error(`no model for ${name}`);
        return model.explain(() => formed(name).then(() => body(model)));
      });

    check('every member lists three started voters of one cluster with the same keys', async (model) => {
      await expectOneCluster(model);
      for (const unit of model.units()) await expectEtcdctlLists(model, unit, 3);
    });

    check('juju status and health say so', async (model) => {
      expect(model.lines().map(({ ports }) => [...ports].sort())).toEqual(
        Array.from({ length: 3 }, () => ['2379/tcp', '2380/tcp']),
      );
      expect(model.emulator.status().applications['etcd']?.['workload-version']).toBe('3.5.16');
      for (const unit of model.units()) await expectHealthAction(model, unit);
    });

    check('the client port and the peer port take TLS with a certificate of our CA only', async (model) => {
      const foreign = new TestAuthority('foreign authority');
      for (const unit of model.units()) {
        const tls = model.clientTls(unit);
        const { address } = model.machine(unit);
        await expectTlsRequired(address, 2379, tls.ca, () => askWithTls(address, 2379, tls), foreign);
        await expectTlsRequired(address, 2380, tls.ca, () => askAsPeer(model, unit), foreign);
      }
    });

    check('the client charm reads its key from every member', async (model) => {
      const client = model.emulator.status().applications['etcd-client']?.units?.['etcd-client/0'];
      expect(client?.['workload-status'].info).toMatch(/^read back \d+ from 3 members$/);
      const written = await model.emulator.runAction('etcd-client/0', 'write', {
        key: '/e2e',
        value: 'from the client charm',
      });
      expect(written).toMatchObject({ status: 'completed' });
      const read = await model.emulator.runAction('etcd-client/0', 'read', { key: '/e2e' });
      expect(read).toMatchObject({ status: 'completed', results: { value: 'from the client charm' } });
      const members = Object.values(read.results['members'] as Record<string, { endpoint: string; value: string }>);
      expect(members.map(({ endpoint }) => endpoint).sort()).toEqual(model.endpoints().sort());
      expect(members.map(({ value }) => value)).toEqual(Array.from({ length: 3 }, () => 'from the client charm'));
    });

    check('every unit publishes the same full set of client data', (model) => {
      const bags = Object.values(model.unitBags('db'));
      expect(bags).toHaveLength(3);
      for (const bag of bags) {
        expect(bag['connection_string']).toBe(model.endpoints().join(','));
        expect(bag['client_ca']).toBe(model.clientTls().ca);
        expect(bag['connection_string']).toBe(bags[0]?.['connection_string']);
        expect([bag['client_cert'], bag['client_key']]).toEqual([bags[0]?.['client_cert'], bags[0]?.['client_key']]);
      }
      return Promise.resolve();
    });
  });

  it('back from zero units: two new ones found a new generation with a fresh token', () => {
    const name = 'one unit, then two more';
    const model = models.get(name);
    if (model === undefined) throw new Error(`no model for ${name}`);
    return model.explain(async () => {
      await formed(name);
      const before = await foundedAs(model);
      for (const unit of model.units()) await model.emulator.removeUnit(unit);
      await model.emulator.settle();
      expect(model.units()).toEqual([]);
      await model.emulator.addUnit('etcd', 2);
      await model.healthy(2);
      expect(model.units()).toEqual(['etcd/3', 'etcd/4']);
      await expectOneCluster(model);
      const after = await foundedAs(model);
      expect(after.generation).toBe(before.generation + 1);
      expect(after.token).not.toBe(before.token);
      expect(after.clusterId).not.toBe(before.clusterId);
    });
  });
});
