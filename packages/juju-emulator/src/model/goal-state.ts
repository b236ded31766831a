import { isPeer, otherSide, sideOf } from './relation';
import type { World } from './world';
import { applicationOf, relationsOf, unitsOf } from './world';

export interface GoalStatus {
  readonly status: string;
  readonly since: string;
}

export interface GoalStateView {
  readonly units: Record<string, GoalStatus>;
  readonly relations: Record<string, Record<string, GoalStatus>>;
}

/** What `goal-state` tells: all units that are planned (dying ones say so) and, by endpoint, what is related. */
export function goalState(world: World, application: string): GoalStateView {
  applicationOf(world, application);
  const relations: Record<string, Record<string, GoalStatus>> = {};
  for (const relation of relationsOf(world, application)) {
    const own = sideOf(relation, application);
    const remote = otherSide(relation, application);
    // Peer relations are not listed (recorded on a real controller: an application with peers alone has `relations: {}`).
    if (own === undefined || remote === undefined || isPeer(relation)) continue;
    const entries = (relations[own.endpoint] ??= {});
    entries[remote.application] = { status: relation.status.status, since: relation.status.since };
    Object.assign(entries, unitGoals(world, remote.application));
  }
  return { units: unitGoals(world, application), relations };
}

function unitGoals(world: World, application: string): Record<string, GoalStatus> {
  const goals: Record<string, GoalStatus> = {};
  for (const unit of unitsOf(world, application)) {
    if (unit.life === 'dead') continue;
    goals[unit.name] = {
      status: unit.life === 'dying' ? 'dying' : unit.workloadStatus.status,
      since: unit.workloadStatus.since,
    };
  }
  return goals;
}
