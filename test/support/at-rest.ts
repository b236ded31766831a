import type { Emulator } from 'juju-emulator';
import type { LightModel } from './light-model';
import { until } from './until';

/**
 * An update-status of every unit does nothing, and wakes nobody. Where a member gave no answer in time, which a busy machine brings
 * about, its unit has to look again: that look tells nothing, and another is taken.
 */
export async function expectAtRest(model: LightModel, tries = 5): Promise<void> {
  const { emulator } = model;
  const look = (): unknown =>
    model.units().map((unit) => ({ unit, effects: model.effects(unit), bags: bagsOf(emulator, unit) }));
  await emulator.settle();
  const before = look();
  const logged = emulator.log().length;
  emulator.controller.tick();
  await emulator.settle();
  const lines = emulator.log().slice(logged);
  const isBusy = lines.some(({ message }) => message.includes('gave no answer within'));
  if (!isBusy || tries === 1) return expect(look()).toEqual(before);
  await until('nobody waits for anything', () => !isWaiting(emulator), { timeoutMs: 60_000 });
  return expectAtRest(model, tries - 1);
}

const isWaiting = (emulator: Emulator): boolean =>
  Object.values(emulator.status().applications['etcd']?.units ?? {}).some((unit) =>
    unit['workload-status'].info.includes('; waiting for '),
  );

/** Everything that a unit has written into its relations. */
function bagsOf(emulator: Emulator, unit: string): unknown {
  return Object.values(emulator.world.relations).map(({ id, unitBags, appBags }) => ({
    id,
    unit: unitBags[unit],
    application: appBags['etcd'],
  }));
}
