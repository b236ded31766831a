import type { MachineFaults } from './machine-faults';
import { MachineError } from './machine-error';

const refuse = (operation: string, what: string): Promise<never> =>
  Promise.reject(
    new MachineError('unsupported', operation, `a light machine has no ${what} of its own; use real machines for that`),
  );

/** Light machines share the host's network and disk: nothing of these can be broken for one of them. */
export const lightFaults: MachineFaults = {
  cut: () => refuse('cut a link', 'network'),
  mend: () => Promise.resolve(),
  limitBandwidth: () => refuse('limit the bandwidth', 'network'),
  fillDisk: () => refuse('fill a disk', 'disk'),
  freeDisk: () => Promise.resolve(),
};
