import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeFiles } from '../../src/ports/files-node';
import { GatewayEtcdProbe } from '../../src/ports/etcd-probe-gateway';
import { hadLeader } from '../../src/ports/raft-log';
import { etcdVersions } from '../support/etcd-binaries';
import { EtcdServers, type EtcdServer } from '../support/etcd-server';
import { plainRestore, SnapshotServer } from '../support/snapshots';
import { until } from '../support/until';

const patience = { timeoutMs: 15_000, everyMs: 50 };
const files = new NodeFiles();

const versions = etcdVersions('the raft log of real etcd');

for (const binaries of versions)
  describe(`whether a member ever had a leader, by the log of etcd ${binaries.name}`, () => {
    let servers: EtcdServers;
    let one: EtcdServer;
    let two: EtcdServer;
    let probe: GatewayEtcdProbe;

    beforeAll(async () => {
      servers = await EtcdServers.create(binaries);
      const { certificate, key } = servers.client;
      probe = new GatewayEtcdProbe({ ca: servers.authority.certificate, certificate, key });
      one = await servers.prepare('one');
      two = await servers.prepare('two');
    }, 30_000);

    afterAll(async () => {
      probe.close();
      await servers.close();
    });

    const logStands = (server: EtcdServer): Promise<unknown> =>
      until(
        'the log is there',
        async () =>
          (await files.list(join(server.dataDirectory, 'member', 'wal')))?.some((name) => name.endsWith('.wal')),
        patience,
      );
    const serves = (server: EtcdServer): Promise<unknown> =>
      until('it serves', async () => (await probe.status(server.clientUrl)).leaderId !== null, patience);

    test('no data, a founder that waits for the others, one that had them, and the same one killed and alone again', async () => {
      const initial = `one=${one.peerUrl},two=${two.peerUrl}`;
      expect(await hadLeader(files, one.dataDirectory)).toBe(false);
      one.start(initial, 'new');
      await logStands(one);
      expect(await hadLeader(files, one.dataDirectory)).toBe(false);
      // Before 3.5 it calls elections that nobody answers: its log grows, with nothing that a leader wrote.
      await one.stop();
      one.start(initial, 'new');
      expect(await hadLeader(files, one.dataDirectory)).toBe(false);
      two.start(initial, 'new');
      await Promise.all([serves(one), serves(two)]);
      expect(await hadLeader(files, one.dataDirectory)).toBe(true);
      expect(await hadLeader(files, two.dataDirectory)).toBe(true);
      await two.stop();
      await one.stop();
      one.start(initial, 'new');
      expect(await hadLeader(files, one.dataDirectory)).toBe(true);
      await one.stop();
      expect(await hadLeader(files, one.dataDirectory)).toBe(true);
    }, 60_000);

    test('a directory that was restored and never started has more than a founding', async () => {
      await using member = await SnapshotServer.create(binaries, 1);
      const directory = await mkdtemp(join(tmpdir(), 'raft-log-'));
      try {
        await member.save(join(directory, 'db'));
        await plainRestore(binaries, join(directory, 'db'), join(directory, 'data'));
        expect(await hadLeader(files, join(directory, 'data'))).toBe(true);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    }, 60_000);
  });

describe('a raft log on a real file system', () => {
  let directory: string;
  const segment = '0000000000000000-0000000000000000.wal';
  const wal = (): string => join(directory, 'member', 'wal');
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'raft-log-'));
    await mkdir(wal(), { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const varint = (value: number): readonly number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
  const framed = (kind: number, data: readonly number[]): Buffer => {
    const body = [0x08, kind, 0x10, 0, 0x1a, ...varint(data.length), ...data];
    const padding = (8 - (body.length % 8)) % 8;
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(BigInt(body.length) | (BigInt(padding === 0 ? 0 : 0x80 | padding) << 56n));
    return Buffer.concat([word, Buffer.from(body), Buffer.alloc(padding)]);
  };
  const entry = (term: number, index: number): Buffer =>
    framed(2, [0x08, 1, 0x10, ...varint(term), 0x18, ...varint(index)]);
  const state = (term: number): Buffer => framed(3, [0x08, ...varint(term), 0x10, 0, 0x18, 3]);
  const zeros = Buffer.alloc(4096);

  test.each([
    [
      'a founding alone',
      [framed(4, []), framed(1, [1, 2]), framed(5, [0x08, 0, 0x10, 0]), entry(1, 1), entry(1, 2)],
      false,
    ],
    [
      'elections that nobody answered, more of them than are read at a time',
      [entry(1, 1), ...[...Array(9000).keys()].map((term) => state(term + 2))],
      false,
    ],
    [
      'a leader behind them',
      [entry(1, 1), ...[...Array(9000).keys()].map((term) => state(term + 2)), entry(9002, 2)],
      true,
    ],
    ['a snapshot from a leader', [framed(5, [0x08, 7, 0x10, 3])], true],
  ])('%s', async (_what, records, expected) => {
    await writeFile(join(wal(), segment), Buffer.concat([...records, zeros]));
    expect(await hadLeader(files, directory)).toBe(expected);
  });

  test('one whose first segment was purged had a leader', async () => {
    await writeFile(join(wal(), '0000000000000003-000000000001a2b3.wal'), zeros);
    expect(await hadLeader(files, directory)).toBe(true);
  });

  test.each([
    ['something else', Buffer.from('no log at all, but long enough to be taken for a frame of some length')],
    ['a record of an unknown kind', Buffer.concat([framed(9, []), zeros])],
    ['a record that is cut off', entry(1, 1).subarray(0, 12)],
  ])('%s tells nothing', async (_what, content) => {
    await writeFile(join(wal(), segment), content);
    await expect(hadLeader(files, directory)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });
});
