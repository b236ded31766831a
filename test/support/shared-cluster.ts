import type { LightModel } from './light-model';
import { lightSuite } from './light-suite';

/**
 * Makes a healthy cluster of light units before the tests of a file, and removes it after them. `take` gets it, and may prepare it.
 * @param label names the file's tests in the log
 * @returns the seed, which is printed.
 */
export function sharedCluster(label: string, units: number, take: (model: LightModel) => void | Promise<void>): number {
  let model: LightModel | undefined;
  // Before those of the suite: hooks after the tests run in the order in which they are declared.
  afterAll(() => model?.[Symbol.asyncDispose]());
  const suite = lightSuite(label);
  beforeAll(async () => {
    const made = await suite.model();
    model = made;
    await made.explain(`${units} units`, async () => {
      await made.deploy(units);
      await made.healthy(units);
      await take(made);
    });
  });
  return suite.seed;
}
