import type { UnitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import {
  beginRecovery,
  hasNothingToRecover,
  recoveryRefusal,
  stepsToRecover,
  type RecoveryRequest,
} from '../../src/domain/plan-recover';
import { apply } from '../../src/domain/simulate/apply-step';
import { hasQuorum } from '../../src/domain/simulate/cluster';
import { observe } from '../../src/domain/simulate/observe';
import type { Transaction } from '../../src/domain/simulate/transaction';
import type { SimulatedUnit, World } from '../../src/domain/simulate/world';
import { chance, pick, type Draw } from './draw';
import type { Surroundings } from './rounds';
import { showStep } from './show-step';
import { underWay } from './under-way';

/** How often an action looks for a majority before it says that there is none. */
const looks = 3;

/** Units whose machines give no sign: the operator has pulled their plugs, or believes so. */
const away = (world: World): readonly UnitName[] =>
  [...world.units.values()].filter(({ machineUp }) => !machineUp).map(({ name }) => name);

/** What an operator may say in the middle of it all. */
export function drawRequest(draw: Draw, world: World): RecoveryRequest {
  const there = [...world.units.values()].filter(({ machineUp }) => machineUp).map(({ name }) => name);
  return {
    wanted: pick(draw, ['auto', 'auto', 'auto', 'survivor', 'snapshot', 'files'] as const) ?? 'auto',
    failed: chance(draw, 80) ? away(world) : [],
    masters: chance(draw, 15) ? there.filter(() => chance(draw, 60)) : [],
    bump: chance(draw, 50),
  };
}

/** What one says who has read what the status says, at the so-many'th try. */
export const lastResort = (world: World, tries: number): RecoveryRequest => ({
  wanted: tries < 3 ? 'auto' : 'files',
  failed: away(world),
  masters: [],
  bump: true,
});

/** No cluster agrees, or a recreation does not end: an operator would do something now. */
export function needsRecovery(world: World): boolean {
  const { founding } = world.application;
  const recreation = underWay(world);
  if (founding === null || ![...world.units.values()].some(({ machineUp }) => machineUp)) return false;
  const serves = (token: string): boolean => {
    const cluster = world.clusters.get(token);
    return cluster !== undefined && hasQuorum(world, cluster);
  };
  // One whose new cluster serves has nothing to be recovered; what it waits for are machines.
  if (recreation !== null) return !serves(recreation.token) || away(world).length === 0;
  return ![...world.clusters.values()].some((cluster) => hasQuorum(world, cluster));
}

/** Whether an operator can begin nothing before machines are back: one that is being removed waits for what is off, and may be all there is. */
export function waitsForMachines(world: World): boolean {
  const there = [...world.units.values()].filter(({ machineUp }) => machineUp);
  return away(world).length > 0 && there.some(({ dying }) => dying);
}

/** Its cluster was given up while its machine was away, and it came back only for its `stop`, in which nothing can tell it. */
export const isGivenUp = ({ application }: World, { disk }: SimulatedUnit): boolean =>
  disk.data !== null && disk.data.generation < (application.founding?.generation ?? 0);

/** An operator's `recover-quorum` on this unit, one step at a time, as src/actions/recover-quorum-action.ts does it. */
export function* recoverRounds(
  { world, doubt, log, check }: Surroundings,
  unit: SimulatedUnit,
  transaction: Transaction,
  request: RecoveryRequest,
): Iterator<'step'> {
  let observed: Observed = observe(world, transaction, doubt());
  for (let count = 0; count < looks; count++) {
    const refusal = unit.disk.installed ? recoveryRefusal(observed, request) : 'etcd is not installed';
    if (refusal !== null) return log(`  refused: ${refusal}`);
    if (hasNothingToRecover(observed)) return log('  refused: the cluster has quorum');
    yield 'step';
    observed = observe(world, transaction, doubt());
  }
  const late = recoveryRefusal(observed, request);
  if (late !== null) return log(`  refused: ${late}`);
  for (const step of stepsToRecover(observed, beginRecovery(observed, request))) {
    log(`  ${unit.name} recover-quorum: ${showStep(step)}`);
    check(unit, observed, step, false);
    apply(world, transaction, step);
    yield 'step';
  }
}
