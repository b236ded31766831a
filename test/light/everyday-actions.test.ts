import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from 'juju-emulator';
import { extract } from 'tar';
import { ContinuousWriter } from '../support/continuous-writer';
import { gatewayCall, put } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { sharedCluster } from '../support/shared-cluster';
import { until } from '../support/until';

jest.setTimeout(240_000);
let model: LightModel;

sharedCluster('everyday actions', 3, (made) => {
  model = made;
});

const run = (unit: string, action: string, params: Readonly<Record<string, unknown>> = {}): Promise<RunResult> =>
  model.emulator.runAction(unit, action, params);

interface Results {
  readonly path?: string;
  readonly command?: string;
  readonly output?: string;
  readonly count?: string;
  readonly leader?: string;
  readonly members?: Readonly<Record<string, { readonly id?: string }>>;
}

/** Runs an action that must end well; gives its results. */
async function completed(
  unit: string,
  action: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Results> {
  const task = await run(unit, action, params);
  expect([task.name, task.status, task.message]).toEqual([action, 'completed', '']);
  return task.results;
}

/** Runs an action that must fail; gives its line. */
async function refused(unit: string, action: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const task = await run(unit, action, params);
  expect([task.name, task.status]).toEqual([action, 'failed']);
  expect(task.message).toMatch(/^[^\n]+$/);
  return task.message;
}

const alarm = (action: 'ACTIVATE' | 'DEACTIVATE', id: string, kind: string): Promise<unknown> =>
  gatewayCall(
    model.endpoint('etcd/0'),
    '/v3/maintenance/alarm',
    { action, memberID: BigInt(`0x${id}`).toString(), alarm: kind },
    model.tls('etcd/0'),
  );

describe('everyday actions on three units', () => {
  test('member-list has every member with its unit, from any unit', async () => {
    for (const unit of model.units()) {
      const { count, members, output } = await completed(unit, 'member-list');
      expect(count).toBe('3');
      expect(Object.keys(members ?? {})).toEqual(['etcd0', 'etcd1', 'etcd2']);
      expect(String(output).split('\n')).toHaveLength(4);
    }
  });

  test('move-leader to a unit, to nobody by name, and to the one that leads', async () => {
    const to = (await completed('etcd/0', 'move-leader')).leader;
    expect(await completed('etcd/1', 'move-leader', { to })).toMatchObject({ leader: to, from: to });
    const other = model.units().find((unit) => unit !== to) ?? '';
    expect(await completed('etcd/2', 'move-leader', { to: other })).toMatchObject({ leader: other, from: to });
  });

  test('compact: to the newest, to a number, to one that is gone or to come', async () => {
    const revision = await put(model.endpoint('etcd/0'), '/a', '1', model.tls('etcd/0'));
    await put(model.endpoint('etcd/0'), '/a', '2', model.tls('etcd/0'));
    expect(await completed('etcd/1', 'compact', { revision: Number(revision) })).toMatchObject({
      output: `compacted revision ${revision}`,
    });
    expect(await completed('etcd/0', 'compact', { physical: true })).toMatchObject({
      output: `compacted revision ${revision + 1n}`,
    });
    expect(await refused('etcd/0', 'compact', { revision: '1' })).toMatch(
      /already compacted to revision 1 or a later one/,
    );
    expect(await refused('etcd/2', 'compact', { revision: '999999' })).toMatch(/Revision 999999 is to come/);
  });

  test('check-consistency: equal right after a compaction to the newest, and while keys are written', async () => {
    expect(await completed('etcd/0', 'check-consistency')).toMatchObject({
      output: expect.stringMatching(/all 3 voters are equal at revision \d+$/) as string,
    });
    await put(model.endpoint('etcd/0'), '/a', '3', model.tls('etcd/0'));
    await completed('etcd/2', 'check-consistency');
  });

  test('alarms: none, one that is listed and disarmed as its cause is gone', async () => {
    expect(await completed('etcd/0', 'alarm-list')).toMatchObject({ count: '0' });
    const id = (await completed('etcd/0', 'member-list')).members?.['etcd1']?.id ?? '';
    await alarm('ACTIVATE', id, 'NOSPACE');
    await alarm('ACTIVATE', id, 'CORRUPT');
    await until('etcd/2 sees them', async () => (await completed('etcd/2', 'alarm-list')).count === '2', {
      timeoutMs: 10_000,
    });
    const { output = '' } = await completed('etcd/2', 'alarm-list');
    expect(output.trim().split('\n')).toEqual([
      `memberID:${BigInt(`0x${id}`)} alarm:NOSPACE`,
      `memberID:${BigInt(`0x${id}`)} alarm:CORRUPT`,
    ]);
    expect(await completed('etcd/2', 'alarm-disarm')).toMatchObject({ disarmed: '2' });
    expect(await completed('etcd/2', 'alarm-list')).toMatchObject({ count: '0' });
  });

  test('defrag of one, then of all, under a continuous writer: no acknowledged write is lost, each gets smaller', async () => {
    const tls = model.tls('etcd/0');
    const endpoints = model.units().map((unit) => model.endpoint(unit));
    for (let number = 0; number < 200; number++)
      await put(model.endpoint('etcd/0'), '/defrag', 'x'.repeat(40_000), tls);
    await completed('etcd/0', 'compact', { physical: true });
    const before = await Promise.all(endpoints.map((endpoint) => dbSize(endpoint)));
    const writer = new ContinuousWriter('/written/', () => endpoints, tls).start();
    try {
      await writer.progress(20, 20_000);
      await completed('etcd/1', 'defrag');
      const done = await completed('etcd/2', 'defrag', { cluster: true });
      expect(Object.keys(done.members ?? {}).sort()).toEqual(['etcd-0', 'etcd-1', 'etcd-2']);
      await writer.progress(20, 20_000);
    } finally {
      await writer.stop();
    }
    for (const endpoint of endpoints) expect(await writer.lostAt(endpoint)).toEqual([]);
    const after = await Promise.all(endpoints.map((endpoint) => dbSize(endpoint)));
    for (const [index, size] of after.entries()) expect(size).toBeLessThan((before[index] ?? 0) / 2);
    process.stderr.write(
      `light: defrag under load: ${writer.acknowledged.length} writes acknowledged, none lost, longest gap ${writer.longestGap} ms\n`,
    );
    await completed('etcd/0', 'check-consistency');
  });

  test('defrag goes followers first, and the member that led is the last', async () => {
    const { leader } = await completed('etcd/0', 'move-leader', { to: 'etcd/0' });
    const task = await run('etcd/1', 'defrag', { cluster: true });
    expect(task.status).toBe('completed');
    const told = task.log.map(({ message }) => message).filter((line) => /: defragmenting|moving/.test(line));
    expect(told.map((line) => line.replace(/ defragmenting.*/, ''))).toEqual([
      'etcd/1:',
      'etcd/2:',
      expect.stringMatching(/^moving leadership from etcd\/0 to etcd\/[12]$/) as string,
      'etcd/0:',
    ]);
    expect(leader).toBe('etcd/0');
  });

  test('health has the space and the certificates, and ends as the predecessor’s', async () => {
    const { output = '' } = await completed('etcd/0', 'health');
    expect(output).toMatch(/^space on etcd\/0: moved-aside data 0 B \(limit 10\.0 GiB\)/m);
    expect(output).toMatch(/^certificates on etcd\/0 are good until: ca \d{4}-/m);
    expect(output.trimEnd()).toMatch(/\ncluster is healthy$/);
  });

  test('prune-aside lists, and removes only what is confirmed', async () => {
    const aside = join(model.root('etcd/1'), 'var/lib/etcd/aside');
    for (const generation of [1, 2]) {
      mkdirSync(join(aside, `data-${generation}`, 'member'), { recursive: true });
      writeFileSync(join(aside, `data-${generation}`, 'member/db'), 'x'.repeat(50_000));
      const marker = { generation, startedAs: 'existing', token: 't', initial: [] };
      writeFileSync(join(aside, `data-${generation}.generation.json`), JSON.stringify(marker));
    }
    expect(await completed('etcd/0', 'prune-aside')).toMatchObject({ count: '0' });
    expect(await completed('etcd/1', 'prune-aside')).toMatchObject({
      count: '2',
      output: expect.stringMatching(/nothing was removed; confirm=true removes these from etcd\/1 for good/) as string,
    });
    expect(readdirSync(aside)).toHaveLength(4);
    expect(await completed('etcd/1', 'prune-aside', { generation: 7, confirm: true })).toMatchObject({ count: '0' });
    expect(await completed('etcd/1', 'prune-aside', { generation: 1, confirm: true })).toMatchObject({ count: '1' });
    expect(readdirSync(aside)).toEqual(['data-2', 'data-2.generation.json']);
    await completed('etcd/1', 'prune-aside', { confirm: true });
    expect(readdirSync(aside)).toEqual([]);
  });

  test('debug makes a bundle for the machine’s user, with what is needed and without a key', async () => {
    expect(await refused('etcd/2', 'debug')).toMatch(/no directory .*home\/ubuntu.*install -d/);
    mkdirSync(join(model.root('etcd/2'), 'home/ubuntu'), { recursive: true });
    const { path = '', command } = await completed('etcd/2', 'debug');
    expect(path).toMatch(/home\/ubuntu\/debug-\d{14}\.tar\.gz$/);
    expect(command).toBe(`juju scp etcd/2:${path} .`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const unpacked = join(path, '..', 'unpacked');
    mkdirSync(unpacked);
    await extract({ file: path, cwd: unpacked, strip: 1 });
    const texts = new Map(readdirSync(unpacked).map((name) => [name, readFileSync(join(unpacked, name), 'utf8')]));
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining([
        'about.txt',
        'certificates.json',
        'data-files.txt',
        'df.txt',
        'etcd-version.txt',
        'etcd.conf.yml',
        'health.txt',
        'journal-etcd.txt',
        'journal-gate.txt',
        'member-list.txt',
        'observed.json',
        'status.txt',
        'steps.jsonl',
      ]),
    );
    expect(texts.get('health.txt')).toMatch(/cluster is healthy/);
    expect(texts.get('etcd-version.txt')).toMatch(/etcd Version: 3\.5\./);
    const pki = join(model.root('etcd/2'), 'etc/etcd/pki');
    const keys = ['server.key', 'client.key'].map((name) => readFileSync(join(pki, name), 'utf8').split('\n')[3] ?? '');
    for (const [name, text] of texts) {
      expect([name, /PRIVATE KEY/.test(text)]).toEqual([name, false]);
      for (const key of keys) expect([name, key.length > 40, text.includes(key)]).toEqual([name, true, false]);
    }
  });

  test('while a voter is down nothing is defragmented, and the line names it', async () => {
    await completed('etcd/0', 'move-leader', { to: 'etcd/0' });
    model.emulator.controller.hold('etcd/2', true);
    const pid = model.pid('etcd/2');
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await refused('etcd/1', 'defrag')).toMatch(
        /Not possible now: etcd\/2 does not answer; nothing was changed/,
      );
    } finally {
      process.kill(pid, 'SIGCONT');
      model.emulator.controller.hold('etcd/2', false);
    }
    await until('etcd/2 serves', () => model.serves('etcd/2'), { timeoutMs: 30_000 });
    await model.healthy(3);
  });
});

const dbSize = async (endpoint: string): Promise<number> =>
  Number((await gatewayCall<{ dbSize: string }>(endpoint, '/v3/maintenance/status', {}, model.tls('etcd/0'))).dbSize);
