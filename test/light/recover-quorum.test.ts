import type { RunResult } from 'juju-emulator';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { put } from '../support/gateway-client';
import { until } from '../support/until';

const suite = lightSuite('recover quorum');
jest.setTimeout(240_000);

const machineOf = (model: LightModel, unit: string): string => model.emulator.world.units[unit]?.machine ?? '';

/** Their machines are gone, and Juju still has the units. */
async function lose(model: LightModel, units: readonly string[]): Promise<void> {
  const survivors = model.units().filter((unit) => !units.includes(unit));
  await Promise.all(units.map((unit) => model.emulator.controller.machines.destroy(machineOf(model, unit))));
  for (const unit of survivors) process.kill(model.pid(unit), 'SIGKILL');
}

const recover = (model: LightModel, params: Readonly<Record<string, unknown>> = {}): Promise<RunResult> =>
  model.emulator.runAction(model.leader(), 'recover-quorum', params);

async function begun(model: LightModel, params: Readonly<Record<string, unknown>>): Promise<RunResult> {
  const task = await recover(model, { confirm: true, ...params });
  if (task.status !== 'completed') throw new Error(`recover-quorum ${task.status}: ${task.message}`);
  return task;
}

const statusOf = (model: LightModel, unit: string): string => {
  const status = model.emulator.status().applications['etcd']?.units?.[unit]?.['workload-status'];
  return `${status?.status ?? ''}: ${status?.info ?? ''}`;
};

/** Juju has a leader whose machine is there. */
const leaderAmong = (model: LightModel, units: readonly string[]): Promise<unknown> =>
  until('there is a leader', () => Promise.resolve(units.includes(model.leader())), { timeoutMs: 20_000 });

test('two of three machines are gone: the survivor’s data begin a new cluster, and nothing that it acknowledged is lost', async () => {
  await using model = await suite.model();
  await model.explain('two of three', async () => {
    await model.deploy(3);
    await model.healthy(3);
    await model.write('before');
    for (let count = 0; count < 20; count++) await model.write(`more-${count}`);
    const healthy = await recover(model, { confirm: true });
    expect([healthy.status, healthy.message]).toEqual(['failed', expect.stringMatching(/^The cluster has quorum/)]);

    const survivor = 'etcd/0';
    const lost = ['etcd/1', 'etcd/2'];
    await lose(model, lost);
    await leaderAmong(model, [survivor]);
    const unsure = await until(
      'it may be recovered',
      async () => {
        const task = await recover(model, { 'failed-units': lost.join() });
        return /look with dry-run=true/.test(task.message) ? task : Promise.reject(new Error(task.message));
      },
      { timeoutMs: 30_000 },
    );
    expect(unsure.message).toMatch(/etcd\/1, etcd\/2 must be powered off/);
    const plan = await recover(model, { 'failed-units': lost.join(), 'dry-run': true });
    suite.say(String(plan.results['output']));
    expect(plan.results['output']).toMatch(/^etcd\/0 +2 +\d+ +\d+ /m);

    const began = performance.now();
    await begun(model, { 'failed-units': lost.join() });
    await until(
      'it is recovered',
      () => {
        const said = statusOf(model, survivor);
        return /cluster is healthy \(1 of 1/.test(said) ? Promise.resolve(true) : Promise.reject(new Error(said));
      },
      { timeoutMs: 60_000 },
    );
    suite.say(`${Math.round(performance.now() - began)} ms from confirmation to "cluster is healthy"`);
    expect(statusOf(model, survivor)).toMatch(/recovered with revision \d+, what survived on etcd\/0 as generation 2/);
    const aside = readdirSync(join(model.root(survivor), 'var/lib/etcd/aside'));
    expect(aside.filter((name) => !name.endsWith('.json'))).toHaveLength(1);
    for (const unit of lost) await model.emulator.removeUnit(unit, { force: true });
    await model.emulator.addUnit('etcd', 2);
    await model.healthy(3, 150_000, /recovered with revision/);
    await put(model.endpoint(survivor), '/after', 'x', model.tls(survivor));
    await model.write('after');
    await model.expectOneCluster();
    await model.expectAtRest();
  });
});

test('a majority that comes back in the survey ends the recovery, and nothing was stopped', async () => {
  await using model = await suite.model();
  await model.explain('a majority comes back', async () => {
    await model.deploy(3);
    await model.healthy(3);
    await model.write('before');
    const pids = model.units().map((unit) => model.pid(unit));
    const frozen = model.units().filter((unit) => unit !== model.leader());
    const signal = (name: NodeJS.Signals): void => frozen.forEach((unit) => process.kill(model.pid(unit), name));
    signal('SIGSTOP');
    try {
      await until('it is begun', () => begun(model, {}), { timeoutMs: 60_000 });
    } finally {
      signal('SIGCONT');
    }
    await model.healthy(3, 150_000, /recovery was given up, nothing was touched: etcd\/\d reaches a majority/);
    expect(model.units().map((unit) => model.pid(unit))).toEqual(pids);
    const status = await model.emulator.runAction('etcd/1', 'recovery-status');
    expect(status.results).toMatchObject({ phase: 'abandoned', purpose: 'recovery' });
    await model.write('after');
    await model.expectOneCluster();
  });
});
