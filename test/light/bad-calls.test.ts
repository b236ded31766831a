import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actions } from '../../src/actions/registry';
import type { LightModel } from '../support/light-model';
import { sharedCluster } from '../support/shared-cluster';
import { until } from '../support/until';

jest.setTimeout(240_000);
let model: LightModel;

type Parameters = Readonly<Record<string, unknown>>;

/** A wrong call, and the line that answers it, on a unit (`leader` is Juju's, `follower` another); FILES stands for a directory on the unit with the files of {@link makeFiles}. */
type Row = readonly [action: string, parameters: Parameters, line: RegExp, unit?: string];

/** Refused by Juju itself, from actions.yaml: nothing of the charm runs. */
const againstTheSchema: readonly Row[] = [
  ['health', { verbose: true }, /additional property "verbose" is not allowed/],
  ['alarm-list', { member: 'etcd/1' }, /additional property "member" is not allowed/],
  ['alarm-disarm', { force: true }, /additional property "force" is not allowed/],
  ['check-consistency', { revision: 5 }, /additional property "revision" is not allowed/],
  ['member-list', { format: 'json' }, /additional property "format" is not allowed/],
  ['compact', { rev: 5 }, /additional property "rev" is not allowed/],
  ['compact', { revision: 1.5 }, /\(root\)\.revision : must be of type/],
  ['compact', { revision: 'latest' }, /\(root\)\.revision : must match pattern/],
  ['compact', { revision: true }, /\(root\)\.revision : must be of type/],
  ['compact', { physical: 'yes' }, /\(root\)\.physical : must be of type boolean/],
  ['defrag', { cluster: 'all' }, /\(root\)\.cluster : must be of type boolean/],
  ['defrag', { member: 'etcd/1' }, /additional property "member" is not allowed/],
  ['move-leader', { to: 1 }, /\(root\)\.to : must be of type string/],
  ['move-leader', { to: 'etcd' }, /\(root\)\.to : must match pattern/],
  ['move-leader', { to: 'etcd/1; reboot' }, /\(root\)\.to : must match pattern/],
  ['recover-quorum', { confirm: 'yes' }, /\(root\)\.confirm : must be of type boolean/],
  ['recover-quorum', { source: 'backup' }, /\(root\)\.source : must be equal to one of the allowed values/],
  ['recover-quorum', { 'failed-units': 'etcd' }, /\(root\)\.failed-units : must match pattern/],
  ['recover-quorum', { masters: 'etcd' }, /\(root\)\.masters : must match pattern/],
  ['remove-failed-member', {}, /\(root\) : "unit" property is missing and required/],
  ['remove-failed-member', { unit: 'etcd' }, /\(root\)\.unit : must match pattern/],
  ['remove-failed-member', { unit: 'etcd/1', confirm: 1 }, /\(root\)\.confirm : must be of type boolean/],
  ['prune-aside', { confirm: 'true' }, /\(root\)\.confirm : must be of type boolean/],
  ['prune-aside', { generation: 0 }, /\(root\)\.generation : must be >= 1/],
  ['prune-aside', { generation: 'all' }, /\(root\)\.generation : must be of type integer/],
  ['prune-aside', { name: '../data' }, /additional property "name" is not allowed/],
  ['debug', { path: '/etc' }, /additional property "path" is not allowed/],
  ['snap-upgrade', { 'use-resource': 'yes' }, /use-resource : must be of type boolean/],
  ['cis-benchmark', { apply: 'all' }, /\(root\)\.apply : must be equal to one of the allowed values/],
  ['generate-client-certificates', { format: 'zip' }, /\(root\)\.format : must be equal to one of the allowed values/],
  ['generate-client-certificates', { 'common-name': '../../etc/passwd' }, /common-name : must match pattern/],
  ['generate-client-certificates', { 'common-name': 'x'.repeat(65) }, /common-name : must NOT have more than 64/],
  ['snapshot', { 'keys-version': 'v1' }, /keys-version : must be equal to one of the allowed values/],
  ['snapshot', { 'allow-stale': 'yes' }, /allow-stale : must be of type boolean/],
  ['snapshot', { targets: '/mnt' }, /additional property "targets" is not allowed/],
  ['verify-backup', { path: '/mnt' }, /additional property "path" is not allowed/],
  ['list-backups', { again: 'no' }, /\(root\)\.again : must be of type boolean/],
  ['prune-backups', { keep: 3 }, /\(root\)\.keep : must be of type string/],
  ['prune-backups', { confirm: true }, /additional property "confirm" is not allowed/],
  ['load-from-chronos-cluster', { replace: 'yes' }, /\(root\)\.replace : must be of type boolean/],
  ['load-from-cassandra-cluster', { 'node-type': '../x' }, /node-type : must match pattern/],
  ['load-from-memcached-cluster', { 'remote-site': 'a b' }, /remote-site : must match pattern/],
  ['check-config-sync', { file: '/etc/x' }, /additional property "file" is not allowed/],
  ['check-cluster-state', { store: 'chronos' }, /additional property "store" is not allowed/],
  ['restore', { source: 'newest' }, /\(root\)\.source : must match pattern/],
  ['restore', { target: 'backups' }, /\(root\)\.target : must match pattern/],
  ['restore', { 'skip-backup': 'no' }, /skip-backup : must be of type boolean/],
  ['restore', { force: true }, /additional property "force" is not allowed/],
  ['recovery-status', { generation: 1 }, /additional property "generation" is not allowed/],
  ['package-client-credentials', { user: 'root' }, /additional property "user" is not allowed/],
];

/** Refused by the charm while the cluster is healthy. */
const onHealthy: readonly Row[] = [
  ['compact', { revision: 0 }, /^revision is "0", and must be a whole number above 0/],
  ['compact', { revision: -3 }, /^revision is "-3", and must be a whole number above 0/],
  ['compact', { revision: '9223372036854775808' }, /^revision is "9223372036854775808", and must be/],
  ['compact', { revision: 999_999 }, /^Revision 999999 is to come: the newest is \d+\..*nothing was changed/],
  ['compact', { revision: 1 }, /^The store is already compacted to revision 1 or a later one/],
  ['move-leader', { to: 'etcd/9' }, /^etcd\/9 has no member in this cluster \(.* may\); nothing was changed/],
  ['move-leader', { to: 'easyrsa/0' }, /^easyrsa\/0 has no member in this cluster/],
  ['remove-failed-member', { unit: 'etcd/1' }, /^.*etcd\/1.*(answers|runs|lives)/],
  ['remove-failed-member', { unit: 'etcd/9' }, /^.*etcd\/9.* no member/],
  ['remove-failed-member', { unit: 'etcd/0', confirm: true }, /etcd\/0/],
  ['recover-quorum', { confirm: true }, /^(The cluster has quorum, so nothing is lost|etcd\/\d is not the leader)/],
  [
    'recover-quorum',
    { confirm: true, source: 'files', masters: 'etcd/9' },
    /^(etcd\/9 is no unit of etcd|etcd\/\d is not the leader)/,
  ],
  ['snap-upgrade', {}, /^There is nothing to migrate: .*nothing was changed/],
  ['cis-benchmark', { apply: 'dangerous' }, /^This charm does not run the CIS benchmark.*run kube-bench/],
  ['debug', {}, /^There is no directory .*home\/ubuntu.*install -d/],
  ['generate-client-certificates', {}, /^There is no directory .*home\/ubuntu.*install -d/],
  ['generate-client-certificates', { sans: 'a.example.com' }, /give a common-name, too, or leave sans out/],
  ['generate-client-certificates', { 'common-name': '10.0.0.1' }, /addresses are names of servers/],
  ['package-client-credentials', { 'common-name': 'one', sans: 'a b' }, /^The SAN "a b" is refused/],
];

/** Refused for the files that they name, or would make. */
const forTheirFiles: readonly Row[] = [
  ['snapshot', { 'keys-version': 'v2' }, /^keys-version=v2 is not supported: this charm keeps v3 keys only/],
  ['snapshot', { target: 'backups' }, /^target is "backups", and must be an absolute path/],
  ['snapshot', { target: '/tmp/../etc' }, /^target is "\/tmp\/\.\.\/etc", and may have .* no "\.\." part/],
  ['snapshot', { target: '/tmp/$(reboot)' }, /^target is .* may have letters, digits/],
  [
    'snapshot',
    { target: 'FILES/text.db' },
    /text\.db cannot be used: .*text\.db is not a directory\. Give another target/,
  ],
  ['snapshot', { target: '/proc/snapshots' }, /^\/proc\/snapshots cannot be (used|written to): \/proc /],
  ['list-backups', { target: 'backups' }, /^target is "backups", and must be an absolute path/],
  ['list-backups', { target: 'FILES/text.db' }, /text\.db is not a directory that can be read/],
  ['prune-backups', { target: '/tmp/../home' }, /^target is .* no "\.\." part/],
  ['prune-backups', { target: 'FILES/text.db' }, /text\.db is not a directory that can be read/],
  ['prune-backups', { keep: 'all' }, /^keep is "all", and must say how many are kept, such as .*; nothing was removed/],
  ['prune-backups', { keep: 'hours=-1' }, /^keep is "hours=-1", and must say how many are kept/],
  ['check-config-sync', {}, /^No file is mirrored: set the option config-mirror, or clearwater=true/],
  ['load-from-chronos-cluster', {}, /^There is no Chronos on this unit: run the action on one that has it/],
  ['load-from-memcached-cluster', { 'remote-site': 'site1' }, /^remote-site is site1, the site of this cluster/],
  ['load-from-cassandra-cluster', {}, /^There is no Cassandra on this unit/],
  ['restore', {}, /^There is no snapshot to restore: attach one \(juju attach-resource etcd snapshot=FILE\)/, 'leader'],
  [
    'restore',
    { source: 'FILES' },
    /^etcd\/\d is not the leader of etcd, and restore runs only there: juju run/,
    'follower',
  ],
  ['restore', { source: '/nowhere' }, /^\/nowhere is not on this unit\.$/, 'leader'],
  ['restore', { source: 'FILES/nothing' }, /nothing is a directory without any backup in it\.$/, 'leader'],
  ['restore', { source: 'FILES/empty.tar.gz' }, /empty\.tar\.gz is .*\.$/, 'leader'],
  ['restore', { source: 'FILES/text.db' }, /text\.db is .*\.$/, 'leader'],
  ['restore', { source: 'FILES/truncated.tar.gz' }, /truncated\.tar\.gz is truncated\.$/, 'leader'],
  ['restore', { source: 'FILES/flipped.tar.gz', 'skip-backup': true }, /flipped\.tar\.gz is damaged/, 'leader'],
  ['restore', { source: 'FILES/good', target: 'FILES/text.db' }, /^The present data could not be saved, so/, 'leader'],
  ['verify-backup', { source: 'newest' }, /^source is "newest", and must be an absolute path/],
  ['verify-backup', { source: '/nowhere' }, /^\/nowhere is not on this unit\.$/],
  ['verify-backup', { source: 'FILES/nothing' }, /nothing is a directory without any backup in it\.$/],
  ['verify-backup', { source: 'FILES/empty.tar.gz' }, /empty\.tar\.gz is .*\.$/],
  ['verify-backup', { source: 'FILES/text.db' }, /text\.db is .*\.$/],
  ['verify-backup', { source: 'FILES/truncated.tar.gz' }, /truncated\.tar\.gz is truncated\.$/],
  ['verify-backup', { source: 'FILES/flipped.tar.gz' }, /flipped\.tar\.gz is damaged/],
  ['verify-backup', { source: 'FILES' }, / has no good backup in it \(4 looked at; the newest: .*\)\.$/],
];

/** Refused where there is no certificate authority yet, and so no cluster. */
const beforeFounding: readonly Row[] = [
  ['health', {}, /^cluster is unhealthy: /],
  ...[
    'alarm-list',
    'alarm-disarm',
    'check-consistency',
    'compact',
    'defrag',
    'member-list',
    'move-leader',
    'snapshot',
    'check-cluster-state',
    'check-config-sync',
    'load-from-chronos-cluster',
  ].map((action): Row => [action, {}, /^alone\/0 has no certificates yet: relate etcd:certificates to a cert/]),
  ['restore', {}, /^No cluster was founded yet: wait until/],
  ['recover-quorum', { confirm: true }, /^No cluster was founded yet, so none is lost/],
  ['remove-failed-member', { unit: 'alone/1' }, /^alone\/0 has no certificates yet/],
];

/** Refused where the unit's own member does not run. */
const onStopped: readonly Row[] = [
  ['health', {}, /^cluster is unhealthy: .*etcd\/2/],
  ['alarm-list', {}, /^etcd on etcd\/2 does not answer \(.*\): run the action on a unit whose member answers/],
  ['alarm-disarm', {}, /^etcd on etcd\/2 does not answer/],
  ['check-consistency', {}, /^etcd on etcd\/2 does not answer/],
  ['compact', {}, /^etcd on etcd\/2 does not answer/],
  ['defrag', {}, /^etcd on etcd\/2 does not answer/],
  ['defrag', { cluster: true }, /^etcd on etcd\/2 does not answer/],
  ['member-list', {}, /^etcd on etcd\/2 does not answer/],
  ['move-leader', {}, /^etcd on etcd\/2 does not answer/],
  // Asked on another unit, whose member does.
  ['move-leader', { to: 'etcd/2' }, /^etcd\/2 does not answer and cannot lead \(etcd\/1 may\); nothing/, 'etcd/0'],
  ['defrag', { cluster: true }, /^Not possible now: etcd\/2 does not answer; nothing was changed/, 'etcd/0'],
  ['check-consistency', {}, /^Not every member answered: etcd\/2 .*start the others/, 'etcd/0'],
];

/** Refused where the cluster can agree on nothing. */
const withoutQuorum: readonly Row[] = [
  ['health', {}, /^cluster is unhealthy: the cluster has no quorum/],
  ['alarm-disarm', {}, /^The cluster has no quorum: start etcd\/\d(, etcd\/\d)* and etcd\/\d first/],
  ['check-consistency', {}, /^The cluster has no quorum: start /],
  ['compact', {}, /^The cluster has no quorum: start /],
  ['check-config-sync', {}, /^The cluster has no quorum: start /],
  ['defrag', {}, /^The cluster has no quorum: start /],
  ['move-leader', {}, /^The cluster has no quorum: start /],
  ['snapshot', {}, /^The cluster has no quorum: start .*, or take what this member has with allow-stale=true\.$/],
  ['remove-failed-member', { unit: 'etcd/2', confirm: true }, /^The cluster has no quorum: start /],
];

const frozen: number[] = [];
afterAll(() => {
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
});
sharedCluster('bad calls', 3, async (made) => {
  model = made;
  await model.emulator.deploy(model.charms.etcd([]).charm, {
    name: 'alone',
    config: { bind_to_all_interfaces: false },
    resources: { etcd: model.charms.archive() },
  });
  await model.emulator.settle();
});

const title = (action: string, parameters: Parameters, unit?: string): string =>
  [
    action,
    ...Object.entries(parameters).map(([key, value]) => `${key}=${String(value).slice(0, 30)}`),
    unit ?? '',
  ].join(' ');

const notes = /backup-state\.json$|^after drill-backup$|recreation\/(\w+\.db|data)$/;

/** What a call may have changed: files, services and steps of every unit, and the data of the cluster. */
const changes = (action: string): readonly string[] =>
  [...model.units(), 'alone/0'].flatMap((unit) =>
    model
      .effects(unit)
      // A turn is taken and given back before a voter is found to be down; a failed step is noted.
      .filter((effect) => !/^after (take-turn|release-turn|.*, failed)$/.test(effect))
      // That no good backup was found or made is noted for health, and what was unpacked, or made beside the data, to look at it is removed.
      .filter((effect) => !/^(verify-backup|restore)$/.test(action) || !notes.test(effect))
      .map((effect) => `${unit} ${effect}`),
  );

/** Fails with its line alone, and the program of the charm ended with 0: else Juju would have put another in its place. */
async function expectRefused(place: string, [action, parameters, line]: Row, status: string): Promise<void> {
  const before = changes(action);
  const leader = model.leader();
  const unit = place === 'leader' ? leader : place === 'follower' ? (leader === 'etcd/0' ? 'etcd/1' : 'etcd/0') : place;
  const files = join(model.root('etcd/0'), 'files');
  const given = Object.entries(parameters).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.replace('FILES', files) : value,
  ]);
  const task = await model.emulator.runAction(unit, action, Object.fromEntries(given) as Parameters);
  expect([task.status, task.message]).toEqual([status, expect.stringMatching(line)]);
  expect(task.message).not.toMatch(/\n|^Error|\.ts:\d|\.cjs:\d| at \w+ \(/);
  expect(changes(action)).toEqual(before);
}

const check = (rows: readonly Row[], fallback: string, status = 'failed'): void => {
  for (const row of rows) {
    const unit = row[3] ?? fallback;
    test(title(row[0], row[1], unit), () => expectRefused(unit, row, status));
  }
};

/** A member that is gone while its supervisor sleeps: no hook may do anything about it, so none disturbs. */
function silence(unit: string): void {
  const supervisor = Number(readFileSync(join(model.root(unit), 'run/light/etcd/supervisor'), 'utf8'));
  process.kill(supervisor, 'SIGSTOP');
  frozen.push(supervisor);
  process.kill(model.pid(unit), 'SIGKILL');
}

/** Backups that are none, all of one that is good. */
async function makeFiles(): Promise<void> {
  const { status, results, message } = await model.emulator.runAction('etcd/0', 'snapshot');
  expect([status, message]).toEqual(['completed', '']);
  const good = readFileSync((results['snapshot'] as { readonly path: string }).path);
  const files = join(model.root('etcd/0'), 'files');
  mkdirSync(join(files, 'nothing'), { recursive: true });
  mkdirSync(join(files, 'good'));
  writeFileSync(join(files, 'good/good.tar.gz'), good);
  const flipped = Buffer.from(good);
  // In the checksum: elsewhere a bit may flip without any change to what it unpacks to.
  const at = good.length - 6;
  flipped.writeUInt8(flipped.readUInt8(at) ^ 0x40, at);
  writeFileSync(join(files, 'empty.tar.gz'), '');
  writeFileSync(join(files, 'text.db'), 'not a database\n'.repeat(1000));
  writeFileSync(join(files, 'truncated.tar.gz'), good.subarray(0, good.length >> 1));
  writeFileSync(join(files, 'flipped.tar.gz'), flipped);
}

// What Juju does with such a call: it makes no task of it.
describe('wrong parameters, by the schema', () => check(againstTheSchema, 'etcd/0', 'error'));

describe('wrong parameters and states, on a healthy cluster', () => {
  beforeAll(async () => {
    rmSync(join(model.root('etcd/0'), 'home'), { recursive: true, force: true });
    const before = await model.emulator.runAction('etcd/0', 'compact', { physical: true });
    expect(before.status).toBe('completed');
  });
  check(onHealthy, 'etcd/0');
});

describe('files that are not what they are taken for', () => {
  beforeAll(makeFiles);
  check(forTheirFiles, 'etcd/0');
});

describe('before there is a certificate authority', () => check(beforeFounding, 'alone/0'));

describe('where its own member does not answer', () => {
  beforeAll(async () => {
    const moved = await model.emulator.runAction('etcd/1', 'move-leader', { to: 'etcd/0' });
    expect(moved.status).toBe('completed');
    await model.emulator.settle();
    silence('etcd/2');
  });
  check(onStopped, 'etcd/2');
});

describe('where the cluster has no quorum', () => {
  beforeAll(async () => {
    silence('etcd/1');
    await until('etcd/0 has no leader', async () => !(await model.serves('etcd/0')), { timeoutMs: 30_000 });
  });
  check(withoutQuorum, 'etcd/0');
});

test('there are at least 40 rows, and every action that is built has some', () => {
  const rows = [againstTheSchema, onHealthy, forTheirFiles, beforeFounding, onStopped, withoutQuorum].flat();
  expect(rows.length).toBeGreaterThanOrEqual(40);
  const named = new Set(rows.map(([action]) => action));
  expect(Object.keys(actions).filter((action) => !named.has(action))).toEqual([]);
});
