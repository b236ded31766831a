import { desiredFrom, type Desired } from '../../src/domain/desired';
import type { Observed } from '../../src/domain/observed';
import {
  beginRestore,
  isAlone,
  restoreAlone,
  restoreRefusal,
  stepsToBegin,
  type RestoreRequest,
} from '../../src/domain/plan-restore';
import { apply } from '../../src/domain/simulate/apply-step';
import { observe } from '../../src/domain/simulate/observe';
import { settleEtcd } from '../../src/domain/simulate/process';
import type { Transaction } from '../../src/domain/simulate/transaction';
import type { SimulatedUnit } from '../../src/domain/simulate/world';
import type { Step } from '../../src/domain/step';
import type { Surroundings } from './rounds';
import { showStep } from './show-step';

/** How often an action looks again before it gives up. */
const patience = 10;

/** What the model's operator restores; its data are made by the action, or by a hook. */
const snapshot = {
  snapshot: { sha256: 'aa', revision: 5n, keys: 1, hash: 1 },
  db: '/var/lib/etcd/recreation/snapshot.db',
  size: 1,
  hasHash: true,
};

/** An operator's `restore` on this unit, one step at a time, as src/actions/restore.ts does it. */
export function* restoreRounds(
  { world, doubt, log, check }: Surroundings,
  unit: SimulatedUnit,
  transaction: Transaction,
  how: Pick<RestoreRequest, 'bump' | 'made'>,
): Iterator<'step'> {
  const request: RestoreRequest = { ...snapshot, ...how };
  const look = (): Observed => observe(world, transaction, doubt());
  let observed = look();
  const refusal = unit.disk.installed ? restoreRefusal(observed) : 'etcd is not installed';
  if (refusal !== null) return log(`  refused: ${refusal}`);
  const perform = (step: Step): void => {
    log(`  ${unit.name} restore: ${showStep(step)}`);
    // What it saw before it planned this may have been more than what answers just now.
    check(unit, observe(world, transaction, new Set()), step, false);
    const notNow = apply(world, transaction, step);
    if (notNow !== null) log(`    not now: ${notNow.notNow}`);
  };
  if (!isAlone(observed)) {
    for (const step of stepsToBegin(observed, beginRestore(observed, request), request)) {
      perform(step);
      yield 'step';
    }
    return;
  }
  const { desired } = desiredFrom(observed.config);
  const running = restoreAlone(observed, desired as Desired, request);
  let waits = 0;
  for (let next = running.next(); next.done !== true; next = running.next((observed = look()))) {
    if (next.value.kind !== 'wait') perform(next.value);
    else if (++waits > patience) return log(`  failed: waited ${next.value.why}`);
    settleEtcd(world);
    yield 'step';
  }
}
