import type { RelationAnswer, UnitInfoAnswer } from '../../model';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';

export interface ShowUnitFilter {
  readonly endpoint?: string;
  readonly relatedUnit?: string;
  readonly app?: boolean;
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** One relation; json shows a local unit that is not told as an empty one (Go's omitempty does not drop structs there). */
function relationInfo(
  relation: RelationAnswer,
  own: string,
  filter: ShowUnitFilter,
  isJson: boolean,
): Record<string, unknown> {
  const withUnits = filter.app !== true;
  const units = Object.entries(withUnits ? relation.UnitRelationData : {});
  const entry = ([, { InScope, UnitData }]: (typeof units)[number]): Record<string, unknown> => ({
    'in-scope': InScope,
    data: new MapDocument(UnitData ?? {}),
  });
  const local = units.find(([name]) => name === own && filter.relatedUnit === undefined);
  const related = units.filter(
    ([name]) => name !== own && (filter.relatedUnit === undefined || filter.relatedUnit === name),
  );
  return {
    'relation-id': relation.RelationId,
    endpoint: relation.Endpoint,
    'related-endpoint': relation.RelatedEndpoint,
    'application-data': new MapDocument(relation.ApplicationData),
    ...(local !== undefined
      ? { 'local-unit': entry(local) }
      : isJson
        ? { 'local-unit': { 'in-scope': false, data: null } }
        : {}),
    ...(related.length === 0
      ? {}
      : { 'related-units': new MapDocument(Object.fromEntries(related.map((each) => [each[0], entry(each)]))) }),
  };
}

/** `juju show-unit`: the unit with the bags of its relations. */
export function showUnitDocument(
  name: string,
  unit: UnitInfoAnswer,
  filter: ShowUnitFilter,
  isJson: boolean,
): Record<string, unknown> {
  const relations = (unit.RelationData ?? [])
    .filter((relation) => filter.endpoint === undefined || filter.endpoint === relation.Endpoint)
    .map((relation) => relationInfo(relation, name, filter, isJson));
  return {
    ...(unit.WorkloadVersion === '' ? {} : { 'workload-version': unit.WorkloadVersion }),
    ...(unit.Machine === '' ? {} : { machine: unit.Machine }),
    'opened-ports': unit.OpenedPorts,
    ...(unit.PublicAddress === '' ? {} : { 'public-address': unit.PublicAddress }),
    charm: unit.Charm,
    leader: unit.Leader,
    ...(unit.Life === '' ? {} : { life: unit.Life }),
    ...(isEmpty(relations) ? {} : { 'relation-info': relations }),
  };
}

export function registerShowUnit(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'show-unit <units...>', 'Displays information about a unit.')
    .option('--endpoint <name>', 'Only show relation data for the specified endpoint')
    .option('--related-unit <unit>', 'Only show relation data for the specified unit')
    .option('--app', 'Only show application relation data')
    .formats('yaml', 'json', 'smart')
    .missing('an unit name must be supplied')
    .examples(
      'juju show-unit mysql/0',
      'juju show-unit mysql/0 --endpoint db',
      'juju show-unit mysql/0 --related-unit web/2',
    )
    .seeAlso('add-unit', 'remove-unit', 'show-application')
    .action(async (units: string[], flags: ShowUnitFilter & { model?: string; format: string }) => {
      const wrong = units.filter((unit) => !/^[a-z][a-z0-9-]*\/\d+$/.test(unit));
      if (wrong.length > 0) throw new CliError(`unit names: ${wrong.join(', ')} not valid`, 2);
      const session = sessionOf(flags);
      const isJson = flags.format === 'json';
      const entries: [string, unknown][] = [];
      for (const unit of units)
        entries.push([unit, showUnitDocument(unit, await session.ask('unitInfo', { unit }), flags, isJson)]);
      const document = new MapDocument(Object.fromEntries(entries));
      terminal.out(isJson ? toJson(document) : toYaml(document));
    });
}
