import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Execution } from '../../src/execute/execution';
import { takeUpSnapshot } from '../../src/execute/take-up-snapshot';
import { systemClock } from '../../src/ports/clock-system';
import { Etcd3Membership } from '../../src/ports/etcd-membership-etcd3';
import { NodeFiles } from '../../src/ports/files-node';
import { etcdBinaries, type EtcdBinaries } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { gatewayCall, put, type ClientTls } from '../support/gateway-client';
import { snapshotProgram } from '../support/snapshots';
import { until } from '../support/until';

const run = promisify(execFile);
const patience = { timeoutMs: 30_000, everyMs: 50 };
const versions = etcdBinaries();
if (versions.length === 0) {
  console.log('SKIPPED: no etcd programs here; script/setup puts them there');
  test.skip('learners of real etcd', () => undefined);
}

/** Whether it answers soon; one that waits for its own name accepts connections and says nothing. */
const answers = ({ clientUrl }: EtcdServer, tls: ClientTls): Promise<boolean> =>
  gatewayCall(clientUrl, '/v3/maintenance/status', {}, tls, 500).then(
    () => true,
    () => false,
  );
const serves = (server: EtcdServer, tls: ClientTls): Promise<unknown> =>
  until(`${server.name} serves`, () => answers(server, tls), patience);
/** Over all versions: which of the two comes first is a matter of time in each of them. */
let helped = 0;

/** The member's database as it is after a restore: its log has nothing that a learner could begin with. */
async function restore(binaries: EtcdBinaries, { name, peerUrl, dataDirectory }: EtcdServer): Promise<void> {
  const before = `${dataDirectory}-before`;
  await rename(dataDirectory, before);
  const args = ['--skip-hash-check', `--data-dir=${dataDirectory}`, `--name=${name}`];
  const urls = [`--initial-cluster=${name}=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`];
  await run(snapshotProgram(binaries), ['snapshot', 'restore', `${before}/member/snap/db`, ...args, ...urls], {
    env: { ...process.env, ETCDCTL_API: '3' },
  });
  await rm(before, { recursive: true });
}

describe.each(versions)('$name: a learner', (binaries) => {
  let servers: EtcdServers;
  let one: EtcdServer;
  let two: EtcdServer;
  let tls: ClientTls;
  beforeAll(async () => {
    servers = await EtcdServers.create(binaries);
    tls = { ca: servers.authority.certificate, cert: servers.client.certificate, key: servers.client.key };
  });
  beforeEach(async () => {
    one = await servers.prepare('one');
    two = await servers.prepare('two');
    await Promise.all([one, two].map(({ dataDirectory }) => rm(dataDirectory, { recursive: true, force: true })));
    one.start(`one=${one.peerUrl}`, 'new');
    await serves(one, tls);
    await put(one.clientUrl, '/key', 'value', tls);
  });
  afterEach(() => Promise.all([one.stop(), two.stop()]));
  afterAll(() => servers?.close());

  /** It joins with help; gives what its status was each time when it was started again. */
  async function join(): Promise<readonly string[]> {
    const { authority, client } = servers;
    const membership = new Etcd3Membership({
      ca: authority.certificate,
      certificate: client.certificate,
      key: client.key,
    });
    await membership.addLearner(one.clientUrl, two.peerUrl);
    membership.close();
    const start = (): void => two.start(`one=${one.peerUrl},two=${two.peerUrl}`, 'existing');
    const served = new AbortController();
    const restarts: string[] = [];
    start();
    const helping = takeUpSnapshot(
      {
        clock: systemClock,
        files: new NodeFiles(),
        paths: { data: two.dataDirectory },
        services: {
          restart: async () => {
            restarts.push((await answers(two, tls)) ? 'served' : 'silent');
            await two.stop('SIGTERM');
            start();
          },
        },
      } as unknown as Execution,
      served.signal,
    );
    await serves(two, tls);
    served.abort();
    await helping;
    await serves(two, tls);
    return restarts;
  }

  test('that was sent the whole database is started again where it says nothing by itself, and then serves', async () => {
    await one.stop('SIGTERM');
    await restore(binaries, one);
    one.start(`one=${one.peerUrl}`, 'existing');
    await serves(one, tls);
    const restarts = await join();
    expect([[], ['silent']]).toContainEqual(restarts);
    helped += restarts.length;
  });

  test('that gets everything from the log is not', async () => {
    expect(await join()).toEqual([]);
  });
});

if (versions.length > 0)
  test('some of them said nothing by themselves', () => {
    expect(helped).toBeGreaterThan(0);
  });
