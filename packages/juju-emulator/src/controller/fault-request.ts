import type { Fault } from '../agent/faults';
import type { CutDirection } from '../machines/machine-faults';
import type { Emulator } from './emulator';

/** What `juju-emulator fault` can ask for. Machines are named by their numbers. */
export type FaultRequest =
  | { readonly what: 'arm'; readonly fault: Fault }
  | { readonly what: 'clear' }
  | { readonly what: 'move-leader'; readonly application: string; readonly unit: string }
  | { readonly what: 'kill-agent' | 'hold' | 'release'; readonly unit: string }
  | { readonly what: MachineFault; readonly machine: string }
  | {
      readonly what: 'cut-link';
      readonly machine: string;
      readonly direction: CutDirection;
      /** The other machine; without it, everybody. */
      readonly peer?: string;
    }
  | { readonly what: 'limit-bandwidth'; readonly machine: string; readonly bitsPerSecond?: number }
  | { readonly what: 'fill-disk'; readonly machine: string; readonly path: string; readonly leaveBytes: number };

/** Faults that need nothing but a machine. */
export const machineFaults = [
  'stop-machine',
  'start-machine',
  'reboot-machine',
  'destroy-machine',
  'freeze-machine',
  'thaw-machine',
  'unplug',
  'plug',
  'mend-link',
  'free-disk',
] as const;
export type MachineFault = (typeof machineFaults)[number];

/** Carries out what the operator asked for. */
export async function runFault({ controller }: Emulator, request: FaultRequest): Promise<void> {
  const { journal } = controller.options;
  const onMachine = (id: string) => {
    const { what, ...detail } = request;
    const machine = controller.machine(id);
    journal.write(`fault: ${what}`, undefined, detail);
    return machine;
  };
  switch (request.what) {
    case 'arm':
      journal.write('fault armed', request.fault.unit, { ...request.fault });
      controller.faults.arm(request.fault);
      return;
    case 'clear':
      controller.faults.clear();
      return;
    case 'move-leader':
      controller.moveLeader(request.application, request.unit);
      return;
    case 'kill-agent':
      return controller.killAgent(request.unit);
    case 'hold':
    case 'release':
      controller.hold(request.unit, request.what === 'hold');
      return;
    case 'stop-machine':
      return controller.machines.stop(request.machine);
    case 'start-machine':
      return controller.machines.start(request.machine);
    case 'reboot-machine':
      return controller.machines.reboot(request.machine);
    case 'destroy-machine':
      return controller.machines.destroy(request.machine);
    case 'freeze-machine':
      return onMachine(request.machine).freeze();
    case 'thaw-machine':
      return onMachine(request.machine).thaw();
    case 'unplug':
    case 'plug':
      return onMachine(request.machine).setLink(request.what === 'plug');
    case 'cut-link': {
      const peer = request.peer === undefined ? undefined : controller.machine(request.peer).address;
      return onMachine(request.machine).faults.cut(request.direction, peer);
    }
    case 'mend-link':
      return onMachine(request.machine).faults.mend();
    case 'limit-bandwidth':
      return onMachine(request.machine).faults.limitBandwidth(request.bitsPerSecond);
    case 'fill-disk':
      await onMachine(request.machine).faults.fillDisk(request.path, request.leaveBytes);
      return;
    case 'free-disk':
      return onMachine(request.machine).faults.freeDisk();
  }
}
