import { toldWorkload } from './full-status';
import { isPeer, otherSide, sideOf } from './relation';
import type { World } from './world';
import { relationsOf, unitOf, unitsOf } from './world';

export interface GoalStatus {
  readonly status: string;
  readonly since: string;
}

export interface GoalStateView {
  readonly units: Record<string, GoalStatus>;
  readonly relations: Record<string, Record<string, GoalStatus>>;
}

/** What `goal-state` tells: all units that are planned (dying ones say so) and, by endpoint, what is related. */
export function goalState(world: World, unit: string): GoalStateView {
  const { application } = unitOf(world, unit);
  const relations: Record<string, Record<string, GoalStatus>> = {};
  for (const relation of relationsOf(world, application)) {
    const own = sideOf(relation, application);
    const remote = otherSide(relation, application);
    // Peer relations are not listed (recorded on a real controller: an application with peers alone has `relations: {}`).
    if (own === undefined || remote === undefined || isPeer(relation)) continue;
    const entries = (relations[own.endpoint] ??= {});
    entries[remote.application] = { status: relation.status.status, since: relation.status.since };
    Object.assign(entries, unitGoals(world, remote.application, unit));
  }
  return { units: unitGoals(world, application, unit), relations };
}

/** Of subordinates' units only those beside the asking unit: recorded, not even a subordinate's own one is listed. */
function unitGoals(world: World, application: string, asking: string): Record<string, GoalStatus> {
  const goals: Record<string, GoalStatus> = {};
  for (const unit of unitsOf(world, application)) {
    if (unit.life === 'dead' || (unit.principal !== '' && unit.principal !== asking)) continue;
    const { status, since } = toldWorkload(world, unit);
    goals[unit.name] = { status: unit.life === 'dying' ? 'dying' : status, since };
  }
  return goals;
}
