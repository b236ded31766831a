import {
  lineTracer,
  nullTracer,
  prefetchingRunner,
  processHookToolRunner,
  runCharm,
  type Read,
} from '@juju/charm-helpers-ts';

/** What every hook looks at, whatever it is: asked while the rest of the charm is still being loaded. */
export const everyHookReads: readonly Read[] = [
  ['relation-ids', 'cluster', '--format=json'],
  ['relation-ids', 'certificates', '--format=json'],
  ['relation-ids', 'db', '--format=json'],
  ['config-get', '--all', '--format=json'],
  ['is-leader', '--format=json'],
  ['goal-state', '--format=json'],
  ['network-get', 'cluster', '--format=json'],
  ['network-get', 'db', '--format=json'],
  ['resource-get', 'etcd'],
  ['opened-ports', '--endpoints', '--format=json'],
  ['state-get', '--format=json'],
];

/** The packed charm's entry: one hook, action or exec, `--self-test`, the start gate, a scheduled backup, the configuration mirror, or a standby's link. Gives the exit status; undefined for a server that goes on. */
export async function main(args: readonly string[]): Promise<number | undefined> {
  if (args.includes('--self-test')) {
    const { selfTest } = await import('./self-test');
    return selfTest((line) => process.stdout.write(`${line}\n`));
  }
  if (args[0] === 'start-gate') {
    const { startGate } = await import('./gate/main');
    return startGate(args.slice(1));
  }
  if (args[0] === 'backup-run' || args[0] === 'drill-run') {
    const { scheduledProgram } = await import('./backup/main');
    return scheduledProgram(args);
  }
  if (args[0] === 'config-mirror') {
    const { configMirror } = await import('./mirror/main');
    return configMirror(args.slice(1));
  }
  if (args[0] === 'standby-link') {
    const { standbyLink } = await import('./standby/main');
    return standbyLink(args.slice(1));
  }
  // For whoever measures or looks for a fault: what happens in the hook, one JSON line each, on stderr. Counted from the process's start.
  const tracing = (process.env['CHARM_TRACE'] ?? '') !== '';
  const tracer = tracing
    ? lineTracer(
        (line) => process.stderr.write(`${line}\n`),
        () => performance.now(),
      )
    : nullTracer;
  const inAction = (process.env['JUJU_DISPATCH_PATH'] ?? '').startsWith('actions/');
  const runner = prefetchingRunner(processHookToolRunner(process.env), inAction ? [] : everyHookReads);
  const load = async () => {
    const [{ createCharm }, { machineWiring }] = await Promise.all([import('./charm'), import('./wiring')]);
    return createCharm(machineWiring);
  };
  return runCharm(load, { tracer, runner });
}
