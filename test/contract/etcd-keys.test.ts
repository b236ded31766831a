import { Etcd3Keys } from '../../src/ports/etcd-keys-etcd3';
import { GatewayEtcdProbe } from '../../src/ports/etcd-probe-gateway';
import { etcdVersions } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { until } from '../support/until';

const versions = etcdVersions('EtcdKeys on real etcd');

for (const binaries of versions)
  describe(`EtcdKeys on etcd ${binaries.name}`, () => {
    let servers: EtcdServers;
    let server: EtcdServer;
    let keys: Etcd3Keys;

    beforeAll(async () => {
      servers = await EtcdServers.create(binaries);
      const { certificate, key } = servers.client;
      const credentials = { ca: servers.authority.certificate, certificate, key };
      const probe = new GatewayEtcdProbe(credentials);
      keys = new Etcd3Keys(credentials);
      server = await servers.prepare('one');
      server.start(`one=${server.peerUrl}`, 'new');
      await until('the member serves', async () => (await probe.status(server.clientUrl)).leaderId !== null, {
        timeoutMs: 15_000,
      });
      probe.close();
    }, 30_000);

    afterAll(async () => {
      keys.close();
      await servers.close();
    });

    test('a key that must be absent is written once: the loser gets what is there', async () => {
      const at = server.clientUrl;
      expect(await keys.read(at, '/a')).toBeNull();
      const racers = await Promise.all(['1', '2', '3'].map((value) => keys.put(at, '/a', value, null)));
      const won = racers.findIndex(({ written }) => written);
      expect(racers.filter(({ written }) => written)).toHaveLength(1);
      const present = await keys.read(at, '/a');
      expect(present?.value.toString()).toBe(String(won + 1));
      expect(racers.find(({ written }) => !written)).toEqual({ written: false, present });
    });

    test('a key is replaced only as it was read, and not once it is gone', async () => {
      const at = server.clientUrl;
      await keys.put(at, '/b', Buffer.from([0, 255, 10]), null);
      const first = await keys.read(at, '/b');
      expect(first?.value).toEqual(Buffer.from([0, 255, 10]));
      const revision = first?.modRevision ?? 0n;
      expect(await keys.put(at, '/b', 'ä', revision)).toEqual({ written: true });
      const late = await keys.put(at, '/b', 'late', revision);
      expect(late).toMatchObject({ written: false, present: { value: Buffer.from('ä') } });
      expect(await keys.put(at, '/never', 'x', 1n)).toEqual({ written: false, present: null });
    });

    test('names of a prefix', async () => {
      const at = server.clientUrl;
      for (const key of ['/n/x', '/n/y', '/na']) await keys.put(at, key, '', null);
      expect([...(await keys.names(at, '/n/'))].sort()).toEqual(['/n/x', '/n/y']);
    });
  });
