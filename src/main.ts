import { lineTracer, nullTracer, runCharm } from '@juju/charm-helpers-ts';
import { createCharm } from './charm';
import { selfTest } from './self-test';
import { machineWiring } from './wiring';

/** The packed charm's entry: one hook, action or exec, or `--self-test`. Gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--self-test')) return selfTest((line) => process.stdout.write(`${line}\n`));
  // For whoever measures or looks for a fault: what happens in the hook, one JSON line each, on stderr. Counted from the process's start.
  const tracing = (process.env['CHARM_TRACE'] ?? '') !== '';
  const tracer = tracing
    ? lineTracer(
        (line) => process.stderr.write(`${line}\n`),
        () => performance.now(),
      )
    : nullTracer;
  return runCharm(() => createCharm(machineWiring), { tracer });
}
