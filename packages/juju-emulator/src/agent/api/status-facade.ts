import {
  applicationOf,
  isLeader,
  ModelError,
  shownWorkload,
  statusOf,
  toldWorkload,
  unitOf,
  worstStatus,
} from '../../model';
import type { ApplicationStatusInfo, StatusInfo, UniterApi } from '../../tools/uniter-api';
import type { LiveApiPorts } from './live-uniter-api';
import type { UnitModel } from './unit-model';

/** Statuses, the workload version and what the charm keeps. */
export function statusFacade(
  model: UnitModel,
  ports: LiveApiPorts,
): Pick<
  UniterApi,
  'unitStatus' | 'applicationStatus' | 'charmState' | 'setUnitStatus' | 'setApplicationStatus' | 'setWorkloadVersion'
> {
  return {
    unitStatus(): Promise<StatusInfo> {
      return model.read('UnitStatus', (world) => unitOf(world, model.unit).workloadStatus);
    },
    applicationStatus(): Promise<ApplicationStatusInfo> {
      return model.read('ApplicationStatus', (world) => {
        const units = Object.values(world.units).filter((unit) => unit.application === model.application);
        // A failed hook counts for the application; the unit itself still says what its charm said.
        const statuses = units.map((unit) => shownWorkload(world, unit));
        return {
          application: applicationOf(world, model.application).status ?? worstStatus(statuses, model.now()),
          units: Object.fromEntries(units.map((unit) => [unit.name, toldWorkload(world, unit)])),
        };
      });
    },
    charmState(): Promise<Readonly<Record<string, string>>> {
      return model.read('State', (world) => unitOf(world, model.unit).charmState);
    },
    setUnitStatus(status: string, message: string): Promise<void> {
      ports.onStatusSet();
      return model.write('SetUnitStatus', (world) => {
        unitOf(world, model.unit).workloadStatus = statusOf(status, message, model.now());
      });
    },
    setApplicationStatus(status: string, message: string): Promise<void> {
      return model.write('SetApplicationStatus', (world) => {
        if (!isLeader(world, model.unit))
          throw new ModelError('not-leader', 'set application status', 'this unit is not the leader');
        applicationOf(world, model.application).status = statusOf(status, message, model.now());
      });
    },
    setWorkloadVersion(version: string): Promise<void> {
      return model.write('SetWorkloadVersion', (world) => {
        unitOf(world, model.unit).workloadVersion = version;
        applicationOf(world, model.application).workloadVersion = version;
      });
    },
  };
}
