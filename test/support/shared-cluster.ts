import { LightCharms } from './light-charm';
import { LightModel } from './light-model';

/**
 * Makes a healthy cluster of light units before the tests of a file, and removes it after them. `take` gets it, and may prepare it.
 * @returns the seed, which is printed.
 */
export function sharedCluster(units: number, take: (model: LightModel) => void | Promise<void>): number {
  const seed = Number(process.env['LIGHT_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
  let charms: LightCharms | undefined;
  let model: LightModel | undefined;
  beforeAll(async () => {
    process.stderr.write(`light: seed ${seed} (LIGHT_SEED=${seed} repeats it)\n`);
    charms = LightCharms.make();
    const made = await LightModel.create(charms, { seed });
    model = made;
    await made.explain(`${units} units`, async () => {
      await made.deploy(units);
      await made.healthy(units);
      await take(made);
    });
  });
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
    charms?.remove();
  });
  return seed;
}
