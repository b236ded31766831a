/** What a hook context is made for: the kinds of execution an agent knows. */
export type ContextSubject =
  LifecycleSubject | RelationSubject | StorageSubject | SecretSubject | WorkloadSubject | ActionSubject | ExecSubject;

/** install, start, config-changed, leader-elected, upgrade-charm, update-status, stop, remove. */
export interface LifecycleSubject {
  readonly kind: 'lifecycle';
  readonly hook: string;
}
export interface RelationSubject {
  readonly kind: 'relation';
  /** Without the endpoint: `relation-changed`. */
  readonly hook: string;
  readonly relationId: number;
  /** '' in created, broken, and in changed for application data. */
  readonly remoteUnit: string;
  readonly remoteApplication: string;
  readonly departingUnit?: string;
}
export interface StorageSubject {
  readonly kind: 'storage';
  readonly hook: 'storage-attached' | 'storage-detaching';
  /** `data/0` */
  readonly storageId: string;
}
export interface SecretSubject {
  readonly kind: 'secret';
  readonly hook: string;
  readonly uri: string;
  /** Undefined: looked up among the owned secrets. */
  readonly label?: string;
  readonly revision?: number;
}
export interface WorkloadSubject {
  readonly kind: 'workload';
  readonly hook: string;
  readonly workload: string;
}
export interface ActionSubject {
  readonly kind: 'action';
  readonly name: string;
  readonly id: string;
  readonly params: Readonly<Record<string, unknown>>;
}
/** juju-exec, with or without a relation. */
export interface ExecSubject {
  readonly kind: 'exec';
  readonly relationId?: number;
  readonly remoteUnit?: string;
  /** Take the remote unit as given, member or not. */
  readonly forceRemoteUnit?: boolean;
}
