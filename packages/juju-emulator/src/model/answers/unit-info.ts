import { comparePortRanges, formatPortRange } from '../port-range';
import { isPeer, otherSide, sideOf } from '../relation';
import { remoteMembers } from '../scope';
import type { World } from '../world';
import { relationsOf, unitOf } from '../world';

/** One unit's bag in a relation. */
export interface UnitRelationAnswer {
  readonly InScope: boolean;
  readonly UnitData: Readonly<Record<string, string>> | null;
}

/** A relation as one of its units sees it: the other side's bags, of a peer relation the own ones too. */
export interface RelationAnswer {
  readonly RelationId: number;
  readonly Endpoint: string;
  readonly RelatedEndpoint: string;
  readonly ApplicationData: Readonly<Record<string, string>>;
  readonly UnitRelationData: Readonly<Record<string, UnitRelationAnswer>>;
}

/** Juju's UnitInfo: what `juju show-unit` formats. */
export interface UnitInfoAnswer {
  readonly Tag: string;
  readonly WorkloadVersion: string;
  readonly Machine: string;
  readonly OpenedPorts: readonly string[];
  readonly PublicAddress: string;
  readonly Charm: string;
  readonly Leader: boolean;
  readonly Life: string;
  readonly RelationData: readonly RelationAnswer[] | null;
}

/** A unit with the bags of its relations; endpoints in order of their names, as the controller answers them. */
export function unitInfoAnswer(world: World, name: string): UnitInfoAnswer {
  const unit = unitOf(world, name);
  const application = world.applications[unit.application];
  const relations = relationsOf(world, unit.application).flatMap((relation): RelationAnswer[] => {
    const [own, other] = [sideOf(relation, unit.application), otherSide(relation, unit.application)];
    if (own === undefined || other === undefined) return [];
    const shown = [...(isPeer(relation) ? [name] : []), ...remoteMembers(world, relation.id, unit)];
    return [
      {
        RelationId: relation.id,
        Endpoint: own.endpoint,
        RelatedEndpoint: other.endpoint,
        ApplicationData: relation.appBags[other.application] ?? {},
        UnitRelationData: Object.fromEntries(
          shown.map((member) => [
            member,
            { InScope: relation.inScope.includes(member), UnitData: relation.unitBags[member] ?? {} },
          ]),
        ),
      },
    ];
  });
  return {
    Tag: `unit-${name.replace('/', '-')}`,
    WorkloadVersion: unit.workloadVersion,
    Machine: unit.machine,
    OpenedPorts: [...new Set(Object.values(unit.openPorts).flat().sort(comparePortRanges).map(formatPortRange))],
    PublicAddress: world.machines[unit.machine]?.address ?? '',
    Charm: application?.charmUrl ?? '',
    Leader: application?.leader === name,
    Life: unit.life,
    RelationData: relations.sort((a, b) => (a.Endpoint < b.Endpoint ? -1 : a.Endpoint > b.Endpoint ? 1 : 0)),
  };
}
