import { isRecord, recordOf, runJson, stringField, unexpected, type ToolOutput } from './output';
import type { HookToolRunner } from './runner';

/** Where Juju wants a unit, an application or a relation to be: `active`, `waiting`, `allocating`, `joined`, `dying` and others. */
export interface Goal {
  readonly status: string;
  /** When that status began, `2026-01-02 03:04:05Z`; empty where Juju does not tell. */
  readonly since: string;
}

export interface GoalState {
  /**
   * The units of the own application that are planned, this one included; a unit that leaves has the status `dying`.
   * For a subordinate Juju gives none (recorded).
   */
  readonly units: Readonly<Record<string, Goal>>;
  /** By endpoint: the applications and the units on the other side. Peer relations are not in it (recorded). */
  readonly relations: Readonly<Record<string, GoalRelation>>;
}

export interface GoalRelation {
  readonly applications: Readonly<Record<string, Goal>>;
  readonly units: Readonly<Record<string, Goal>>;
}

export interface GoalStateTools {
  /** `goal-state`: what is planned, before anybody has joined. */
  goalState(): Promise<GoalState>;
}

export const goalStateTools = (runner: HookToolRunner): GoalStateTools => ({
  goalState: async () => {
    const output = await runJson(runner, 'goal-state', []);
    const { units, relations } = recordOf(output);
    return {
      units: goals(output, units),
      relations: Object.fromEntries(
        Object.entries(isRecord(relations) ? relations : {}).map(([endpoint, value]) => [
          endpoint,
          relation(goals(output, value)),
        ]),
      ),
    };
  },
});

function goals(output: ToolOutput, value: unknown): Readonly<Record<string, Goal>> {
  const result: Record<string, Goal> = {};
  for (const [name, one] of Object.entries(isRecord(value) ? value : {})) {
    if (!isRecord(one)) throw unexpected(output, 'status of a unit or application');
    result[name] = { status: stringField(one, 'status') ?? '', since: stringField(one, 'since') ?? '' };
  }
  return result;
}

/** Juju puts applications and units of a relation into one map; only units have a slash. */
function relation(all: Readonly<Record<string, Goal>>): GoalRelation {
  const entries = Object.entries(all);
  return {
    applications: Object.fromEntries(entries.filter(([name]) => !name.includes('/'))),
    units: Object.fromEntries(entries.filter(([name]) => name.includes('/'))),
  };
}
