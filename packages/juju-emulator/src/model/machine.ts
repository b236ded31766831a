import type { Life } from './life';
import type { StatusInfo } from './status';

/** A machine of the model, as status shows it. The running container is the machine host's affair. */
export interface MachineEntity {
  readonly id: string;
  life: Life;
  /** What it runs, like `ubuntu@24.04`. */
  readonly base: string;
  /** `pending` until it has booted, then `started`; `down` while it is stopped. */
  agentStatus: StatusInfo;
  instanceStatus: StatusInfo;
  hostname: string;
  address: string;
  cidr: string;
  macAddress: string;
  interfaceName: string;
}
