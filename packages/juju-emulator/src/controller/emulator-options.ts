import type { MachineHost } from '../machines';
import type { Clock } from '../store/clock';

export interface EmulatorOptions {
  /** Decides whatever Juju leaves open; printed by whoever tests with it. */
  readonly seed: number;
  /** Machines as plain private directories: no root, no isolation, fast. */
  readonly light?: boolean;
  readonly model?: string;
  /** By default a random one. Ids of secrets and storage follow from it. */
  readonly modelUuid?: string;
  /** JUJU_VERSION: `4.1-beta2` (default), or `3.6` with leadership settings (unverified). */
  readonly agentVersion?: string;
  /** Retry delays of failed hooks times this (Juju: 5 s to 5 min). Default 1, in light mode 0.01. */
  readonly retryFactor?: number;
  /** Seconds between update-status hooks; 0 (default here) = only on `tick`. */
  readonly updateStatusInterval?: number;
  /** How long a stopped machine's unit stays leader, milliseconds. */
  readonly leaseMs?: number;
  /** Juju's measured pauses instead of none. */
  readonly jujuTiming?: boolean;
  /** Agents act one at a time, in an order from the seed: the same commands give the same hooks, and the journal can be replayed. */
  readonly oneAtATime?: boolean;
  readonly clock?: Clock;
  /** Keep world, logs and charms here instead of in a temporary directory. */
  readonly directory?: string;
  readonly host?: MachineHost;
  readonly onProgress?: (line: string) => void;
}

export interface DeployOptions {
  readonly name?: string;
  readonly units?: number;
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Resource name -> path of a file. */
  readonly resources?: Readonly<Record<string, string>>;
  readonly base?: string;
  readonly channel?: string;
  readonly trust?: boolean;
  /** Machine ids for the first units. */
  readonly to?: readonly string[];
  /** Storage name -> directive (`loop,1G,2`). */
  readonly storage?: Readonly<Record<string, string>>;
  /** Ids of existing storage for the only unit. */
  readonly attachStorage?: readonly string[];
}
