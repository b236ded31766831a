import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyBackup } from '../../src/ports/backup-verify';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { SnapshotTool } from '../../src/ports/snapshot-tool';
import { put } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { sharedCluster } from '../support/shared-cluster';

jest.setTimeout(240_000);
let model: LightModel;

sharedCluster('snapshot', 3, (made) => {
  model = made;
});

interface Results {
  readonly output?: string;
  readonly snapshot?: Readonly<Record<'path' | 'size' | 'sha256' | 'version', string>>;
  readonly copy?: { readonly cmd: string };
  readonly revision?: string;
  readonly member?: string;
  readonly stale?: string;
}

async function completed(unit: string, params: Readonly<Record<string, unknown>> = {}): Promise<Results> {
  const task = await model.emulator.runAction(unit, 'snapshot', params);
  expect([task.status, task.message]).toEqual(['completed', '']);
  return task.results;
}

async function refused(unit: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const task = await model.emulator.runAction(unit, 'snapshot', params);
  expect(task.status).toBe('failed');
  expect(task.message).toMatch(/^[^\n]+$/);
  return task.message;
}

test('a cluster where nothing was written yet is saved and drilled as any other', async () => {
  expect(await completed('etcd/0')).toMatchObject({ revision: '1' });
  const task = await model.emulator.runAction('etcd/0', 'verify-backup');
  expect([task.status, task.message]).toEqual(['completed', '']);
  expect(task.results['output']).toMatch(/is good: it serves revision 1, 0 keys/);
});

test('an archive from any unit has every write that was acknowledged before, and the results of the README', async () => {
  const saved = (unit: string): readonly string[] => model.steps(unit).filter((line) => line.includes('"save-backup"'));
  for (const unit of model.units()) {
    const before = saved(unit).length;
    // At another member: this unit's own must have caught up with it.
    const other = model.units().find((one) => one !== unit) ?? '';
    const revision = await put(model.endpoint(other), '/last', unit, model.tls(other));
    const { snapshot, copy, ...results } = await completed(unit);
    const path = snapshot?.path ?? '';
    expect(path).toMatch(/\/home\/ubuntu\/etcd-snapshots\/etcd-snapshot-[\d-]{10}-[\d.]{8}\.tar\.gz$/);
    expect(snapshot?.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    expect(snapshot?.size).toMatch(/^\d+K$/);
    expect(copy?.cmd).toBe(`juju scp ${unit}:${path} .`);
    expect(BigInt(results.revision ?? 0)).toBeGreaterThanOrEqual(revision);
    expect(results).toMatchObject({ member: unit.replace('/', ''), output: expect.stringContaining(path) as string });
    expect(results.stale).toBeUndefined();
    expect(readdirSync(join(path, '..')).filter((name) => name.startsWith('.'))).toEqual([]);
    const programs = join(model.root(unit), 'opt/etcd/current');
    const tool = new SnapshotTool(new ExecaProcesses(), programs, snapshot?.version ?? '');
    const scratch = join(model.root(unit), 'tmp-scratch');
    expect(await verifyBackup(path, { scratch, tool })).toMatchObject({ good: true, hasHash: true });
    expect(saved(unit)).toHaveLength(before + 1);
  }
});

test('a drill serves what the member served, passes newer files over that are no good, and leaves nothing', async () => {
  const root = model.root('etcd/1');
  const { snapshot, revision } = await completed('etcd/1');
  const drill = (params: Readonly<Record<string, unknown>> = {}) =>
    model.emulator.runAction('etcd/1', 'verify-backup', params);
  const first = await drill();
  expect([first.status, first.message]).toEqual(['completed', '']);
  expect(first.results).toMatchObject({
    path: snapshot?.path,
    output: expect.stringMatching(
      new RegExp(`is good: it serves revision ${revision ?? ''}, \\d+ keys, hashkv \\d+, as the member did$`),
    ) as string,
  });
  const newer = join(snapshot?.path ?? '', '../etcd-snapshot-2099-01-01-00.00.00.tar.gz');
  const good = readFileSync(snapshot?.path ?? '');
  writeFileSync(newer, good.subarray(0, Math.floor(good.length / 2)));
  expect((await drill()).results['path']).toBe(snapshot?.path);
  const bad = await drill({ source: newer });
  expect([bad.status, bad.message]).toEqual(['failed', `${newer} is truncated.`]);
  const missing = await drill({ source: '/nowhere/at/all' });
  expect([missing.status, missing.message]).toEqual(['failed', '/nowhere/at/all is not on this unit.']);
  expect(readdirSync(join(root, 'var/cache/etcd-charm')).filter((name) => name.startsWith('drill'))).toEqual([]);
  const state = JSON.parse(readFileSync(join(root, 'var/lib/etcd/backup-state.json'), 'utf8')) as object;
  expect(state).toMatchObject({
    lastGood: { path: snapshot?.path },
    lastFailure: null,
    lastDrill: { path: newer, good: false },
  });
});

test('wrong calls change nothing and say what to do', async () => {
  const root = model.root('etcd/0');
  mkdirSync(join(root, 'full'));
  writeFileSync(join(root, 'file'), '');
  const steps = model.steps('etcd/0').length;
  const table: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ 'keys-version': 'v2' }, /^keys-version=v2 is not supported: this charm keeps v3 keys only/],
    [{ target: 'backups' }, /^target is "backups", and must be an absolute path/],
    [{ target: '/tmp/a b' }, /may have letters, digits/],
    [{ target: '/tmp/$(reboot)' }, /may have letters, digits/],
    [{ target: '/tmp/../etc' }, /no "\.\." part/],
    [{ target: join(root, 'file') }, /cannot be used: .*file is not a directory\. Give another target\.$/],
    [{ target: join(root, 'file/below') }, /cannot be used: .* is not a directory/],
    [{ target: '/proc/etcd-snapshots' }, /cannot be (used|written to): \/proc /],
    [{ target: '/sys/etcd-snapshots' }, /cannot be (used|written to): \/sys /],
  ];
  for (const [params, line] of table) expect(await refused('etcd/0', params)).toMatch(line);
  expect(model.steps('etcd/0')).toHaveLength(steps);
});

test('without a quorum it is refused, and with allow-stale=true it says how stale it may be', async () => {
  const pids = ['etcd/1', 'etcd/2'].map((unit) => model.pid(unit));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    expect(await refused('etcd/0')).toMatch(
      /quorum.*: start etcd\/.* first, .*or take what this member has with allow-stale=true\.$/,
    );
    const target = join(model.root('etcd/0'), 'stale/of/its/own');
    const { stale, output } = await completed('etcd/0', { target, 'allow-stale': true });
    expect(stale).toMatch(/no member that answers is ahead of revision \d+; 2 of 3 members do not answer/);
    expect(output).toContain('warning: the snapshot may be stale');
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  expect(readdirSync(join(model.root('etcd/0'), 'stale/of/its/own'))).toHaveLength(1);
});
