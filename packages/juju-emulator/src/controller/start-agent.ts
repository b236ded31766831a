import { MachineExecutor } from '../agent/machine-executor';
import type { FaultPlan } from '../agent/faults';
import { type SeededTurns, freeTurns } from '../agent/turns';
import { UnitAgent } from '../agent/unit-agent';
import type { Machine } from '../machines/machine';
import { agentStarts } from '../model';
import type { Mutex } from '../store/mutex';
import type { Random } from '../store/random';
import { seededOrder } from '../uniter';
import type { ControllerOptions } from './model-controller';

export interface NewAgent {
  readonly unit: string;
  readonly machine: Machine;
  /** One hook at a time on the machine. */
  readonly lock: Mutex;
  readonly random: Random;
  readonly faults: FaultPlan;
  /** One agent at a time; undefined = all at once. */
  readonly turns: SeededTurns | undefined;
  readonly onChange: () => void;
  readonly reboot: () => void;
}

/** Starts the agent of a unit on its machine. */
export function startAgent(options: ControllerOptions, given: NewAgent): UnitAgent {
  const { unit, machine, turns } = given;
  const random = turns?.randomFor(unit) ?? given.random;
  const agent: UnitAgent = new UnitAgent(unit, {
    ...options,
    ...given,
    random,
    turns: turns ?? freeTurns,
    retryClock: turns ?? options.clock,
    order: seededOrder(random.pick(2 ** 31)),
    executor: new MachineExecutor(unit, {
      ...options,
      machine,
      faults: given.faults,
      members: (relationId) => agent.relations.members(relationId),
      inScope: (relationId) => agent.relations.inScope(relationId),
      knownLife: (relationId) => agent.relations.life(relationId),
      die: () => agent.die(),
    }),
  });
  const now = options.clock.now().toISOString();
  options.store.change((world) => agentStarts(world, unit, now));
  agent.start();
  return agent;
}
