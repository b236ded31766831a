import type { HookTools, RelationId, UnitName } from '@juju/charm-helpers-ts';
import { observePeers } from '../../src/observe/observe-peers';
import { PendingWrites } from '../../src/ports/pending-writes';
import type { PeerFacts } from '../../src/domain/observed';

interface Units {
  /** Goal-state: unit -> status. */
  readonly planned: Readonly<Record<string, string>>;
  readonly listed: readonly string[];
  readonly bags: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What etcd/0 sees of a relation. */
function seen({ planned, listed, bags }: Units): Promise<PeerFacts> {
  const units = Object.fromEntries(
    Object.entries(planned).map(([unit, status]) => [unit, { status, since: '2026-01-01 00:00:00Z' }]),
  );
  const tools: Pick<HookTools, 'relationIds' | 'relationList' | 'relationGet' | 'goalState'> = {
    relationIds: () => Promise.resolve(['cluster:0' as RelationId]),
    relationList: () => Promise.resolve(listed as readonly UnitName[]),
    relationGet: ({ unit } = {}) => {
      const bag = unit === undefined ? {} : bags[unit];
      return bag === undefined ? Promise.reject(new Error('relation unit not found')) : Promise.resolve(bag);
    },
    goalState: () => Promise.resolve({ units, relations: {} }),
  };
  return observePeers(
    { unit: 'etcd/0' as UnitName, application: 'etcd' },
    tools,
    new PendingWrites(),
    Promise.resolve(),
  );
}

const at = (host: string) => ({ 'client-url': `https://${host}:2379` });
const bags = { 'etcd/0': at('a'), 'etcd/1': at('b'), 'etcd/2': at('c') };
const clientUrls = (map: PeerFacts['others']): unknown =>
  Object.fromEntries([...map].map(([unit, { clientUrl }]) => [unit, clientUrl]));

test('all are listed', async () => {
  const planned = { 'etcd/0': 'active', 'etcd/1': 'active', 'etcd/2': 'active' };
  const peers = await seen({ planned, listed: ['etcd/1', 'etcd/2'], bags });
  expect(clientUrls(peers.others)).toEqual({ 'etcd/1': 'https://b:2379', 'etcd/2': 'https://c:2379' });
  expect(peers.unlisted.size).toBe(0);
});

test('a unit that is being removed has left the relation: its bag is read by name', async () => {
  const planned = { 'etcd/0': 'active', 'etcd/1': 'active', 'etcd/2': 'dying' };
  const peers = await seen({ planned, listed: ['etcd/1'], bags });
  expect(peers.present).toEqual(['etcd/1']);
  expect(clientUrls(peers.others)).toEqual({ 'etcd/1': 'https://b:2379' });
  expect(clientUrls(peers.unlisted)).toEqual({ 'etcd/2': 'https://c:2379' });
});

test('a unit that is being removed itself has lost the others', async () => {
  const planned = { 'etcd/0': 'dying', 'etcd/1': 'active', 'etcd/2': 'active' };
  const peers = await seen({ planned, listed: ['etcd/2'], bags });
  expect(clientUrls(peers.unlisted)).toEqual({ 'etcd/1': 'https://b:2379' });
});

test('a unit that has not joined yet has no bag, and is not asked for one', async () => {
  const planned = { 'etcd/0': 'active', 'etcd/1': 'waiting' };
  const peers = await seen({ planned, listed: [], bags: { 'etcd/0': at('a') } });
  expect([peers.others.size, peers.unlisted.size]).toEqual([0, 0]);
});

test('one that never joined and is being removed has none', async () => {
  const planned = { 'etcd/0': 'active', 'etcd/1': 'dying' };
  const peers = await seen({ planned, listed: [], bags: { 'etcd/0': at('a') } });
  expect([peers.others.size, peers.unlisted.size]).toEqual([0, 0]);
});
