import { isUnitName, type HookContext, type HookTools } from '@juju/charm-helpers-ts';
import { unitName, type UnitName } from '../domain/ids';
import type { PeerFacts, PlannedUnit } from '../domain/observed';
import { parsePeerApplicationBag, parsePeerUnitBag } from '../ports/peer-bags';
import type { PendingWrites } from '../ports/pending-writes';
import { probing } from './probing';

/** The `cluster` relation: who is planned, who is there, who said what. */
export async function observePeers(
  context: Pick<HookContext, 'unit' | 'application'>,
  tools: Pick<HookTools, 'relationIds' | 'relationList' | 'relationGet' | 'goalState'>,
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
      unlisted: new Map(),
      application: { value: parsePeerApplicationBag({}), pending: false },
    };
  }
  const bagsOf = async (units: readonly UnitName[]) =>
    Promise.all(
      units.map(
        async (unit) => [unitName(unit), parsePeerUnitBag(await tools.relationGet({ relation, unit }))] as const,
      ),
    );
  /** Settings outlive a unit's time in the relation, so they can be read by name; of one that never joined there are none. */
  const unlistedBags = async (goal: PeerFacts['planned'], listed: readonly (readonly [UnitName, unknown])[]) => {
    const units = goal.known ? goal.value : [];
    const selfLeaves = units.some(({ unit, dying }) => unit === context.unit && dying);
    const names = units
      .filter(({ unit, dying }) => unit !== context.unit && (dying || selfLeaves))
      .map(({ unit }) => unit)
      .filter((unit) => !listed.some(([name]) => name === unit));
    const bags = await Promise.all(names.map((unit) => probing(() => bagsOf([unit]))));
    return new Map(bags.flatMap((bag) => (bag.known ? bag.value : [])));
  };
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
    unlisted: await unlistedBags(planned, others),
    application: { value: parsePeerApplicationBag(application), pending: pending.peerApplication },
  };
}

async function plannedUnits(tools: Pick<HookTools, 'goalState'>): Promise<readonly PlannedUnit[]> {
  const { units } = await tools.goalState();
  return Object.entries(units)
    .filter(([name]) => isUnitName(name))
    .map(([name, goal]) => ({ unit: unitName(name), dying: goal.status === 'dying' }));
}
