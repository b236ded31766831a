import { basename, join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { StepOf } from '../domain/step';
import type { Clock } from '../ports/clock';
import { asideMarkerOf } from '../ports/paths';
import { firstAnswering } from './execute-cluster';
import type { Execution } from './execution';

export async function compact(step: StepOf<'compact'>, execution: Execution): Promise<void> {
  const maintenance = await execution.maintenance();
  await firstAnswering(step.via, 'compact', (endpoint) => maintenance.compact(endpoint, step.revision, step.physical));
}

export async function disarmAlarm(step: StepOf<'disarm-alarm'>, execution: Execution): Promise<void> {
  const maintenance = await execution.maintenance();
  await firstAnswering(step.via, 'alarm disarm', (endpoint) => maintenance.disarm(endpoint, step.alarm));
}

/** The marker last: killed between, the data are gone and the marker is told with the next ones of that name, which never come. */
export async function removeAside({ names }: StepOf<'remove-aside'>, { files, paths }: Execution): Promise<void> {
  for (const name of names) {
    if (basename(name) !== name) throw new Error(`"${name}" is not a name`);
    await files.remove(join(paths.aside, name));
    await files.remove(join(paths.aside, asideMarkerOf(name)));
  }
}

/** A third of the turn's life, so that one that is lost on the way does no harm, milliseconds. */
const keepEveryMs = 15_000;
const lookEveryMs = 250;

/** The turn is kept meanwhile through another member: this one answers nobody until it is done. */
export async function defragment(step: StepOf<'defragment'>, execution: Execution): Promise<void> {
  const { clock } = execution;
  const maintenance = await execution.maintenance();
  const { lease } = step;
  if (lease !== null && !(await maintenance.keepTurn(step.endpoint, lease))) {
    throw new CharmError({
      code: 'ETCD_REFUSED',
      operation: 'defragment',
      message: 'The turn of this unit ended before it could defragment; nothing was done: run the action again.',
      retryable: true,
    });
  }
  const working = maintenance.defragment(step.endpoint, step.timeoutMs);
  if (lease === null || step.via.length === 0) return working;
  await during(working, clock, keepEveryMs, async () => {
    await firstAnswering(step.via, 'keep the turn', (endpoint) => maintenance.keepTurn(endpoint, lease));
  });
}

/** Does something now and then while a work goes on; what goes wrong with it does not end the work. */
export async function during(
  working: Promise<void>,
  clock: Clock,
  everyMs: number,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const state = { over: false };
  const ended = working.finally(() => {
    state.over = true;
  });
  const looking = async (): Promise<void> => {
    let last = clock.monotonic();
    while (!state.over) {
      await Promise.race([ended.catch(() => undefined), clock.sleep(lookEveryMs)]);
      if (state.over || clock.monotonic() - last < everyMs) continue;
      last = clock.monotonic();
      await meanwhile().catch(() => undefined);
    }
  };
  await Promise.all([ended, looking()]);
}
