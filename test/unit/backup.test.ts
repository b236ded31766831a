import fc from 'fast-check';
import { howStale, staleRefusal, targetOf } from '../../src/actions/snapshot-action';
import {
  archiveName,
  archiveTime,
  diskUsage,
  madeByNewer,
  maybeBackup,
  parseManifest,
  partPattern,
} from '../../src/domain/backup';
import { parseBackupState } from '../../src/domain/backup-state';
import { makePaths } from '../../src/ports/paths';
import { asLearner, given, inCluster, noQuorum, silent } from './a-situation';

test('the name of an archive is its time in UTC, to the second, for all times', () => {
  expect(archiveName(Date.UTC(2016, 10, 9, 2, 41, 47))).toBe('etcd-snapshot-2016-11-09-02.41.47.tar.gz');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
      expect(archiveName(seconds * 1000).slice(14, 24)).toBe(new Date(seconds * 1000).toISOString().slice(0, 10));
      expect(archiveTime(archiveName(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
  expect(archiveTime('etcd-snapshot-now.tar.gz')).toBeNull();
});

test('what may be a backup, and what is one being written', () => {
  const half = `.${archiveName(0)}.17.db.part`;
  expect(['db', 'a.db', 'a.tar', 'a.tgz', archiveName(0)].every(maybeBackup)).toBe(true);
  expect([half, 'a.txt', 'dbx', '.hidden.db'].some(maybeBackup)).toBe(false);
  expect(partPattern.exec(half)?.[1]).toBe('17');
});

test.each([
  [1, '4K'],
  [69_632, '68K'],
  [1_048_576, '1.0M'],
  [1_048_577, '1.1M'],
  [11 * 2 ** 20, '11M'],
  [9.5 * 2 ** 30, '9.5G'],
  [3 * 2 ** 40, '3.0T'],
])('%d bytes are %s', (bytes, text) => {
  expect(diskUsage(bytes)).toBe(text);
});

test.each([
  ['3.6.0', '3.5.30', true],
  ['3.5.30', '3.5.16', false],
  ['3.4.0', '3.7.3', false],
  ['4.0', '3.7.3', true],
])('made by %s, installed %s: newer is %s', (made, installed, newer) => {
  expect(madeByNewer(made, installed)).toBe(newer);
});

test('a manifest that lacks anything is none', () => {
  const manifest = {
    ...{ format: 1, takenAt: 'a', unit: 'b', member: 'c', memberId: 'd', clusterId: 'e', etcdVersion: '3.5.0' },
    ...{ revision: '12', totalKeys: 3, hash: 4, size: 5, sha256: 'ab'.repeat(32) },
  };
  expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  for (const key of Object.keys(manifest))
    expect([key, parseManifest(JSON.stringify({ ...manifest, [key]: undefined }))]).toEqual([key, null]);
  for (const text of ['', '[]', 'null', '{', JSON.stringify({ ...manifest, revision: '-1' })])
    expect(parseManifest(text)).toBeNull();
});

test('a state file of another kind is none', () => {
  const nothing = { lastGood: null, lastFailure: null, lastDrill: null, stored: null };
  for (const text of [null, '', '{', 'null', '{}']) expect(parseBackupState(text)).toEqual(nothing);
});

describe('the action snapshot', () => {
  const paths = makePaths('/root-of-a-test');

  test.each<[string, string]>([
    ['', '/root-of-a-test/home/ubuntu/etcd-snapshots'],
    ['/home/ubuntu/etcd-snapshots', '/root-of-a-test/home/ubuntu/etcd-snapshots'],
    ['/mnt/etcd-backups/', '/mnt/etcd-backups'],
    ['/', '/'],
  ])('takes the target "%s"', (text, target) => {
    expect(targetOf(text, paths)).toEqual({ target });
  });

  test.each(['relative', './x', '~/x', '/a b', '/a;b', "/a'b", '/a/../b', '/a\nb', '/ä'])(
    'refuses the target "%s"',
    (text) => {
      expect(targetOf(text, paths)).toEqual({ refusal: expect.stringMatching(/^target is "/) as string });
    },
  );

  test('refuses a learner, naming another unit; no quorum; not a healthy member', () => {
    expect(staleRefusal(inCluster(3))).toBeNull();
    expect(staleRefusal(given(inCluster(3), asLearner(0)))).toMatch(
      /^The member of etcd\/0 is a learner .*: run snapshot on etcd\/[12], or on this unit with allow-stale=true\.$/,
    );
    expect(staleRefusal(given(inCluster(3), noQuorum, silent(1), silent(2)))).toMatch(
      /no quorum: start etcd\/1 and etcd\/2 first, .* allow-stale=true\.$/,
    );
  });

  test('says how stale it may be', () => {
    expect(howStale(inCluster(3))).toMatch(/^no member that answers is ahead of revision \d+$/);
    expect(howStale(given(inCluster(3), silent(2)))).toMatch(/; 1 of 3 members do not answer, and may know more$/);
  });
});
