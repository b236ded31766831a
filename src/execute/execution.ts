import type { HookContext, HookTools } from '@juju/charm-helpers-ts';
import type { ClearwaterNode } from '../clearwater/read-store';
import type { CertificateAuthority } from '../ports/certificate-authority';
import type { Clock } from '../ports/clock';
import type { EtcdMaintenance, EtcdMembership, EtcdProbe } from '../ports/etcd-api';
import type { EtcdKeys } from '../ports/etcd-keys';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import type { PendingWrites } from '../ports/pending-writes';
import type { Processes } from '../ports/processes';
import type { ServiceManager } from '../ports/service-manager';
import type { WorkloadSource } from '../ports/workload-source';
import type { Url } from '../domain/ids';

/** What carrying out a step needs. Nothing here decides. */
export interface Execution {
  readonly context: HookContext;
  readonly tools: HookTools;
  readonly files: Files;
  readonly processes: Processes;
  readonly services: ServiceManager;
  readonly authority: CertificateAuthority;
  readonly sources: Readonly<Record<'resource' | 'apt' | 'snap', WorkloadSource>>;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly pending: PendingWrites;
  readonly turnKey: string;
  readonly architecture: string;
  /** A new password, different each time. */
  readonly freshSecret: () => string;
  /** What the start gate gets copies of. */
  readonly program: { readonly node: string; readonly bundle: string };
  readonly unitFile: string;
  /** Runs the charm's update-status for this unit. */
  readonly wakeCommand: readonly string[];
  /** Owner of etcd's files; null where everything runs as one user (a private root). */
  readonly owner: string | null;
  readonly probe: () => Promise<EtcdProbe | null>;
  readonly membership: () => Promise<EtcdMembership>;
  readonly maintenance: () => Promise<EtcdMaintenance>;
  readonly keys: () => Promise<EtcdKeys>;
  readonly local: () => Promise<Url | null>;
}

/** This machine as Clearwater's programs lay it out. */
export const clearwaterNode = ({ files, processes, paths }: Execution): ClearwaterNode => ({
  files,
  processes,
  root: paths.root,
});

/**
 * How a step went: done, with a line of its own where something else was done than the step says, and `unchanged` where nothing has to be
 * looked at again for it; or not yet, with what it still waits for and when it is worth another look.
 */
export type StepOutcome =
  | { readonly outcome: 'done'; readonly instead?: string; readonly unchanged?: true }
  | { readonly outcome: 'waiting'; readonly reason: string; readonly wokenBy: string };

export const done: StepOutcome = { outcome: 'done' };
