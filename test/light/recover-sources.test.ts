import type { RunResult } from 'juju-emulator';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clusterManagerMarker } from '../../src/clearwater/cluster-manager-marker';
import { readPrefix } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { spoil } from '../support/spoil';
import { until } from '../support/until';

const suite = lightSuite('recover sources');
jest.setTimeout(900_000);
/** On a loaded machine. */
const patience = { timeoutMs: 300_000 };

const units = ['etcd/0', 'etcd/1', 'etcd/2'];
const configuration = '/clearwater/site1/configuration';
const chronos = '/clearwater/site1/vellum/clustering/chronos';

/** A file on a unit's machine. */
function given(model: LightModel, unit: string, path: string, text: string, mode = 0o644): void {
  const at = join(model.root(unit), path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
  chmodSync(at, mode);
}

const statusOf = (model: LightModel, unit: string): string => {
  const status = model.emulator.status().applications['etcd']?.units?.[unit]?.['workload-status'];
  return `${status?.status ?? ''}: ${status?.info ?? ''}`;
};

/** The application's bag of the peer relation, as Juju has it. */
const bag = (model: LightModel, key: string): Readonly<Record<string, unknown>> => {
  for (const { appBags } of Object.values(model.emulator.world.relations)) {
    const text = appBags['etcd']?.[key];
    if (text !== undefined) return JSON.parse(text) as Readonly<Record<string, unknown>>;
  }
  return {};
};

/** Runs recover-quorum on whoever leads until it begins. */
const begin = (model: LightModel, params: Readonly<Record<string, unknown>>): Promise<unknown> =>
  until(
    'it is begun',
    async () => {
      const task = await model.emulator.runAction(model.leader(), 'recover-quorum', { confirm: true, ...params });
      if (task.status !== 'completed') throw new Error(task.message);
      return true;
    },
    patience,
  );

const told = (model: LightModel): Promise<RunResult> => model.emulator.runAction(model.leader(), 'recovery-status', {});

const says = (model: LightModel, unit: string, words: RegExp): Promise<unknown> =>
  until(
    `${unit} says ${String(words)}`,
    () => {
      const said = statusOf(model, unit);
      return words.test(said) ? Promise.resolve(true) : Promise.reject(new Error(said));
    },
    patience,
  );

/** What each phase of each generation saw: in which of them a unit's cluster manager was free. */
function watchMarkers(model: LightModel): ReadonlyMap<string, ReadonlySet<string>> {
  const free = new Map<string, Set<string>>();
  const held = (unit: string): boolean => existsSync(join(model.root(unit), clusterManagerMarker));
  model.emulator.controller.store.subscribe(() => {
    const { phase } = bag(model, 'recreation') as { readonly phase?: string };
    if (phase === undefined) return;
    const without = units.filter((unit) => !held(unit));
    free.set(phase, new Set([...(free.get(phase) ?? []), ...without]));
  });
  return free;
}

test('the data of all units are spoilt: masters begin an empty cluster, and what is kept on the disks comes back into it', async () => {
  await using model = await suite.model();
  await model.explain('files', async () => {
    await model.deploy(3);
    await model.healthy(3, patience.timeoutMs);
    const keys = async (): Promise<Record<string, string>> =>
      Object.fromEntries(await readPrefix(model.endpoint('etcd/1'), '/clearwater/', model.tls('etcd/1')));
    const manager = 'etc/init.d/clearwater-cluster-manager';
    for (const unit of units) {
      given(model, unit, 'etc/clearwater/shared_config', 'home_domain=example.com\n');
      const calls = join(model.root(unit), 'calls');
      given(model, unit, manager, `#!/bin/sh\necho $1 >>${calls}\n[ $1 != status ] || exit 3\n`, 0o755);
    }
    given(model, 'etcd/1', 'etc/chronos/chronos_cluster.conf', 'node = 10.0.0.1\nleaving = ten\n');
    await model.emulator.setConfig('etcd', { clearwater: true });
    await until('the key is made', async () => `${configuration}/shared_config` in (await keys()), patience);
    await model.healthy(3, patience.timeoutMs);
    given(model, 'etcd/2', 'etc/clearwater/shared_config', 'home_domain=elsewhere.com\n');

    const free = watchMarkers(model);
    for (const unit of units) spoil(model, unit, 'log');
    const began = performance.now();
    // No log, no backup: it is what lies on the disks.
    await begin(model, { masters: 'etcd/1,etcd/2' });
    await says(model, model.leader(), /blocked: .*etcd\/1: chronos: nothing was loaded: .*line 2 \("leaving = ten"\)/);
    expect(units.map((unit) => existsSync(join(model.root(unit), clusterManagerMarker)))).toEqual([true, true, true]);
    given(model, 'etcd/1', 'etc/chronos/chronos_cluster.conf', 'node = 10.0.0.1\nnode = 10.0.0.2\n');
    await model.healthy(
      3,
      patience.timeoutMs,
      /recovered with an empty store as generation 2, all keys of generation 1 are lost/,
    );
    suite.say(`${Math.round(performance.now() - began)} ms from confirmation to the end, with one file put right`);

    const { initial } = bag(model, 'founding') as { readonly initial: readonly { readonly unit: string }[] };
    expect(initial.map(({ unit }) => unit)).toEqual(['etcd/1', 'etcd/2']);
    expect(await keys()).toEqual({
      [`${configuration}/shared_config`]: 'home_domain=example.com\n',
      [chronos]: '{"10.0.0.1":"normal","10.0.0.2":"normal"}',
    });
    // Before the barrier that ends `stop` a unit may not have come to it; from there to the end of `load` all are held.
    for (const phase of ['validate', 'create', 'verify', 'join', 'load'])
      expect([phase, free.get(phase)]).toEqual([phase, new Set()]);
    expect(units.map((unit) => existsSync(join(model.root(unit), clusterManagerMarker)))).toEqual([
      false,
      false,
      false,
    ]);
    for (const unit of units)
      expect(readFileSync(join(model.root(unit), 'calls'), 'utf8')).toBe('stop\nstatus\nstart\n');
    const { results } = await told(model);
    suite.say(String(results['output']));
    expect(results).toMatchObject({
      phase: 'done',
      source: 'files',
      'configuration-from': 'etcd/0',
      masters: 'etcd/1,etcd/2',
    });
    const output = String(results['output']);
    expect(output).toMatch(
      /shared_config is not the same on all units: that of etcd\/0 becomes the key, etcd\/2 has another/,
    );
    expect(output).toMatch(/^etcd\/1 loaded: chronos: .* was written/m);
    await model.expectOneCluster();
    await model.expectAtRest();
  });
});

test('two of three machines are gone: the newest backup begins a new cluster; and again by itself where the survivor cannot be read', async () => {
  await using model = await suite.model();
  await model.explain('snapshot', async () => {
    await model.deploy(3);
    await model.healthy(3, patience.timeoutMs);
    await model.write('before');
    const backup = await model.emulator.runAction('etcd/0', 'snapshot', {});
    expect(backup.status).toBe('completed');
    const { pid } = { pid: model.pid('etcd/0') };
    const after = await until(
      'it is written',
      () => readPrefix(model.endpoint('etcd/0'), '/kept/', model.tls('etcd/0')),
      patience,
    );
    expect(after.size).toBe(1);
    await Promise.all(
      ['etcd/1', 'etcd/2'].map((unit) =>
        model.emulator.controller.machines.destroy(model.emulator.world.units[unit]?.machine ?? ''),
      ),
    );
    process.kill(pid, 'SIGKILL');
    await until('etcd/0 leads', () => Promise.resolve(model.leader() === 'etcd/0'), patience);
    await begin(model, { source: 'snapshot', 'failed-units': 'etcd/1,etcd/2' });
    await says(model, 'etcd/0', /cluster is healthy \(1 of 1 .*the newest backup on etcd\/0 as generation 2/);
    const first = await told(model);
    expect(first.results).toMatchObject({ phase: 'done', source: 'snapshot', creator: 'etcd/0' });
    expect(String(first.results['why'])).toMatch(
      /^the operator said so; the newest good backup is of 20\d\d-.*, on etcd\/0$/,
    );
    for (const unit of ['etcd/1', 'etcd/2']) await model.emulator.removeUnit(unit, { force: true });

    spoil(model, 'etcd/0', 'database');
    await begin(model, {});
    await says(model, 'etcd/0', /cluster is healthy \(1 of 1 .*the newest backup on etcd\/0 as generation 3/);
    const second = await told(model);
    suite.say(String(second.results['why']));
    expect(second.results).toMatchObject({ phase: 'done', source: 'snapshot', creator: 'etcd/0' });
    expect(String(second.results['why'])).toMatch(
      /^etcd\/0 could not be used \(.*\); the newest good backup is of 20\d\d-.*, on etcd\/0$/,
    );
    await model.expectOneCluster();
    await model.expectAtRest();
  });
});
