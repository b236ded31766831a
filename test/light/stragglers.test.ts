import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memberStatus, put } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { until } from '../support/until';

const suite = lightSuite('stragglers');
jest.setTimeout(600_000);

const statusOf = (model: LightModel, unit: string): string => {
  const status = model.emulator.status().applications['etcd']?.units?.[unit]?.['workload-status'];
  return `${status?.status ?? ''}: ${status?.info ?? ''}`;
};

const stepsOf = (model: LightModel, unit: string): string[] =>
  readFileSync(join(model.root(unit), 'var/log/etcd-charm/steps.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { step: { kind: string } }).step.kind);

/** The dry run shows what each unit has that is left, and that their configuration is not the same. */
async function expectPlan(model: LightModel, kept: readonly string[], frozen: readonly string[]): Promise<void> {
  for (const unit of kept) {
    const directory = join(model.root(unit), 'etc/app');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'settings'), `edited on ${unit}`);
  }
  model.emulator.controller.tick();
  const params = { 'dry-run': true, 'failed-units': frozen.join() };
  const { results } = await until(
    'each unit has told what it has',
    async () => {
      // What others tell is read anew with a relation-changed, and actions go before those.
      await model.emulator.settle();
      const task = await model.emulator.runAction(model.leader(), 'recover-quorum', params);
      const rows = Object.values((task.results['survivors'] ?? {}) as Readonly<Record<string, Record<string, string>>>);
      const froms = rows.map(({ from }) => from).sort();
      return froms.join() === 'read,told' ? task : Promise.reject(new Error(`${task.message} ${froms.join()}`));
    },
    { timeoutMs: 150_000, everyMs: 1000 },
  );
  const output = String(results['output']);
  suite.say(`\n${output}`);
  for (const unit of kept) {
    expect(output).toMatch(new RegExp(`^${unit} +\\d+ +\\d+ +\\d+ +\\d+ +[\\d.]+ KiB$`, 'm'));
    const sum = createHash('sha256').update(`edited on ${unit}`).digest('hex');
    expect(output).toMatch(new RegExp(`^/etc/app/settings +${sum} +${unit}$`, 'm'));
  }
  expect(output).toMatch(/^Would begin with what etcd\/\d has: its log reaches furthest/m);
}

/** Where it serves, and what to do, stands in the status of those who know of it. */
async function expectOldClusterTold(
  model: LightModel,
  kept: readonly string[],
  frozen: readonly string[],
): Promise<void> {
  await until(
    'the old cluster is told',
    async () => {
      model.emulator.controller.tick();
      await model.emulator.settle();
      const said = kept.map((unit) => statusOf(model, unit));
      const well = said.every((words) =>
        /^blocked: an old cluster serves at .*cluster is healthy \(2 of 2/.test(words),
      );
      return well ? true : Promise.reject(new Error(said.join('; ')));
    },
    { timeoutMs: 60_000 },
  );
  const addresses = frozen.map((unit) => model.endpoint(unit)).sort();
  for (const unit of kept) expect(statusOf(model, unit)).toContain(`serves at ${addresses.join(', ')},`);
}

test('three of five are frozen, given up, and come back as a majority of the old cluster: in the end there is one', async () => {
  await using model = await suite.model();
  await model.explain('three of five come back', async () => {
    await model.deploy(5);
    await model.healthy(5);
    const mirrored = JSON.stringify([{ key: '/app/settings', file: '/etc/app/settings' }]);
    await model.emulator.setConfig('etcd', { 'config-mirror': mirrored });
    await model.healthy(5);
    await model.write('before');
    const { controller } = model.emulator;
    const leader = model.leader();
    const kept = [leader, ...model.units().filter((unit) => unit !== leader)].slice(0, 2);
    const frozen = model.units().filter((unit) => !kept.includes(unit));
    const pids = frozen.map((unit) => model.pid(unit));
    // Neither their etcd nor their charm does anything.
    for (const unit of frozen) controller.hold(unit, true);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await expectPlan(model, kept, frozen);
      await until(
        'it is begun',
        async () => {
          const params = { confirm: true, 'failed-units': frozen.join() };
          const { status, message } = await model.emulator.runAction(model.leader(), 'recover-quorum', params);
          return status === 'completed' ? true : Promise.reject(new Error(message));
        },
        { timeoutMs: 60_000 },
      );
      const began = performance.now();
      await until(
        'it is recovered',
        () => {
          const said = kept.map((unit) => statusOf(model, unit));
          const well = said.every((words) => /^active: cluster is healthy \(2 of 2/.test(words));
          return well ? Promise.resolve(true) : Promise.reject(new Error(said.join('; ')));
        },
        { timeoutMs: 240_000 },
      );
      suite.say(`${Math.round(performance.now() - began)} ms from confirmation to "cluster is healthy"`);
      const [survivor = ''] = kept;
      await put(model.endpoint(survivor), '/kept/new', 'x', model.tls(survivor));
      model.written.set('/kept/new', 'x');
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    const [survivor = '', ...others] = kept;
    const [straggler = ''] = frozen;
    const clusterOf = async (unit: string): Promise<string> =>
      (await memberStatus(model.endpoint(unit), model.tls(unit))).clusterId;
    const present = await clusterOf(survivor);
    // No charm has run there yet: they are the cluster that was given up, and they agree.
    await until('the old cluster serves', () => put(model.endpoint(straggler), '/old', 'x', model.tls(straggler)), {
      timeoutMs: 30_000,
    });
    expect(await clusterOf(straggler)).not.toBe(present);
    for (const unit of [survivor, ...others]) expect(await clusterOf(unit)).toBe(present);
    await expectOldClusterTold(model, kept, frozen);

    for (const unit of frozen) controller.hold(unit, false);
    controller.tick();
    await model.healthy(5, 300_000, /recovered with revision/);
    for (const unit of model.units()) expect([unit, await clusterOf(unit)]).toEqual([unit, present]);
    for (const unit of frozen) {
      expect(stepsOf(model, unit)).toEqual(expect.arrayContaining(['stop-etcd', 'move-data-aside', 'add-learner']));
      const aside = readdirSync(join(model.root(unit), 'var/lib/etcd/aside'));
      expect(aside.filter((name) => !name.endsWith('.json'))).toHaveLength(1);
    }
    await model.write('after');
    await model.expectOneCluster();
    await model.expectAtRest();
  });
});
