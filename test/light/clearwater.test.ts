import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { put, readPrefix } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { sharedCluster } from '../support/shared-cluster';
import { until } from '../support/until';

jest.setTimeout(240_000);
let model: LightModel;

sharedCluster('clearwater', 1, (made) => {
  model = made;
});

const unit = 'etcd/0';

/** A file on the unit's machine. */
function given(path: string, text: string, mode = 0o644): void {
  const at = join(model.root(unit), path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
  chmodSync(at, mode);
}

/** A Cassandra whose nodetool prints this. */
function givenCassandra(printed: string, exitCode = 0): void {
  given('etc/cassandra/cassandra.yaml', 'cluster_name: x\n');
  const script = `#!/bin/sh\n[ "$*" = "nodetool describecluster" ] || exit 99\ncat <<'EOF'\n${printed}\nEOF\nexit ${exitCode}\n`;
  given('usr/share/clearwater/bin/run-in-signaling-namespace', script, 0o755);
}

async function completed(action: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const task = await model.emulator.runAction(unit, action, params);
  expect([task.name, task.status, task.message]).toEqual([action, 'completed', '']);
  return String(task.results['output']);
}

async function refused(action: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const task = await model.emulator.runAction(unit, action, params);
  expect([task.name, task.status]).toEqual([action, 'failed']);
  expect(task.message).toMatch(/^[^\n]+$/);
  return task.message;
}

const keys = async (): Promise<Record<string, string>> =>
  Object.fromEntries(await readPrefix(model.endpoint(unit), '/clearwater/', model.tls(unit)));

const chronos = '/clearwater/site1/vellum/clustering/chronos';
const memcached = '/clearwater/site1/vellum/clustering/memcached';
const remote = '/clearwater/site2/vellum/clustering/memcached';
const cassandra = '/clearwater/vellum/clustering/cassandra';

describe('clusters of data stores come back from what is on disk', () => {
  test('refused, with nothing written: no such store, a faulty line, mixed states, Cassandra that is not whole', async () => {
    expect(await refused('load-from-chronos-cluster')).toBe(
      'There is no Chronos on this unit: run the action on one that has it.',
    );
    given('etc/init.d/chronos', '');
    expect(await refused('load-from-chronos-cluster')).toBe(
      '/etc/chronos/chronos_cluster.conf is missing. Nothing was changed.',
    );
    given('etc/chronos/chronos_cluster.conf', 'node = 10.0.0.1\njoining = 10.0.0.2\nleaving = 10.0.0.3\n');
    expect(await refused('load-from-chronos-cluster')).toMatch(
      /^\/etc\/chronos\/chronos_cluster.conf, line 3 \("leaving = 10.0.0.3"\): .* Nothing was changed\.$/,
    );
    given('etc/clearwater/cluster_settings', 'servers=10.0.0.1:11211\n');
    given('etc/clearwater/remote_cluster_settings', 'servers=10.1.0.1:11211,nowhere\n');
    expect(await refused('load-from-memcached-cluster', { 'remote-site': 'site2' })).toMatch(
      /^\/etc\/clearwater\/remote_cluster_settings, line 1 .*"nowhere" is not an IP address\. Nothing was changed\.$/,
    );
    expect(await refused('load-from-memcached-cluster', { 'remote-site': 'site1' })).toMatch(
      /the site of this cluster/,
    );
    givenCassandra('Schema versions:\n  a: [10.0.0.1]\n  b: [10.0.0.2]');
    expect(await refused('load-from-cassandra-cluster')).toMatch(
      /line 3 \("b: \[10.0.0.2\]"\): a second schema version/,
    );
    givenCassandra('Failed to connect', 1);
    expect(await refused('load-from-cassandra-cluster')).toMatch(
      /failed \(Failed to connect\): Cassandra must be healthy/,
    );
    expect(await keys()).toEqual({});
    expect(await completed('check-cluster-state')).toMatch(/There is no cluster of a data store under \/clearwater\//);
  });

  test('written once, and again nothing is to be done', async () => {
    given('etc/chronos/chronos_cluster.conf', 'node = 10.0.0.1\nnode = 10.0.0.2\n');
    given(
      'etc/clearwater/cluster_settings',
      'servers=10.0.0.1:11211,10.0.0.2:11211\nnew_servers=10.0.0.1:11211,10.0.0.2:11211,10.0.0.3:11211\n',
    );
    given('etc/clearwater/remote_cluster_settings', 'servers=10.1.0.1:11211\n');
    givenCassandra('xss = -Xmx1G\nCluster Information:\n\tSchema versions:\n\t\ta: [10.0.0.1, 10.0.0.2]');
    // As a cluster manager creates it when it comes before the load.
    await put(model.endpoint(unit), cassandra, '{}', model.tls(unit));
    expect(await completed('load-from-chronos-cluster')).toBe(
      `Inserting data {"10.0.0.1":"normal","10.0.0.2":"normal"} into etcd key ${chronos}\nUpdate succeeded`,
    );
    expect(await completed('load-from-memcached-cluster', { 'remote-site': 'site2' })).toMatch(/"started joining"/);
    await completed('load-from-cassandra-cluster');
    const written = {
      [chronos]: '{"10.0.0.1":"normal","10.0.0.2":"normal"}',
      [memcached]: '{"10.0.0.1":"normal","10.0.0.2":"normal","10.0.0.3":"joining"}',
      [remote]: '{"10.1.0.1":"normal"}',
      [cassandra]: '{"10.0.0.1":"normal","10.0.0.2":"normal"}',
    };
    expect(await keys()).toEqual(written);
    expect(await completed('load-from-chronos-cluster')).toMatch(/already; nothing was to be done$/);
    expect(await keys()).toEqual(written);
  });

  test('check-cluster-state fails with the clusters that are not stable', async () => {
    const task = await model.emulator.runAction(unit, 'check-cluster-state', {});
    expect(task.status).toBe('failed');
    expect(task.message).toBe(`1 unstable cluster(s): ${memcached}; the output says which nodes.`);
    const output = String(task.results['output']).split('\n');
    expect(output[1]).toMatch(/ should be in the Chronos, Memcached and Cassandra clusters\.$/);
    expect(output).toContain('Describing the Memcached cluster of vellum in site site2:');
    expect(output).toContain('  The cluster is *not* stable. (started joining)');
    expect(output).toContain('    10.0.0.3 is in state joining.');
  });

  test('a key with other data stays, unless the operator says so', async () => {
    const own = '{"10.0.0.1":"normal","10.0.0.9":"error"}';
    await put(model.endpoint(unit), chronos, own, model.tls(unit));
    expect(await refused('load-from-chronos-cluster')).toBe(
      `${chronos} has other data than /etc/chronos/chronos_cluster.conf and was left as it is (10.0.0.9 is error in etcd and not there on disk; 10.0.0.2 is not there in etcd and normal on disk): correct the one that is wrong, or run the action with replace=true.`,
    );
    expect((await keys())[chronos]).toBe(own);
    expect(await completed('load-from-chronos-cluster', { replace: true })).toMatch(/Update succeeded$/);
    expect((await keys())[chronos]).toBe('{"10.0.0.1":"normal","10.0.0.2":"normal"}');
  });
});

describe('the configuration mirror', () => {
  const configuration = '/clearwater/site1/configuration';
  const status = () => model.emulator.status().applications['etcd']?.units?.[unit]?.['workload-status'];
  const found = (path: string): string | null => {
    const at = join(model.root(unit), path);
    return existsSync(at) ? readFileSync(at, 'utf8') : null;
  };
  const patience = { timeoutMs: 40_000 };

  test('options that cannot be read block in one line, and nothing is mirrored', async () => {
    expect(await refused('check-config-sync')).toMatch(/^No file is mirrored: set the option config-mirror/);
    await model.emulator.setConfig('etcd', { 'config-mirror': '- {key: /a}' });
    const problem = 'config-mirror entry 1 has the file "", and it must be an absolute path';
    await until(
      'the unit is blocked',
      () => model.emulator.settle().then(() => status()?.status === 'blocked'),
      patience,
    );
    expect(status()?.info).toBe(problem);
    expect(await refused('check-config-sync')).toBe(`${problem}.`);
    expect(found('etc/etcd/mirror.json')).toBeNull();
  });

  test('clearwater=true: keys are made from files, files are written from keys, and an edit is told', async () => {
    given('etc/clearwater/shared_config', 'home_domain=example.com\n');
    await model.emulator.setConfig('etcd', {
      'config-mirror': '- {key: /a, file: /etc/a, mode: 0600}',
      clearwater: true,
    });
    await until(
      'the key is made',
      async () => (await keys())[`${configuration}/shared_config`] === 'home_domain=example.com\n',
      patience,
    );
    await put(model.endpoint(unit), `${configuration}/enum_json`, '{"number_blocks":[]}', model.tls(unit));
    await put(model.endpoint(unit), '/a', 'a', model.tls(unit));
    await until(
      'the files are there',
      () => found('etc/clearwater/enum.json') !== null && found('etc/a') === 'a',
      patience,
    );
    const lines = (await completed('check-config-sync')).split('\n');
    expect(lines).toContain(' - /etc/clearwater/shared_config is up to date');
    expect(lines).toContain(
      ` - /etc/clearwater/bgcf.json is not used (neither the file nor ${configuration}/bgcf_json is there)`,
    );
    given('etc/clearwater/shared_config', 'mine\n');
    const task = await model.emulator.runAction(unit, 'check-config-sync', {});
    expect(task.message).toMatch(/^1 of 11 files are not what their keys are: \/etc\/clearwater\/shared_config\./);
    expect(String(task.results['output'])).toMatch(/shared_config is present but is out of sync$/m);
    expect((await keys())[`${configuration}/shared_config`]).toBe('home_domain=example.com\n');
    expect(found('etc/clearwater/shared_config')).toBe('mine\n');
    rmSync(join(model.root(unit), 'etc/clearwater/shared_config'));
  });

  test('at rest nothing is done; without the options it is gone, and files and keys stay', async () => {
    await model.emulator.settle();
    await model.expectAtRest();
    await model.emulator.setConfig('etcd', { 'config-mirror': '', clearwater: false });
    await until(
      'it is gone',
      () => model.emulator.settle().then(() => found('etc/etcd/mirror.json') === null),
      patience,
    );
    expect([found('etc/a'), (await keys())[`${configuration}/enum_json`]]).toEqual(['a', '{"number_blocks":[]}']);
    expect(status()?.status).toBe('active');
  });
});
