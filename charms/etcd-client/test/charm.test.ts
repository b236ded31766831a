import { resolve } from 'node:path';
import {
  charmUnderTest,
  on,
  relation,
  runHook,
  state,
  type HookOutcome,
  type State,
  type TestEvent,
} from '@juju/charm-helpers-ts/testing';
import { charm, summary } from '../src/charm';
import type { KeyValues } from '../src/gateway';

const a = 'https://10.0.0.5:2379';
const b = 'https://10.0.0.6:2379';
const c = 'https://10.0.0.7:2379';
const bag = {
  connection_string: `${a},${b},${c}`,
  client_ca: 'CA',
  client_cert: 'CERT',
  client_key: 'KEY',
  version: '3.5.16',
};
const db = relation('db:1', { remoteUnits: { 'etcd/0': bag, 'etcd/1': bag } });
const related = state({ unit: 'etcd-client/0', relations: [db] });

/** A cluster in memory, of which members can be silent or stale. */
class Cluster implements KeyValues {
  readonly keys = new Map<string, string>();
  readonly silent = new Set<string>();
  readonly stale = new Map<string, string>();

  put(endpoint: string, key: string, value: string): Promise<string> {
    if (this.silent.has(endpoint)) return Promise.reject(new Error('connection refused'));
    this.keys.set(key, value);
    return Promise.resolve(String(this.keys.size));
  }

  get(endpoint: string, key: string): Promise<string | null> {
    if (this.silent.has(endpoint)) return Promise.reject(new Error('connection refused'));
    return Promise.resolve(this.stale.get(endpoint) ?? this.keys.get(key) ?? null);
  }
}

async function run(
  cluster: Cluster,
  event: TestEvent = on.updateStatus(),
  from: State = related,
): Promise<HookOutcome> {
  const main = await charmUnderTest(resolve(__dirname, '..'), (one) => charm(one, () => cluster));
  return runHook(main, event, from);
}

describe('etcd-client', () => {
  it('counts up in its key and reads it back from every member', async () => {
    const cluster = new Cluster();
    const first = await run(cluster);
    expect(first.status).toEqual({ status: 'active', message: 'read back 1 from 3 members' });
    const second = await run(cluster, on.relationChanged(db, 'etcd/1'), first);
    expect(second.status.message).toBe('read back 2 from 3 members');
    expect(cluster.keys).toEqual(new Map([['/etcd-client/etcd-client/0', '2']]));
    expect(second.logs.map(({ message }) => message)).toEqual(
      [a, b, c].map((one) => `${one}: /etcd-client/etcd-client/0 is 2`),
    );
  });

  it('goes on from what is there, and takes its key from the configuration', async () => {
    const cluster = new Cluster();
    cluster.keys.set('/probe/etcd-client/0', '16');
    const after = await run(cluster, on.configChanged(), { ...related, config: { key: '/probe' } });
    expect(after.status.message).toBe('read back 17 from 3 members');
  });

  it('says which member is silent, and writes through another', async () => {
    const cluster = new Cluster();
    cluster.silent.add(a);
    const { status } = await run(cluster);
    expect(status).toEqual({ status: 'waiting', message: `read back 1 from 2 of 3 members; ${a}: connection refused` });
  });

  it('says which member gave something else', () => {
    const reads = [
      { endpoint: a, value: '3', error: null },
      { endpoint: b, value: null, error: null },
      { endpoint: c, value: '2', error: null },
    ] as const;
    expect(summary('3', reads)).toEqual({
      status: 'waiting',
      message: `read back 3 from 1 of 3 members; ${b}: gave nothing; ${c}: gave 2`,
    });
  });

  it('is blocked where nobody takes its write', async () => {
    const cluster = new Cluster();
    [a, b, c].forEach((one) => cluster.silent.add(one));
    expect((await run(cluster)).status).toEqual({
      status: 'blocked',
      message: 'cannot write to etcd: connection refused',
    });
  });

  it.each([
    [[], 'blocked', 'no relation to etcd: juju integrate etcd-client etcd:db'],
    [[relation('db:1')], 'waiting', 'waiting for units of etcd'],
    [
      [relation('db:1', { remoteUnits: { 'etcd/0': { connection_string: a, client_ca: 'CA' } } })],
      'waiting',
      'waiting for etcd to publish client_cert, client_key',
    ],
  ] as const)('with the relations %j it is %s: %s', async (relations, word, message) => {
    const { status } = await run(new Cluster(), on.updateStatus(), { ...related, relations });
    expect(status).toEqual({ status: word, message });
  });

  it('takes the credentials from a unit that has all of them', async () => {
    const mixed = relation('db:1', { remoteUnits: { 'etcd/0': {}, 'etcd/1': { ...bag, connection_string: b } } });
    const { status } = await run(new Cluster(), on.updateStatus(), { ...related, relations: [mixed] });
    expect(status.message).toBe('read back 1 from 1 member');
  });

  it('counts a relation no more that is being broken', async () => {
    const gone = relation('db:1', { remoteApplication: 'etcd', departedUnits: { 'etcd/0': bag } });
    const { status } = await run(new Cluster(), on.relationBroken(gone), { ...related, relations: [gone] });
    expect(status.status).toBe('blocked');
  });

  it('touches nothing when it goes', async () => {
    const cluster = new Cluster();
    expect((await run(cluster, on.stop())).calls).toEqual([]);
    expect(cluster.keys.size).toBe(0);
  });
});

describe('actions', () => {
  it('write writes, and read shows what each member has', async () => {
    const cluster = new Cluster();
    const written = await run(cluster, on.action('write', { key: 'a', value: 'x=y' }));
    expect(written.action).toMatchObject({ status: 'completed', results: { key: 'a', value: 'x=y', endpoint: a } });
    const read = await run(cluster, on.action('read', { key: 'a' }));
    expect(read.action).toMatchObject({
      status: 'completed',
      results: { key: 'a', value: 'x=y', members: { 'member-2': { endpoint: c, value: 'x=y' } } },
    });
  });

  it.each([
    [
      'a member is silent',
      (cluster: Cluster) => cluster.silent.add(b),
      `1 of 3 members did not answer: ${b}: connection refused`,
    ],
    ['members disagree', (cluster: Cluster) => cluster.stale.set(c, 'old'), 'the members disagree about a: new, old'],
    ['there is no such key', (cluster: Cluster) => cluster.keys.clear(), 'there is no key a'],
  ])('read fails where %s', async (_case, spoil, message) => {
    const cluster = new Cluster();
    cluster.keys.set('a', 'new');
    spoil(cluster);
    expect((await run(cluster, on.action('read', { key: 'a' }))).action).toMatchObject({ status: 'failed', message });
  });

  it('fail in one line without a cluster, also before install', async () => {
    const alone = { ...related, relations: [] };
    const { action, exitCode } = await run(new Cluster(), on.action('write', { key: 'a', value: 'b' }), alone);
    expect([action?.status, action?.message, exitCode]).toEqual([
      'failed',
      'no relation to etcd: juju integrate etcd-client etcd:db',
      0,
    ]);
  });
});
