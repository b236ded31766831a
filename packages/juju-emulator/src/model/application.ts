import type { Life } from './life';
import type { AttachedResource } from './resource';
import type { StatusInfo } from './status';
import type { StoragePlan } from './storage-plan';

export type ConfigValue = string | number | boolean;

/** An application: a charm, its settings and its units. */
export interface Application {
  readonly name: string;
  charmUrl: string;
  /** Bumped by refresh and attach-resource: makes the agents upgrade. */
  charmModifiedVersion: number;
  /** `refresh --force-units`: agents replace the charm even while a hook is in error. */
  forceCharm: boolean;
  base: string;
  channel: string;
  life: Life;
  /** What the operator set; defaults are the charm's. */
  settings: Record<string, ConfigValue>;
  trust: boolean;
  /** Machine constraints, when some were set. */
  constraints?: Readonly<Record<string, string | number>>;
  exposed: boolean;
  resources: Record<string, AttachedResource>;
  /** What each new unit gets. */
  storage: Record<string, StoragePlan>;
  /** The unit that holds the lease, if any. */
  leader: string | null;
  /** Set by `status-set --application`; null shows the worst of the units. */
  status: StatusInfo | null;
  workloadVersion: string;
  /** Numbers of units are never used again. */
  nextUnitNumber: number;
  /** Units are placed on these machines first. */
  placement: string[];
}
