import type { Fault } from '../agent/faults';
import type { Emulator } from './emulator';

/** What `juju-emulator fault` can ask for. */
export type FaultRequest =
  | { readonly what: 'arm'; readonly fault: Fault }
  | { readonly what: 'clear' }
  | { readonly what: 'move-leader'; readonly application: string; readonly unit: string }
  | { readonly what: 'kill-agent' | 'hold' | 'release'; readonly unit: string }
  | {
      readonly what:
        | 'stop-machine'
        | 'start-machine'
        | 'reboot-machine'
        | 'destroy-machine'
        | 'freeze-machine'
        | 'thaw-machine'
        | 'cut-link'
        | 'mend-link';
      readonly machine: string;
    };

/** Carries out what the operator asked for. */
export async function runFault({ controller }: Emulator, request: FaultRequest): Promise<void> {
  switch (request.what) {
    case 'arm':
      controller.options.journal.write('fault armed', request.fault.unit, { ...request.fault });
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
    case 'thaw-machine':
    case 'cut-link':
    case 'mend-link': {
      const machine = controller.machine(request.machine);
      controller.options.journal.write(`fault: ${request.what}`, undefined, { machine: request.machine });
      if (request.what === 'freeze-machine') return machine.freeze();
      if (request.what === 'thaw-machine') return machine.thaw();
      return machine.setLink(request.what === 'mend-link');
    }
  }
}
