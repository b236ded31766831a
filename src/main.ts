import { runCharm } from '@juju/charm-helpers-ts';
import { createCharm } from './charm';
import { selfTest } from './self-test';
import { machineWiring } from './wiring';

/** The packed charm's entry: one hook, action or exec, or `--self-test`. Gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--self-test')) return selfTest((line) => process.stdout.write(`${line}\n`));
  return runCharm(() => createCharm(machineWiring));
}
