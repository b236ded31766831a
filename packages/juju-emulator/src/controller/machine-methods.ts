import { machineOf, unitsOn } from '../model';
import type { Method } from './api-server';
import type { Emulator } from './emulator';

/** Parameters of the methods about machines. */
export interface MachineMethodParams {
  readonly addMachine: { readonly count: number; readonly base?: string };
  readonly removeMachine: {
    readonly machine: string;
    readonly force: boolean;
    readonly keepInstance: boolean;
    readonly dryRun: boolean;
  };
}

/** What came of a removal, in the form of Juju's API (params.DestroyMachineInfo). */
export interface DestroyMachineInfo {
  readonly 'machine-id': string;
  readonly 'destroyed-units': readonly { readonly tag: string }[];
}

/** add-machine and remove-machine. */
export function machineMethods(emulator: Emulator): Record<keyof MachineMethodParams, Method> {
  const add = ({ count, base }: MachineMethodParams['addMachine']): Promise<string[]> =>
    emulator.addMachine(count, base);
  const remove = async (request: MachineMethodParams['removeMachine']): Promise<DestroyMachineInfo> => {
    const { world } = emulator;
    const { id } = machineOf(world, request.machine);
    const info = {
      'machine-id': id,
      'destroyed-units': unitsOn(world, id).map((unit) => ({ tag: `unit-${unit.replace('/', '-')}` })),
    };
    if (!request.dryRun) await emulator.removeMachine(id, request);
    return info;
  };
  return { addMachine: add, removeMachine: remove };
}
