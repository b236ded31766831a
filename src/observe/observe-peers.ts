import { isUnitName, type HookContext, type HookTools } from '@juju/charm-helpers-ts';
import { unitName } from '../domain/ids';
import type { PeerFacts, PlannedUnit } from '../domain/observed';
import { parsePeerApplicationBag, parsePeerUnitBag } from '../ports/peer-bags';
import type { PendingWrites } from '../ports/pending-writes';
import { probing } from './probing';

/** The `cluster` relation: who is planned, who is there, who said what. */
export async function observePeers(context: HookContext, tools: HookTools, pending: PendingWrites): Promise<PeerFacts> {
  const [planned, ids] = await Promise.all([probing(() => plannedUnits(tools)), tools.relationIds('cluster')]);
  const relation = ids[0];
  if (relation === undefined) {
    return {
      relationId: null,
      planned,
      present: [],
      own: { value: parsePeerUnitBag({}), pending: false },
      others: new Map(),
      application: { value: parsePeerApplicationBag({}), pending: false },
    };
  }
  const [present, own, application] = await Promise.all([
    tools.relationList({ relation }),
    tools.relationGet({ relation, unit: context.unit }),
    tools.relationGet({ relation, application: context.application }),
  ]);
  const others = await Promise.all(
    present.map(async (unit) => [unit, parsePeerUnitBag(await tools.relationGet({ relation, unit }))] as const),
  );
  return {
    relationId: relation,
    planned,
    present: present.map(unitName),
    own: { value: parsePeerUnitBag(own), pending: pending.peerUnit },
    others: new Map(others),
    application: { value: parsePeerApplicationBag(application), pending: pending.peerApplication },
  };
}

async function plannedUnits(tools: HookTools): Promise<readonly PlannedUnit[]> {
  const { units } = await tools.goalState();
  return Object.entries(units)
    .filter(([name]) => isUnitName(name))
    .map(([name, goal]) => ({ unit: unitName(name), dying: goal.status === 'dying' }));
}
