import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  clusterManagerMarker,
  holdClusterManager,
  holderOfClusterManager,
  releaseClusterManager,
} from '../../src/clearwater/cluster-manager-marker';
import { describeLoads, loadStores } from '../../src/clearwater/load-stores';
import { clusterId, url } from '../../src/domain/ids';
import { largestFile, type MirrorEntry } from '../../src/domain/mirror';
import { disagreements } from '../../src/domain/configuration';
import { seedKeys, sumFiles } from '../../src/mirror/seed-keys';
import type { EtcdKeys, KeyAnswer, KeyValue, PutOutcome } from '../../src/ports/etcd-keys';
import { NodeFiles } from '../../src/ports/files-node';
import { ExecaProcesses } from '../../src/ports/processes-execa';

/** A store in memory, with someone else who may write right before each write. */
class KeysInMemory implements EtcdKeys {
  readonly values = new Map<string, { readonly value: Buffer; readonly modRevision: bigint }>();
  before: ((key: string) => void) | null = null;
  private revision = 1n;
  set(key: string, text: string): void {
    this.revision += 1n;
    this.values.set(key, { value: Buffer.from(text), modRevision: this.revision });
  }
  text(key: string): string | null {
    return this.values.get(key)?.value.toString() ?? null;
  }
  read(_: string, key: string): Promise<KeyValue | null> {
    return Promise.resolve(this.values.get(key) ?? null);
  }
  async readOf(endpoint: string, key: string): Promise<KeyAnswer> {
    return { cluster: clusterId('7'), present: await this.read(endpoint, key) };
  }
  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.values.keys()]);
  }
  put(_: string, key: string, value: string | Buffer, expected: bigint | null): Promise<PutOutcome> {
    this.before?.(key);
    const present = this.values.get(key) ?? null;
    if ((present?.modRevision ?? null) !== expected) return Promise.resolve({ written: false, present });
    this.set(key, value.toString());
    return Promise.resolve({ written: true });
  }
  close(): void {
    this.values.clear();
  }
}

const at = url('https://127.0.0.1:1');
const place = { etcdKey: 'clearwater', siteName: 'site1', nodeType: 'vellum' };
const chronos = '/clearwater/site1/vellum/clustering/chronos';
const memcached = '/clearwater/site1/vellum/clustering/memcached';
let root: string;
let keys: KeysInMemory;
const files = new NodeFiles(() => Promise.resolve(null));
const node = () => ({ files, processes: new ExecaProcesses(), root });
const given = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clearwater-recovery-'));
  keys = new KeysInMemory();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the recovery's load of stores", () => {
  const load = () => loadStores(node(), keys, at, place);

  test('passes at once where there is no store, and writes nothing', async () => {
    const loads = await load();
    expect(loads.map(({ outcome }) => outcome.kind)).toEqual(['absent', 'absent', 'absent']);
    expect([keys.values.size, describeLoads(loads)]).toEqual([0, []]);
  });

  test('a key that is absent is written, one that came back stays, one fault does not keep the others; again nothing is left', async () => {
    given('etc/chronos/chronos_cluster.conf', 'node = 10.0.0.1\nleaving = ten\n');
    given('etc/clearwater/cluster_settings', 'servers=10.0.0.1:11211\n');
    expect((await load()).map(({ outcome }) => outcome.kind)).toEqual(['fault', 'written', 'absent']);
    given('etc/chronos/chronos_cluster.conf', 'node = 10.0.0.1\n');
    keys.set(chronos, '{"10.0.0.1":"normal","10.0.0.2":"error"}');
    const loads = await load();
    expect(loads.map(({ outcome }) => outcome.kind)).toEqual(['kept', 'same', 'absent']);
    expect(describeLoads(loads)[0]).toMatch(/stays as it came back: 10.0.0.2 is error in etcd and not there on disk$/);
    expect([keys.text(chronos), keys.text(memcached)]).toEqual([
      '{"10.0.0.1":"normal","10.0.0.2":"error"}',
      '{"10.0.0.1":"normal"}',
    ]);
  });

  test('a cluster manager that makes the key empty right before is overtaken; one that has data is not', async () => {
    given('etc/clearwater/cluster_settings', 'servers=10.0.0.1:11211\n');
    let wrote = 0;
    keys.before = (key) => {
      if (wrote++ === 0) keys.set(key, '{}');
    };
    expect((await load())[1]?.outcome.kind).toBe('written');
    keys.close();
    keys.before = (key) => keys.set(key, '{"10.0.0.9":"normal"}');
    expect((await load())[1]?.outcome).toMatchObject({ kind: 'kept' });
    expect(keys.text(memcached)).toBe('{"10.0.0.9":"normal"}');
  });
});

describe('the cluster manager', () => {
  const calls = (): string => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : '');
  /** An init script that tells what it was called with, and whether it runs. */
  const program = (path: string, ending: string): void => {
    given(path, `#!/bin/sh\necho "${path.split('/').at(-1) ?? ''} $*" >>${root}/calls\n${ending}\n`);
    chmodSync(join(root, path), 0o755);
  };
  const script = 'etc/init.d/clearwater-cluster-manager';

  test('its marker is written only where there is Clearwater, and goes again', async () => {
    await holdClusterManager(node());
    expect([existsSync(join(root, 'etc')), await holderOfClusterManager(node())]).toEqual([false, 'nobody']);
    given('etc/clearwater/local_config', '');
    await holdClusterManager(node());
    await holdClusterManager(node());
    expect([existsSync(join(root, clusterManagerMarker)), await holderOfClusterManager(node())]).toEqual([
      true,
      'charm',
    ]);
    await releaseClusterManager(node());
    await releaseClusterManager(node());
    expect(await holderOfClusterManager(node())).toBe('nobody');
  });

  test('what an operator put there stays', async () => {
    given(clusterManagerMarker, '');
    await holdClusterManager(node());
    await releaseClusterManager(node());
    expect(await holderOfClusterManager(node())).toBe('operator');
  });

  test('it is stopped before the marker says so, and its supervision may start it afterwards', async () => {
    given('etc/clearwater/local_config', '');
    program(script, `[ "$1" = status ] && { [ -e ${root}/${clusterManagerMarker} ] && exit 9; exit 3; } || exit 0`);
    program('usr/bin/monit', 'exit 0');
    await holdClusterManager(node());
    await releaseClusterManager(node());
    expect(calls().trim().split('\n')).toEqual([
      'monit stop -g clearwater_cluster_manager',
      'clearwater-cluster-manager stop',
      'clearwater-cluster-manager status',
      'monit monitor -g clearwater_cluster_manager',
    ]);
  });

  test('one that goes on running is told, and there is no marker that says otherwise', async () => {
    given('etc/clearwater/local_config', '');
    program(script, 'exit 0');
    await expect(holdClusterManager(node())).rejects.toThrow(/cluster manager runs and could not be stopped/);
    expect(await holderOfClusterManager(node())).toBe('nobody');
  });
});

describe('keys from one unit', () => {
  const entry = (name: string): MirrorEntry => ({
    key: `/${name}`,
    file: `/etc/${name}`,
    reload: null,
    mode: 0o644,
    owner: null,
  });

  test('absent keys come from the files; what is there stays', async () => {
    given('etc/a', 'a');
    given('etc/b', 'b');
    given('etc/large', Buffer.alloc(largestFile + 1));
    keys.set('/b', 'came back');
    const entries = ['a', 'b', 'large', 'none'].map(entry);
    const seed = () => seedKeys(files, root, entries, keys, at);
    expect((await seed()).map(({ outcome }) => outcome)).toEqual(['written', 'kept', 'too large', 'no file']);
    expect((await seed()).map(({ outcome }) => outcome)).toEqual(['kept', 'kept', 'too large', 'no file']);
    expect([keys.text('/a'), keys.text('/b')]).toEqual(['a', 'came back']);
  });

  test('units that have other files are told apart', async () => {
    given('etc/a', 'one');
    const sums = async () => sumFiles(files, root, ['a', 'none'].map(entry));
    const [first] = [await sums()];
    given('etc/a', 'two');
    const second = await sums();
    const byUnit = new Map([
      ['etcd/0', first],
      ['etcd/1', second],
      ['etcd/2', second],
      ['etcd/3', [{ file: '/etc/a', sha256: null }]],
    ]);
    const [found, ...more] = disagreements(byUnit);
    expect([found?.file, [...(found?.units.values() ?? [])], more]).toEqual([
      '/etc/a',
      [['etcd/0'], ['etcd/1', 'etcd/2']],
      [],
    ]);
    byUnit.delete('etcd/0');
    expect(disagreements(byUnit)).toEqual([]);
  });
});
