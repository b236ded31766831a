import { CharmError } from '../domain/errors';
import type { StepOf } from '../domain/step';
import { firstAnswering } from './execute-cluster';
import type { Execution } from './execution';

/** A key that has the value already counts as written: an earlier try may have lost its answer. */
export async function putClusterState(step: StepOf<'put-cluster-state'>, execution: Execution): Promise<void> {
  const { key, value, expected } = step;
  const keys = await execution.keys();
  const outcome = await firstAnswering(step.via, 'put', (endpoint) => keys.put(endpoint, key, value, expected));
  if (outcome.written || outcome.present?.value.toString('utf8') === value) return;
  throw new CharmError({
    code: 'ETCD_REFUSED',
    operation: 'put cluster state',
    message: `${key} was changed by someone else meanwhile and stays as it is: look at it with check-cluster-state, then run the action again.`,
    retryable: false,
  });
}
