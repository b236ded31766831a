import type { EmulatorOptions } from 'juju-emulator';
import { LightCharms } from './light-charm';
import { LightModel } from './light-model';

/** What the tests of a file in light mode share. */
export interface LightSuite {
  /** Given with LIGHT_SEED, or drawn. */
  readonly seed: number;
  /** Writes a line to the test run's log, with the name of the file's tests. */
  readonly say: (line: string) => void;
  /** A model without any application; whoever makes it disposes of it. */
  readonly model: (options?: Partial<EmulatorOptions>) => Promise<LightModel>;
}

/**
 * Bundles the charms once before the tests of a file, and removes them after them. Its seed is printed.
 * @param label names the file's tests in the log
 */
export function lightSuite(label: string): LightSuite {
  const seed = Number(process.env['LIGHT_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
  const say = (line: string): void => void process.stderr.write(`light: ${label}: ${line}\n`);
  let charms: LightCharms | undefined;
  beforeAll(() => {
    say(`seed ${seed} (LIGHT_SEED=${seed} repeats it)`);
    charms = LightCharms.make();
  });
  afterAll(() => charms?.remove());
  return {
    seed,
    say,
    model: (options = {}) => {
      if (charms === undefined)
        throw new Error('the charms are bundled before the tests, not while they are collected');
      return LightModel.create(charms, { seed, ...options });
    },
  };
}
