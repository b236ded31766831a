import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from 'juju-emulator';
import { gatewayCall, put } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { sharedCluster } from '../support/shared-cluster';
import { shuffled } from '../support/shuffled';

/** Every point of every action with EXHAUSTIVE=1; else so many of each, by the seed. */
const most = process.env['EXHAUSTIVE'] === '1' ? Infinity : 2;
jest.setTimeout(most === Infinity ? 900_000 : 240_000);
/** Where the actions run. */
const unit = 'etcd/1';
let model: LightModel;

const seed = sharedCluster('killed actions', 3, async (made) => {
  model = made;
  await made.write('before');
});

type Parameters = Readonly<Record<string, unknown>>;

/** An action, what it finds each time, and what must be true once it has ended well. */
interface Killed {
  readonly action: string;
  readonly parameters: Parameters;
  readonly given: () => Promise<void>;
  readonly then: (task: RunResult) => Promise<void>;
}

const run = (where: string, action: string, parameters: Parameters = {}): Promise<RunResult> =>
  model.emulator.runAction(where, action, parameters);

async function completed(where: string, action: string, parameters: Parameters = {}): Promise<RunResult> {
  const task = await run(where, action, parameters);
  expect([task.name, task.status, task.message]).toEqual([action, 'completed', '']);
  return task;
}

const call = <T>(path: string, body: object): Promise<T> =>
  gatewayCall<T>(model.endpoint('etcd/0'), path, body, model.tls('etcd/0'), 10_000);
const leads = async (where: string): Promise<void> => void (await completed('etcd/0', 'move-leader', { to: where }));
const aside = (): string => join(model.root(unit), 'var/lib/etcd/aside');

const table: readonly Killed[] = [
  {
    action: 'defrag',
    parameters: { cluster: true },
    given: () => leads('etcd/0'),
    then: async ({ results }) => {
      expect(Object.keys(results['members'] as object).sort()).toEqual(['etcd-0', 'etcd-1', 'etcd-2']);
      // The turn was given back: another unit need not wait for it.
      const other = await completed('etcd/2', 'defrag');
      expect(other.log.filter(({ message }) => message.includes('has the turn'))).toEqual([]);
    },
  },
  {
    action: 'move-leader',
    parameters: { to: 'etcd/2' },
    given: () => leads('etcd/0'),
    then: ({ results }) => Promise.resolve(expect(results['leader']).toBe('etcd/2')),
  },
  {
    action: 'compact',
    parameters: { physical: true },
    given: async () => void (await put(model.endpoint('etcd/0'), '/compacted', 'x', model.tls('etcd/0'))),
    then: async () => {
      // What is older than the newest is gone: a second one to the same revision is refused.
      const { header } = await call<{ header: { revision: string } }>('/v3/kv/range', { key: 'Lw==' });
      expect((await run(unit, 'compact', { revision: header.revision })).message).toMatch(/already compacted/);
    },
  },
  {
    action: 'alarm-disarm',
    parameters: {},
    given: async () => {
      const { members } = await call<{ members: { ID: string }[] }>('/v3/cluster/member/list', {});
      for (const alarm of ['NOSPACE', 'CORRUPT'])
        await call('/v3/maintenance/alarm', { action: 'ACTIVATE', memberID: members[1]?.ID, alarm });
      expect((await completed(unit, 'alarm-list')).results).toMatchObject({ count: '2' });
    },
    then: async () => expect((await completed(unit, 'alarm-list')).results).toMatchObject({ count: '0' }),
  },
  {
    action: 'prune-aside',
    parameters: { confirm: true },
    given: () => {
      for (const generation of [1, 2]) {
        mkdirSync(join(aside(), `data-${generation}`, 'member'), { recursive: true });
        writeFileSync(join(aside(), `data-${generation}`, 'member/db'), 'x'.repeat(5000));
        const marker = { generation, startedAs: 'existing', token: 't', initial: [] };
        writeFileSync(join(aside(), `data-${generation}.generation.json`), JSON.stringify(marker));
      }
      return Promise.resolve();
    },
    then: () => {
      expect(readdirSync(aside()).filter((name) => existsSync(join(aside(), name, 'member')))).toEqual([]);
      return Promise.resolve();
    },
  },
];

const count = (labels: readonly string[], label: string): number => labels.filter((each) => each === label).length;

test.each(table)('$action, killed at each of its steps, ends well when it is run again', async (killed) => {
  const { action, parameters, given, then } = killed;
  await given();
  const before = model.effects(unit).length;
  const whole = await completed(unit, action, parameters);
  const labels = model.effects(unit).slice(before);
  await then(whole);
  expect(labels.filter((label) => label.startsWith('after '))).not.toEqual([]);
  const places = shuffled([...labels.keys()], seed).slice(0, most);
  for (const place of places) {
    await given();
    const label = labels[place] ?? '';
    const occurrence = count(model.effects(unit), label) + count(labels.slice(0, place + 1), label);
    model.crashNext([{ unit, label, occurrence }]);
    const died = await run(unit, action, parameters);
    expect([label, model.struck().length, died.status]).toEqual([label, 1, 'failed']);
    model.crashNext([]);
    await then(await completed(unit, action, parameters));
    await model.healthy(3);
  }
  process.stderr.write(`light: ${action}: killed at ${places.length} of ${labels.length} points\n`);
});

test('and the cluster is one, with all its data, at rest', async () => {
  await completed(unit, 'check-consistency');
  await model.expectOneCluster();
  await model.expectAtRest();
});
