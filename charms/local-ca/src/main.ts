import { runCharm } from '@juju/charm-helpers-ts';

/** `--self-test` loads everything that is otherwise loaded late: packing checks with it that the bundle is whole. */
async function main(args: readonly string[]): Promise<number> {
  const load = () => import('./charm');
  if (!args.includes('--self-test')) return runCharm(async () => (await load()).charm);
  const [{ charm }, { Authority }] = await Promise.all([load(), import('./authority')]);
  const whole = typeof charm === 'function' && typeof Authority === 'function';
  console.log(whole ? 'ok' : 'the charm is missing in its bundle');
  return whole ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
