import { memberId, unitName, url } from '../../src/domain/ids';
import { refusal } from '../../src/ports/etcd-gateway';
import { GatewayEtcdMaintenance } from '../../src/ports/etcd-maintenance-gateway';
import { Etcd3Membership } from '../../src/ports/etcd-membership-etcd3';
import { GatewayEtcdProbe } from '../../src/ports/etcd-probe-gateway';
import { charmErrorOf } from '../support/charm-error-of';
import { etcdVersions } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { gatewayCall, put, type ClientTls } from '../support/gateway-client';
import { until } from '../support/until';

const versions = etcdVersions('EtcdMaintenance on real etcd');

for (const binaries of versions)
  describe(`EtcdMaintenance on etcd ${binaries.name}`, () => {
    let servers: EtcdServers;
    let server: EtcdServer;
    let probe: GatewayEtcdProbe;
    let maintenance: GatewayEtcdMaintenance;
    let tls: ClientTls;

    beforeAll(async () => {
      servers = await EtcdServers.create(binaries);
      const { certificate, key } = servers.client;
      const credentials = { ca: servers.authority.certificate, certificate, key };
      tls = { ca: credentials.ca, cert: certificate, key };
      probe = new GatewayEtcdProbe(credentials);
      maintenance = new GatewayEtcdMaintenance(credentials);
      server = await servers.prepare('one');
      server.start(`one=${server.peerUrl}`, 'new');
      await until('the member serves', async () => (await probe.status(server.clientUrl)).leaderId !== null, {
        timeoutMs: 15_000,
      });
    }, 30_000);

    afterAll(async () => {
      probe.close();
      maintenance.close();
      await servers.close();
    });

    test('the revision is that of the last write', async () => {
      const revision = await put(server.clientUrl, '/a', '1', tls);
      expect(await maintenance.revision(server.clientUrl)).toBe(revision);
    });

    test('the hash of one revision stays while others are written, and differs from that of another', async () => {
      const revision = await put(server.clientUrl, '/a', '2', tls);
      const before = await maintenance.hashKv(server.clientUrl, revision);
      expect(before).toMatchObject({ revision, compactRevision: -1n });
      await put(server.clientUrl, '/a', '3', tls);
      expect(await maintenance.hashKv(server.clientUrl, revision)).toEqual({ ...before, revision: revision + 1n });
      expect((await maintenance.hashKv(server.clientUrl, revision + 1n)).hash).not.toBe(before.hash);
    });

    test('compacting to a revision that is to come, or is gone, is refused in etcd’s words; hashes then say to what', async () => {
      const revision = await put(server.clientUrl, '/a', '4', tls);
      const future = await charmErrorOf(maintenance.compact(server.clientUrl, revision + 1n, false));
      expect(future.code).toBe('ETCD_REFUSED');
      expect(refusal(future)?.text).toMatch(/required revision is a future revision/);
      await maintenance.compact(server.clientUrl, revision, true);
      const gone = await charmErrorOf(maintenance.compact(server.clientUrl, revision, true));
      expect(refusal(gone)?.text).toMatch(/required revision has been compacted/);
      expect(await maintenance.hashKv(server.clientUrl, 0n)).toMatchObject({ revision, compactRevision: revision });
      const next = await put(server.clientUrl, '/a', '5', tls);
      expect((await maintenance.hashKv(server.clientUrl, next)).compactRevision).toBe(revision);
      expect((await charmErrorOf(maintenance.hashKv(server.clientUrl, revision - 1n))).message).toMatch(/compacted/);
      expect((await charmErrorOf(maintenance.hashKv(server.clientUrl, revision + 5n))).message).toMatch(
        /future revision/,
      );
    });

    test('defragmenting gives the space back that compaction freed, and loses nothing', async () => {
      for (let number = 0; number < 100; number++) await put(server.clientUrl, '/big', 'x'.repeat(40_000), tls);
      await maintenance.compact(server.clientUrl, await maintenance.revision(server.clientUrl), true);
      await put(server.clientUrl, '/big', 'small', tls);
      const before = await probe.status(server.clientUrl);
      const hash = await maintenance.hashKv(server.clientUrl, before.revision);
      await maintenance.defragment(server.clientUrl, 30_000);
      const after = await probe.status(server.clientUrl);
      expect(after.dbSize).toBeLessThan(before.dbSize / 2);
      expect(await maintenance.hashKv(server.clientUrl, before.revision)).toEqual(hash);
    });

    test('an alarm is disarmed, twice with the same end, and another stays', async () => {
      const own = (await probe.status(server.clientUrl)).memberId;
      for (const alarm of ['NOSPACE', 'CORRUPT']) {
        const message = { action: 'ACTIVATE', memberID: BigInt(`0x${own}`).toString(), alarm };
        await gatewayCall(server.clientUrl, '/v3/maintenance/alarm', message, tls);
      }
      await maintenance.disarm(server.clientUrl, { memberId: own, alarm: 'CORRUPT' });
      await maintenance.disarm(server.clientUrl, { memberId: own, alarm: 'CORRUPT' });
      expect(await probe.alarms(server.clientUrl)).toEqual([{ memberId: own, alarm: 'NOSPACE' }]);
      await maintenance.disarm(server.clientUrl, { memberId: own, alarm: 'NOSPACE' });
      await maintenance.disarm(server.clientUrl, { memberId: memberId('12345'), alarm: 'NOSPACE' });
      expect(await probe.alarms(server.clientUrl)).toEqual([]);
    });

    test('a turn is kept as long as its lease is there', async () => {
      const { certificate, key } = servers.client;
      const membership = new Etcd3Membership({ ca: servers.authority.certificate, certificate, key });
      try {
        const turn = '/_juju/model/etcd/turn';
        const lease = await membership.takeTurn(server.clientUrl, turn, unitName('etcd/0'), 'defragment', 60);
        expect(await maintenance.keepTurn(server.clientUrl, lease ?? '')).toBe(true);
        await membership.releaseTurn(server.clientUrl, turn, unitName('etcd/0'));
        expect(await maintenance.keepTurn(server.clientUrl, lease ?? '')).toBe(false);
      } finally {
        membership.close();
      }
    });

    test('nobody there is unavailable, and says who', async () => {
      const nobody = url('https://127.0.0.1:1');
      const asked = [
        maintenance.revision(nobody),
        maintenance.defragment(nobody, 1000),
        maintenance.hashKv(nobody, 1n),
      ];
      for (const error of await Promise.all(asked.map(charmErrorOf))) {
        expect(error.code).toBe('ETCD_UNAVAILABLE');
        expect(error.message).toContain('127.0.0.1:1');
      }
    });
  });
