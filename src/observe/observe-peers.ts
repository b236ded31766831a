import { isUnitName, type HookContext, type HookTools } from '@juju/charm-helpers-ts';
import { unitName, type UnitName } from '../domain/ids';
import type { PeerFacts, PlannedUnit } from '../domain/observed';
import { parsePeerApplicationBag, parsePeerUnitBag } from '../ports/peer-bags';
import type { PendingWrites } from '../ports/pending-writes';
import { probing } from './probing';

/** The `cluster` relation: who is planned, who is there, who said what. */
export async function observePeers(
  context: HookContext,
  tools: HookTools,
  pending: PendingWrites,
  leadershipAsked: Promise<unknown>,
): Promise<PeerFacts> {
  const asking = probing(() => plannedUnits(tools));
  const [relation] = await tools.relationIds('cluster');
  if (relation === undefined) {
    return {
      relationId: null,
      planned: await asking,
      present: [],
      own: { value: parsePeerUnitBag({}), pending: false },
      others: new Map(),
      application: { value: parsePeerApplicationBag({}), pending: false },
    };
  }
  const bagsOf = async (units: readonly UnitName[]) =>
    Promise.all(
      units.map(
        async (unit) => [unitName(unit), parsePeerUnitBag(await tools.relationGet({ relation, unit }))] as const,
      ),
    );
  const [planned, others, own, application] = await Promise.all([
    asking,
    tools.relationList({ relation }).then(bagsOf),
    tools.relationGet({ relation, unit: context.unit }),
    leadershipAsked.then(() => tools.relationGet({ relation, application: context.application })),
  ]);
  return {
    relationId: relation,
    planned,
    present: others.map(([unit]) => unit),
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
