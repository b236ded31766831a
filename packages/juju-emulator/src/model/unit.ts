import type { Life } from './life';
import type { PortRange } from './port-range';
import type { StatusInfo } from './status';

/** How a hook in error is to go on: what `juju resolved` asked for. */
export type Resolved = 'none' | 'retry' | 'no-retry';

/** A unit of an application. */
export interface Unit {
  readonly name: string;
  readonly application: string;
  readonly machine: string;
  /** The unit beside which a subordinate's unit sits, on the same machine; empty for a principal. */
  readonly principal: string;
  life: Life;
  workloadStatus: StatusInfo;
  agentStatus: StatusInfo;
  workloadVersion: string;
  /** What charms keep with `state-set`. */
  charmState: Record<string, string>;
  /** Open ranges by endpoint; the empty name stands for all endpoints. */
  openPorts: Record<string, PortRange[]>;
  resolved: Resolved;
  /** The charm URL that the agent has deployed; empty before. */
  charmUrl: string;
  /** Config hash inputs change with these. */
  addressesHash: string;
}
