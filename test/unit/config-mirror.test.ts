import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterId, url, type ClusterId } from '../../src/domain/ids';
import { largestFile, parseMirrorSettings, renderMirrorSettings, type MirrorEntry } from '../../src/domain/mirror';
import { decide, isOther, type Decision } from '../../src/mirror/decide';
import { mirrorEntries } from '../../src/mirror/entries';
import { contentHash, EntryMirror } from '../../src/mirror/entry-mirror';
import type { EntryState } from '../../src/mirror/mirror-state';
import type { EtcdKeys, KeyAnswer, KeyValue } from '../../src/ports/etcd-keys';
import { NodeFiles } from '../../src/ports/files-node';
import { ExecaProcesses } from '../../src/ports/processes-execa';

describe('what is done with a key and its file', () => {
  test.each<[string, string | null, string | null, string | null, Decision]>([
    // what, in common last, key, file
    ['neither is there', null, null, null, { kind: 'nothing', verdict: 'unused' }],
    ['a key that is absent comes from the file', null, null, 'a', { kind: 'create-key' }],
    ['also one that was there', 'a', null, 'a', { kind: 'create-key' }],
    ['a file that is missing comes from the key', 'a', 'a', null, { kind: 'write-file', keep: false }],
    ['the same', null, 'a', 'a', { kind: 'nothing', verdict: 'in-step' }],
    ['the key changed', 'a', 'b', 'a', { kind: 'write-file', keep: false }],
    ['the file was edited', 'a', 'a', 'b', { kind: 'nothing', verdict: 'edited-here' }],
    ['both changed', 'a', 'b', 'c', { kind: 'write-file', keep: true }],
    ['both changed alike', 'a', 'b', 'b', { kind: 'nothing', verdict: 'in-step' }],
    ['the first time they differ', null, 'a', 'b', { kind: 'write-file', keep: true }],
  ])('%s', (_, common, key, file, decision) => expect(decide({ common }, { key, file })).toEqual(decision));
});

test.each<[string, ClusterId | null, boolean]>([
  ['the own cluster', clusterId('7'), false],
  ['another one', clusterId('8'), true],
  ['one is as good as another while the own is not known', null, false],
])('whose keys they are: %s', (_, own, other) => expect(isOther(own, clusterId('7'))).toBe(other));

describe('the settings file', () => {
  const rest = { others: [url('https://10.0.0.2:2379')], entries: [] };
  test.each([
    ['as it is written', { cluster: clusterId('7'), ...rest }, { cluster: clusterId('7'), ...rest }],
    ['where no cluster is known', { cluster: null, ...rest }, { cluster: null, ...rest }],
  ])('%s', (_, written, read) => expect(parseMirrorSettings(renderMirrorSettings(written))).toEqual(read));
  test('of an older charm: it names no cluster', () => {
    expect(parseMirrorSettings(JSON.stringify(rest))).toEqual({ cluster: null, ...rest });
  });
});

const options = { configMirror: '', clearwater: false, etcdKey: 'clearwater', siteName: 'site1' };

describe('the option config-mirror', () => {
  test.each<[string, string, string]>([
    ['no YAML', 'a: [', 'config-mirror is not YAML: '],
    ['no list', 'key: a', 'config-mirror must be a YAML list of entries with "key" and "file"'],
    ['no mapping', '- a', 'config-mirror entry 1 is no mapping with "key" and "file"'],
    ['no key', '- {file: /a}', 'config-mirror entry 1 has no "key"'],
    ['no file', '- {key: /a}', 'config-mirror entry 1 has the file "", and it must be an absolute path'],
    [
      'a relative file',
      '- {key: /a, file: a}',
      'config-mirror entry 1 has the file "a", and it must be an absolute path',
    ],
    ['a way out', '- {key: /a, file: /b/../c}', 'config-mirror entry 1 has the file "/b/../c", and it must be'],
    [
      "etcd's own",
      '- {key: /a, file: /etc/etcd/etcd.conf.yml}',
      'config-mirror entry 1 has the file /etc/etcd/etcd.conf.yml, and no key may write below /etc/etcd',
    ],
    [
      "the charm's own keys",
      '- {key: /_juju/x, file: /a}',
      "config-mirror entry 1 has the key /_juju/x, and /_juju/ is the charm's own",
    ],
    [
      'a strange field',
      '- {key: /a, file: /a, chmod: 1}',
      'config-mirror entry 1 has "chmod", and may have key, file, reload, mode, owner',
    ],
    [
      'a mode',
      '- {key: /a, file: /a, mode: "0999"}',
      'config-mirror entry 1 has the mode "0999", and it must be three octal digits',
    ],
    [
      'an owner',
      '- {key: /a, file: /a, owner: "a b"}',
      'config-mirror entry 1 has an "owner" that is no name of a user',
    ],
    [
      'a list as command',
      '- {key: /a, file: /a, reload: [x]}',
      'config-mirror entry 1 has a "reload" that is not a command in one line',
    ],
    ['a key twice', '- {key: /a, file: /a}\n- {key: /a, file: /b}', 'config-mirror has the key /a twice'],
    ['a file twice', '- {key: /a, file: /a}\n- {key: /b, file: /a}', 'config-mirror has the file /a twice'],
  ])('%s is refused in one line', async (_, configMirror, problem) => {
    const read = await mirrorEntries({ ...options, configMirror });
    expect(read.entries).toBeNull();
    expect(read.problem).toMatch(/^[^\n]+$/);
    expect(read.problem?.startsWith(problem)).toBe(true);
  });

  test('entries with and without all fields', async () => {
    const configMirror = `
- key: /a
  file: /etc/a
- {key: b, file: /etc/b, reload: systemctl reload b, mode: 0600, owner: b}`;
    expect((await mirrorEntries({ ...options, configMirror })).entries).toEqual([
      { key: '/a', file: '/etc/a', reload: null, mode: 0o644, owner: null },
      { key: 'b', file: '/etc/b', reload: 'systemctl reload b', mode: 0o600, owner: 'b' },
    ]);
    expect(await mirrorEntries(options)).toEqual({ entries: [], problem: null });
  });

  test('clearwater adds the keys of the reference; an own entry replaces one', async () => {
    const own = '- {key: /cw/home/configuration/enum_json, file: /srv/enum.json}';
    const { entries } = await mirrorEntries({ configMirror: own, clearwater: true, etcdKey: 'cw', siteName: 'home' });
    expect(Object.fromEntries((entries ?? []).map(({ key, file }) => [key.split('/').at(-1), file]))).toEqual({
      shared_config: '/etc/clearwater/shared_config',
      enum_json: '/srv/enum.json',
      scscf_json: '/etc/clearwater/s-cscf.json',
      bgcf_json: '/etc/clearwater/bgcf.json',
      rph_json: '/etc/clearwater/rph.json',
      dns_json: '/etc/clearwater/dns.json',
      sas_json: '/etc/clearwater/sas.json',
      shared_ifcs: '/etc/clearwater/shared_ifcs.xml',
      fallback_ifcs: '/etc/clearwater/fallback_ifcs.xml',
      chronos_shared_config: '/etc/chronos/chronos_shared.conf',
    });
    expect((entries ?? []).every(({ key }) => key.startsWith('/cw/home/configuration/'))).toBe(true);
  });
});

/** One key in memory. */
class OneKey implements EtcdKeys {
  value: string | null = null;
  cluster: ClusterId = clusterId('7');
  private revision = 0n;
  set(value: string | null): void {
    this.value = value;
    this.revision += 1n;
  }
  read(): Promise<KeyValue | null> {
    const { value, revision } = this;
    return Promise.resolve(value === null ? null : { value: Buffer.from(value), modRevision: revision });
  }
  async readOf(): Promise<KeyAnswer> {
    return { cluster: this.cluster, present: await this.read() };
  }
  names(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  async put(_: string, __: string, value: string | Buffer) {
    if (this.value !== null) return { written: false as const, present: await this.read() };
    this.set(value.toString());
    return { written: true as const };
  }
  close(): void {
    this.value = null;
  }
}

describe('one entry', () => {
  const root = mkdtempSync(join(tmpdir(), 'entry-mirror-'));
  const path = join(root, 'etc/file');
  const at = url('https://127.0.0.1:1');
  const said: string[] = [];
  const files = new NodeFiles(() => Promise.resolve(null));
  const ports = {
    cluster: clusterId('7'),
    files,
    processes: new ExecaProcesses(),
    root,
    replaced: join(root, 'replaced'),
    say: (line: string) => void said.push(line),
  };
  const fresh: EntryState = { key: '/k', common: null, writing: null, toReload: null };
  const entry = (reload: string | null = null): MirrorEntry => ({
    key: '/k',
    file: '/etc/file',
    reload,
    mode: 0o644,
    owner: null,
  });
  const content = (): string => readFileSync(path, 'utf8');
  let saved: EntryState = fresh;
  let killAt: ((state: EntryState) => boolean) | null = null;

  /** As after a start: with what was saved, which is where it may be killed. */
  function start(reload: string | null = null): EntryMirror {
    const mirror: EntryMirror = new EntryMirror(entry(reload), ports, saved, () => {
      if (killAt?.(mirror.state) === true) return Promise.reject(new Error('killed'));
      saved = mirror.state;
      return Promise.resolve();
    });
    return mirror;
  }

  beforeEach(() => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(join(root, 'etc'), { recursive: true });
    saved = fresh;
    killAt = null;
    said.length = 0;
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('killed right after the file was written, and the key went back meanwhile: that is no edit', async () => {
    const keys = new OneKey();
    keys.set('one');
    await start().look(keys, at);
    keys.set('two');
    killAt = ({ common }) => common === contentHash(Buffer.from('two'));
    await expect(start().look(keys, at)).rejects.toThrow('killed');
    expect(content()).toBe('two');
    killAt = null;
    keys.set('one');
    const again = start();
    await again.look(keys, at);
    expect([content(), again.note.verdict]).toEqual(['one', 'in-step']);
  });

  test('killed before the reload: it is made up for; one that fails is told and tried again', async () => {
    const keys = new OneKey();
    keys.set('one');
    killAt = ({ writing, common }) => writing === null && common !== null;
    const ran = join(root, 'ran');
    await expect(start(`cat ${path} >> ${ran}`).look(keys, at)).rejects.toThrow('killed');
    killAt = null;
    await start(`cat ${path} >> ${ran}`).look(keys, at);
    await start(`cat ${path} >> ${ran}`).look(keys, at);
    expect(readFileSync(ran, 'utf8')).toBe('one');
    keys.set('two');
    const failing = start(`test -e ${root}/ready`);
    await failing.look(keys, at);
    expect([content(), failing.note.verdict]).toEqual(['two', 'failed']);
    writeFileSync(join(root, 'ready'), '');
    await failing.look(keys, at);
    expect(failing.note).toMatchObject({ verdict: 'in-step', why: null });
    expect(saved.toReload).toBeNull();
  });

  test("another cluster's key is neither made nor taken over, and what is kept of the entry stays", async () => {
    const keys = new OneKey();
    keys.cluster = clusterId('8');
    writeFileSync(path, 'mine');
    const mirror = start();
    const wait = { code: 'OTHER_CLUSTER', retryable: true };
    await expect(mirror.look(keys, at)).rejects.toMatchObject(wait);
    expect(keys.value).toBeNull();
    keys.set('theirs');
    await expect(mirror.look(keys, at)).rejects.toMatchObject(wait);
    expect([content(), saved]).toEqual(['mine', fresh]);
    mirror.waitForCluster('why');
    expect(mirror.note).toMatchObject({ verdict: 'other-cluster', why: 'why' });
    keys.cluster = clusterId('7');
    await mirror.look(keys, at);
    expect([content(), mirror.note.verdict, mirror.note.why]).toEqual(['theirs', 'in-step', null]);
  });

  test('a file that is too large makes no key', async () => {
    const keys = new OneKey();
    writeFileSync(path, Buffer.alloc(largestFile + 1));
    const mirror = start();
    await mirror.look(keys, at);
    expect([keys.value, mirror.note.verdict]).toEqual([null, 'failed']);
    writeFileSync(path, Buffer.alloc(largestFile, 'a'));
    await mirror.look(keys, at);
    expect([keys.value?.length, mirror.note.verdict]).toEqual([largestFile, 'in-step']);
  });

  test('another one is first: looked at again, and what was here is kept', async () => {
    const keys = new OneKey();
    writeFileSync(path, 'mine');
    const put = keys.put.bind(keys);
    keys.put = (...args) => {
      keys.set('theirs');
      return put(...args);
    };
    const mirror = start();
    expect(await mirror.look(keys, at)).toBe(false);
    expect(await mirror.look(keys, at)).toBe(true);
    expect([content(), readFileSync(join(root, 'replaced/etc_file'), 'utf8')]).toEqual(['theirs', 'mine']);
  });
});
