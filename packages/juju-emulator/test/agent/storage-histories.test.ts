import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Emulator } from '../../src/index';
import { ModelError } from '../../src/model';
import { seededRandom } from '../../src/store/random';
import { destroyAll, lightEmulator, seed } from '../support/light';
import { scratchDirectory } from '../support/scratch';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(120_000);
process.stdout.write(`storage-histories.test.ts: EMULATOR_SEED=${seed}\n`);
afterEach(destroyAll);

const rounds = Number(process.env.STORAGE_ROUNDS ?? 4);
const steps = 12;

/** Operators do anything at any time: refusals are fine, everything else must hold. */
async function step(emulator: Emulator, pick: (count: number) => number): Promise<string> {
  const one = (list: readonly string[]): string => list[pick(list.length)] ?? 'none/0';
  const unit = one(Object.keys(emulator.world.units));
  const id = one(Object.keys(emulator.world.storage));
  const machine = one(Object.keys(emulator.world.machines));
  const acts: readonly (readonly [string, () => Promise<unknown>])[] = [
    [`add to ${unit}`, () => emulator.storage.add(unit, 'extra', one(['rootfs,1M', 'lxd,1M,2', 'tmpfs,1M']))],
    [`add a device to ${unit}`, () => emulator.storage.add(unit, 'disk', one(['loop,1M', 'ebs,1M']))],
    [`detach ${id}`, () => emulator.storage.detach(id, { force: pick(4) === 0 })],
    [`attach ${id} to ${unit}`, () => emulator.storage.attach(unit, id)],
    [`remove ${id}`, () => emulator.storage.remove(id, { force: pick(2) === 0 })],
    ['add a unit', () => emulator.addUnit('store', 1, pick(2) === 0 ? [] : [machine])],
    [`remove ${unit}`, () => emulator.removeUnit(unit, { destroyStorage: pick(2) === 0, force: pick(4) === 0 })],
    [`kill the agent of ${unit}`, () => emulator.controller.killAgent(unit)],
    [`reboot ${machine}`, () => emulator.controller.machines.reboot(machine)],
    ['settle', () => emulator.settle()],
  ];
  const [name, act] = acts[pick(acts.length)] ?? ['settle', () => emulator.settle()];
  await act().catch((error: unknown) => {
    if (!(error instanceof ModelError)) throw error;
  });
  return name;
}

/** What storage hooks each unit ran for each storage, in order. */
function hooksOf(record: string): Map<string, string[]> {
  const hooks = new Map<string, string[]>();
  for (const line of existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : []) {
    const [unit = '', id = '', hook = ''] = line.split(' ');
    const key = `${unit} ${id}`;
    hooks.set(key, [...(hooks.get(key) ?? []), hook]);
  }
  return hooks;
}

describe('any history of storage', () => {
  it.each(Array.from({ length: rounds }, (_, round) => round))('round %i ends in order', async (round) => {
    const random = seededRandom(seed + round);
    const record = join(scratchDirectory('storage-history'), 'record');
    const emulator = await lightEmulator({ seed: seed + round });
    await emulator.deploy(
      shellCharm({
        metadata:
          'name: store\nsummary: s\ndescription: d\nstorage:\n  data: {type: filesystem}\n  extra: {type: filesystem, multiple: {range: 0-3}}\n  disk: {type: block, multiple: {range: 0-}}\n',
        dispatch: `case $hook in *-storage-*) [ -e "$(storage-get location)" ] || exit 1; echo "$JUJU_UNIT_NAME $JUJU_STORAGE_ID \${hook##*-}" >> ${record};; esac`,
      }),
      { units: 2 },
    );
    const history: string[] = [];
    for (let each = 0; each < steps; each += 1) history.push(await step(emulator, (count) => random.pick(count)));
    const told = history.join(', ');
    await emulator.settle({ timeoutMs: 60_000 }).catch((error: unknown) => {
      throw new Error(`${String(error)} after: ${told}`);
    });

    const { storage, units } = emulator.world;
    const hooks = hooksOf(record);
    for (const instance of Object.values(storage)) {
      expect([told, instance.id, instance.status.status]).toEqual([
        told,
        instance.id,
        instance.attachments.length === 0 ? 'detached' : 'attached',
      ]);
      for (const { unit, attached, location } of instance.attachments) {
        expect([told, unit in units, attached, existsSync(location)]).toEqual([told, true, true, true]);
        expect([told, unit, hooks.get(`${unit} ${instance.id}`)?.at(-1)]).toEqual([told, unit, 'attached']);
      }
    }
    // A unit is told of the coming and the going of each in turn, unless it was forced.
    for (const [key, list] of hooks) expect([told, key, list[0]]).toEqual([told, key, 'attached']);
    // Nothing is left of what is gone.
    const [machine] = Object.values(emulator.world.units);
    if (machine === undefined) return;
    const store = join(dirname(join(emulator.machineOf(machine.name).jujuDir, '../../..')), 'storage');
    const uuids = new Set(Object.values(storage).map(({ uuid }) => uuid));
    expect([told, (existsSync(store) ? readdirSync(store) : []).filter((uuid) => !uuids.has(uuid))]).toEqual([
      told,
      [],
    ]);
  });
});
