import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { until } from '../support/until';
import { jsonOf } from '../support/json-of';

const suite = lightSuite('start gate');
jest.setTimeout(240_000);

const markerOf = (model: LightModel, unit: string): string => join(model.root(unit), 'var/lib/etcd/generation.json');
const heldBackOf = (model: LightModel, unit: string): string => join(model.root(unit), 'var/lib/etcd/held-back.json');

/** Marks a unit's data as those of another generation, as recreating the cluster does. Gives what was there. */
function mark(model: LightModel, unit: string, generation: number): string {
  const before = readFileSync(markerOf(model, unit), 'utf8');
  const token = `etcd-${generation}-of-this-test`;
  writeFileSync(markerOf(model, unit), `${JSON.stringify({ ...jsonOf<object>(before), generation, token })}\n`);
  return before;
}

const statusOf = (model: LightModel, unit: string): string => {
  const status = model.emulator.status().applications['etcd']?.units?.[unit]?.['workload-status'];
  return `${status?.status ?? ''}: ${status?.info ?? ''}`;
};

const wordsOf = /blocked: etcd is held back: etcd\/\d knows generation 2 .*the data here are of generation 1/;

test('a member whose peers know a newer generation does not start, says so, and starts when they do not any more', async () => {
  await using model = await suite.model();
  await model.explain('a straggler', async () => {
    await model.deploy(3);
    await model.healthy(3);
    const others = ['etcd/0', 'etcd/1'];
    const straggler = 'etcd/2';
    const before = others.map((unit) => mark(model, unit, 2));

    process.kill(model.pid(straggler), 'SIGKILL');
    await until('the straggler is held back', () => existsSync(heldBackOf(model, straggler)), { timeoutMs: 30_000 });
    expect(model.pid(straggler)).toBe(0);
    expect(jsonOf<unknown>(readFileSync(heldBackOf(model, straggler), 'utf8'))).toMatchObject({
      by: expect.stringMatching(/^etcd\/[01]$/) as string,
      generation: 2,
      own: 1,
    });

    // No hook ran so far that would have had to; one that runs says it.
    await until(
      'its status says so',
      async () => {
        model.emulator.controller.tick();
        await model.emulator.settle();
        return wordsOf.test(statusOf(model, straggler)) || Promise.reject(new Error(statusOf(model, straggler)));
      },
      { timeoutMs: 60_000 },
    );
    const health = await model.emulator.runAction(straggler, 'health');
    expect(health.status).toBe('failed');
    expect(health.message).toMatch(/etcd is held back/);
    expect(model.pid(straggler)).toBe(0);

    others.forEach((unit, number) => writeFileSync(markerOf(model, unit), before[number] ?? ''));
    await until('it serves again', () => model.serves(straggler), { timeoutMs: 60_000 });
    await model.healthy(3);
    expect(existsSync(heldBackOf(model, straggler))).toBe(false);
    await model.expectOneCluster();
    await model.expectAtRest();
  });
});

test('a reboot of all machines at once holds nobody back; the gate goes with its unit', async () => {
  await using model = await suite.model();
  await model.explain('a reboot of all', async () => {
    await model.deploy(2);
    await model.healthy(2);
    const { controller, world } = model.emulator;
    const before = model.units().map((unit) => model.pid(unit));
    await Promise.all(model.units().map((unit) => controller.machines.reboot(world.units[unit]?.machine ?? '')));
    for (const unit of model.units())
      await until(`${unit} serves again`, () => !before.includes(model.pid(unit)) && model.serves(unit), {
        timeoutMs: 60_000,
      });
    await model.healthy(2);

    await model.emulator.removeUnit('etcd/1');
    await model.healthy(1);
    expect(model.effects('etcd/1')).toContain('after remove-gate');
    await model.expectAtRest();
  });
});
