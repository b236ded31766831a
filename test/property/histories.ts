import { planners as allPlanners, type Planner } from '../../src/domain/plan';
import { drawFrom } from './draw';
import { ModelJuju } from './model-juju';
import { lives, type Life } from './odds';
import { isLost, problem, summary } from './outcome';
import { Tally } from './tally';
import { needsRecovery, waitsForMachines } from './recover-rounds';

/** One history of a model: how many units at first, and how many events before the faults stop. */
export interface Scenario {
  readonly seed: number;
  readonly units: number;
  readonly events: number;
  /** usual where none is named. */
  readonly life?: Life;
}

/** How many lines of the history an error tells. */
const told = Number(process.env['TRACE'] ?? 120);

/**
 * Plays one history to its end. `lost` is one in which most voters' disks were destroyed, which only an operator can cure.
 * `refusals` false: etcd takes every removal at once, and no restore begins with data that are made already.
 * @throws with the end of the history, where a rule was broken or it does not end well.
 */
export function live(
  { seed, units, events, life = 'usual' }: Scenario,
  planners: readonly Planner[] = allPlanners,
  refusals = true,
  tally = new Tally(),
): 'well' | 'lost' {
  const recovers = life === 'recovering' || life === 'struck';
  const juju = new ModelJuju(drawFrom(seed), planners, refusals, recovers, tally);
  try {
    for (let count = 0; count < units; count++) juju.addUnit();
    // Most histories of restores begin with a cluster.
    const restores = life === 'restoring';
    if (life === 'struck' || ((restores || recovers) && seed % 4 > 0)) juju.settle();
    juju.chaos(events, lives[life]);
    juju.settle();
    if (restores && juju.world.units.size > 0 && !isLost(juju.world)) {
      juju.restore();
      juju.settle();
    }
    if (recovers) {
      if (needsRecovery(juju.world) && !waitsForMachines(juju.world))
        throw new Error(`not recovered: ${summary(juju.world)}`);
      juju.comeBack(true);
      juju.settle();
      if (needsRecovery(juju.world)) throw new Error(`not recovered with all machines: ${summary(juju.world)}`);
    } else if (isLost(juju.world)) return 'lost';
    const wrong = problem(juju.world);
    if (wrong !== null) throw new Error(`waits on nothing: ${wrong}`);
    juju.rules.checkQuiet(planners);
    return 'well';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${juju.trace.slice(-told).join('\n')}`, { cause: error });
  }
}
