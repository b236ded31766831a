import { ascendingOrder, type Order } from '../../src/uniter';
import { TraceAgent } from '../../src/verify/trace-agent';
import { type Change, hookLine } from '../../src/verify/trace-format';

export interface Played {
  /** Per step: the hooks in one line each. */
  readonly hooks: string[][];
  readonly ends: string[];
  readonly statuses: string[][];
}

export interface Unit {
  readonly leader?: boolean;
  readonly subordinate?: boolean;
  readonly charmSetsStatus?: boolean;
}

/** An agent of `app/0` whose changes are those of the recordings' vocabulary. */
export function scriptedUnit(
  atDeploy: readonly Change[] = [],
  unit: Unit = {},
  order: Order = ascendingOrder,
): TraceAgent {
  const leader: Change[] = unit.leader === true ? [{ do: 'leader', value: true }] : [];
  return new TraceAgent(
    {
      unit: 'app/0',
      charm: 'local:app-0',
      config: 'cfg-0',
      model: 'machine',
      changes: [...leader, ...atDeploy],
      ...(unit.charmSetsStatus === true ? { charmSetsStatus: true } : {}),
      ...(unit.subordinate === true ? { subordinateTo: 'principal/0' } : {}),
    },
    order,
  );
}

/** Deploys with `atDeploy` in the model, then plays the steps. */
export function play(
  atDeploy: readonly Change[],
  steps: readonly (readonly Change[])[],
  unit: Unit = {},
  order?: Order,
): Played {
  const agent = scriptedUnit(atDeploy, unit, order);
  const results = [null, ...steps].map((changes) => agent.step(changes));
  return {
    hooks: results.map((result) => result.hooks.map(hookLine)),
    ends: results.map((result) => result.end),
    statuses: results.map((result) => result.statuses),
  };
}

const address = (unit: string) => ({ 'ingress-address': `10.0.0.${unit.slice(unit.indexOf('/') + 1)}` });

export const peer: Change = { do: 'relate', rel: 0, endpoint: 'cluster', role: 'peer', interface: 'cluster' };
export const db: Change = { do: 'relate', rel: 1, endpoint: 'db', role: 'requirer', interface: 'pgsql', app: 'pg' };
export const cache: Change = {
  do: 'relate',
  rel: 2,
  endpoint: 'cache',
  role: 'requirer',
  interface: 'redis',
  app: 'redis',
};
export const enters = (rel: number, unit: string): Change => ({
  do: 'remote-unit-enters',
  rel,
  unit,
  bag: address(unit),
});
export const leaves = (rel: number, unit: string): Change => ({ do: 'remote-unit-leaves', rel, unit });
export const sets = (rel: number, unit: string, k: string): Change => ({
  do: 'remote-unit-sets',
  rel,
  unit,
  bag: { ...address(unit), k },
});
export const appSets = (rel: number, app: string, a: string): Change => ({
  do: 'remote-app-sets',
  rel,
  app,
  bag: { a },
});
export const dying: Change = { do: 'unit-dying' };
export const relationDying = (rel: number): Change => ({ do: 'relation-dying', rel });
export const config = (value: string): Change => ({ do: 'config', value });
export const leader = (value: boolean): Change => ({ do: 'leader', value });
export const action = (id: string): Change => ({ do: 'action', id, name: 'backup' });
export const exec: Change = { do: 'juju-exec', name: 'hostname' };
export const tick: Change = { do: 'update-status-tick' };
export const retry: Change = { do: 'retry-timer-fires' };
export const resolved = (value: 'retry' | 'no-retry'): Change => ({ do: 'resolved', value });
export const fails = (hook: string, count = 1): Change => ({ do: 'hook-will-fail', hook, count });
export const during = (hook: string, ...changes: Change[]): Change => ({ do: 'during-hook', hook, changes });
export const storage = (id: string, attached: boolean): Change => ({ do: 'storage-add', storage: id, attached });
export const refresh = (revision: number): Change => ({ do: 'refresh', value: `local:app-${String(revision)}` });
export const restart: Change = { do: 'agent-restart' };
export const reboot: Change = { do: 'machine-reboot' };
