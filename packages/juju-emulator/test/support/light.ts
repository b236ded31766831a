import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Emulator, type EmulatorOptions } from '../../src/index';

/** Seed of this test run; printed so that a failure can be repeated with EMULATOR_SEED. */
export const seed = Number(process.env.EMULATOR_SEED ?? Math.trunc(Math.random() * 2 ** 31));

const open = new Set<Emulator>();

/** An emulator in light mode that `destroyAll` removes. */
export async function lightEmulator(options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  const emulator = await Emulator.create({ seed, light: true, ...options });
  open.add(emulator);
  return emulator;
}

/** For afterEach: no machine and no file stays. */
export async function destroyAll(): Promise<void> {
  await Promise.all([...open].map((emulator) => emulator.destroy()));
  open.clear();
}

/** Hooks that a unit of a shell charm ran, in order. */
export function runsOf(emulator: Emulator, unit: string): string[] {
  const machine = emulator.machineOf(unit);
  const file = machine.hostPath(join(machine.jujuDir, 'agents', `unit-${unit.replace('/', '-')}`, 'runs'));
  return readFileSync(file, 'utf8').trim().split('\n');
}

/** The lines of the debug log as `module message`. */
export const logOf = (emulator: Emulator): string[] =>
  emulator.log().map((record) => `${record.module} ${record.message}`);
