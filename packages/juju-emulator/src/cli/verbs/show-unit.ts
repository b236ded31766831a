import type { Relation, Unit, World } from '../../model';
import { comparePortRanges, formatPortRange, otherSide, relationsOf, remoteMembers, sideOf, unitOf } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { sortKeys } from '../tasks/task-output';

export interface ShowUnitFilter {
  readonly endpoint?: string;
  readonly relatedUnit?: string;
  readonly app?: boolean;
}

const nonEmpty = (record: Record<string, unknown>): boolean => Object.keys(record).length > 0;

function relationInfo(
  world: World,
  unit: Unit,
  relation: Relation,
  filter: ShowUnitFilter,
): Record<string, unknown> | undefined {
  const own = sideOf(relation, unit.application);
  const other = otherSide(relation, unit.application);
  if (own === undefined || other === undefined || (filter.endpoint !== undefined && filter.endpoint !== own.endpoint))
    return undefined;
  const related = remoteMembers(world, relation.id, unit).filter(
    (name) => filter.relatedUnit === undefined || filter.relatedUnit === name,
  );
  const applicationData = sortKeys(relation.appBags[other.application] ?? {});
  const entry = (name: string): Record<string, unknown> => {
    const data = sortKeys(relation.unitBags[name] ?? {});
    return { 'in-scope': relation.inScope.includes(name), ...(nonEmpty(data) ? { data } : {}) };
  };
  return {
    'relation-id': relation.id,
    endpoint: own.endpoint,
    'related-endpoint': other.endpoint,
    'application-data': applicationData,
    ...(filter.app === true || filter.relatedUnit !== undefined ? {} : { 'local-unit': entry(unit.name) }),
    ...(filter.app === true || related.length === 0
      ? {}
      : { 'related-units': Object.fromEntries(related.map((name) => [name, entry(name)])) }),
  };
}

/** `juju show-unit`: the unit with the bags of its relations. */
export function showUnitDocument(world: World, name: string, filter: ShowUnitFilter = {}): Record<string, unknown> {
  const unit = unitOf(world, name);
  const application = world.applications[unit.application];
  const ports = [...new Set(Object.values(unit.openPorts).flat().sort(comparePortRanges).map(formatPortRange))];
  const relations = relationsOf(world, unit.application).flatMap(
    (relation) => relationInfo(world, unit, relation, filter) ?? [],
  );
  return {
    ...(unit.workloadVersion === '' ? {} : { 'workload-version': unit.workloadVersion }),
    machine: unit.machine,
    'opened-ports': ports,
    'public-address': world.machines[unit.machine]?.address ?? '',
    charm: application?.charmUrl ?? '',
    leader: application?.leader === name,
    life: unit.life,
    ...(relations.length === 0 ? {} : { 'relation-info': relations }),
  };
}

export function registerShowUnit(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'show-unit <units...>', 'shows a unit with its relation data')
    .formats('yaml', 'json', 'smart')
    .option('--endpoint <name>', 'only this endpoint')
    .option('--related-unit <unit>', 'only this related unit')
    .option('--app', 'only application data')
    .action(async (units: string[], flags: ShowUnitFilter & { model?: string; format: string }) => {
      const world = await sessionOf(flags).world();
      for (const unit of units) if (world.units[unit] === undefined) throw new CliError(`unit "${unit}" not found`);
      const document = Object.fromEntries(units.map((unit) => [unit, showUnitDocument(world, unit, flags)]));
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });
}
