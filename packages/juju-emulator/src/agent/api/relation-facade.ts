import { goalState, isLeader, otherSide, relationKey, relationsOf, sideOf, unitOf } from '../../model';
import { UniterApiError } from '../../tools/api-error';
import type { PortRange } from '../../tools/port-range';
import type { ContextFacts, GoalState, Settings, UniterApi } from '../../tools/uniter-api';
import type { LiveApiPorts } from './live-uniter-api';
import { toToolRange } from './port-ranges';
import type { UnitModel } from './unit-model';

/** Facts of a context, relation data and leadership. */
export function relationFacade(
  model: UnitModel,
  ports: LiveApiPorts,
): Pick<
  UniterApi,
  'contextFacts' | 'isLeader' | 'readSettings' | 'readRemoteSettings' | 'readLocalApplicationSettings' | 'goalState'
> {
  return {
    contextFacts(): Promise<ContextFacts> {
      return model.read('ContextFacts', (world) => {
        const unit = unitOf(world, model.unit);
        const machinePorts: Record<string, Record<string, readonly PortRange[]>> = {};
        for (const other of Object.values(world.units))
          if (other.machine === unit.machine)
            machinePorts[other.name] = Object.fromEntries(
              Object.entries(other.openPorts).map(([endpoint, ranges]) => [endpoint, ranges.map(toToolRange)]),
            );
        return {
          unit: model.unit,
          modelName: world.modelName,
          modelUuid: world.modelUuid,
          machineId: unit.machine,
          principalUnit: unit.principal,
          availabilityZone: '',
          apiAddresses: ports.apiAddresses,
          agentVersion: ports.agentVersion,
          cloudApiVersion: '',
          charmProxy: { http: '', https: '', ftp: '', noProxy: '127.0.0.1,localhost,::1' },
          legacyProxy: { http: '', https: '', ftp: '', noProxy: '' },
          relations: relationsOf(world, unit.application)
            .filter((relation) => ports.inScope(relation.id))
            .map((relation) => ({
              id: relation.id,
              endpoint: sideOf(relation, unit.application)?.endpoint ?? '',
              key: relationKey(relation),
              life: ports.knownLife(relation.id),
              suspended: relation.suspended,
              otherApplication: otherSide(relation, unit.application)?.application ?? '',
              otherModelUuid: world.modelUuid,
              members: ports.members(relation.id),
            })),
          machinePorts,
        };
      });
    },
    isLeader(): Promise<boolean> {
      return Promise.resolve(isLeader(model.world, model.unit));
    },
    readSettings(relationId: number): Promise<Settings> {
      return model.read('ReadSettings', (world) => {
        const bag = world.relations[String(relationId)]?.unitBags[model.unit];
        if (bag === undefined) throw new UniterApiError('not-found', 'ReadSettings', 'relation unit not found');
        return bag;
      });
    },
    readRemoteSettings(relationId: number, name: string): Promise<Settings> {
      return model.read('ReadRemoteSettings', (world) => {
        const relation = world.relations[String(relationId)];
        if (relation === undefined) throw new UniterApiError('not-found', 'ReadRemoteSettings', 'relation not found');
        if (name.includes('/')) {
          const bag = relation.unitBags[name];
          if (bag === undefined) throw new UniterApiError('not-found', 'ReadRemoteSettings', 'relation unit not found');
          return bag;
        }
        if (world.applications[name] === undefined)
          throw new UniterApiError('not-found', 'ReadRemoteSettings', `getting application "${name}" not found`);
        if (sideOf(relation, name) === undefined)
          throw new UniterApiError(
            'not-found',
            'ReadRemoteSettings',
            'getting relation endpoint UUID: application not found in relation',
          );
        return relation.appBags[name] ?? {};
      });
    },
    readLocalApplicationSettings(relationId: number): Promise<Settings> {
      return model.read(
        'ReadLocalApplicationSettings',
        (world) => world.relations[String(relationId)]?.appBags[model.application] ?? {},
      );
    },
    goalState(): Promise<GoalState> {
      return model.read('GoalStates', (world) => goalState(world, model.unit));
    },
  };
}
