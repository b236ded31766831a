import type { Step } from '../step';
import { applyToCluster } from './apply-to-cluster';
import { applyToUnit } from './apply-to-unit';
import type { NotNow } from './not-now';
import { settleEtcd } from './process';
import type { Transaction } from './transaction';
import type { World } from './world';

/** Carries a step out on the true world and the hook's transaction. Returns what etcd refused; `fail-hook` is the caller's. */
export function apply(world: World, transaction: Transaction, step: Step): NotNow | null {
  const unit = world.units.get(transaction.unit);
  if (unit === undefined) throw new Error(`${transaction.unit} is gone`);
  applyToUnit(world, unit, transaction, step);
  const refusal = applyToCluster(world, unit, step);
  settleEtcd(world);
  return refusal;
}
