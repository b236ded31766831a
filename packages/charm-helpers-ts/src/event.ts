import type { RelationId, UnitName } from './names';

/** Hooks that carry nothing but their name. The last five are Juju 2.9 and 3.x only. */
export const lifecycleKinds = [
  'install',
  'start',
  'stop',
  'remove',
  'config-changed',
  'update-status',
  'upgrade-charm',
  'leader-elected',
  'leader-deposed',
  'leader-settings-changed',
  'collect-metrics',
  'meter-status-changed',
  'pre-series-upgrade',
  'post-series-upgrade',
] as const;

export type LifecycleKind = (typeof lifecycleKinds)[number];

/** A hook of the unit itself. `pre-` and `post-series-upgrade` have their target in {@link SeriesUpgradeEvent}. */
export interface LifecycleEvent {
  readonly kind: Exclude<LifecycleKind, 'pre-series-upgrade' | 'post-series-upgrade' | 'meter-status-changed'>;
}

/** Juju 2.9 and 3.x. `target`: JUJU_TARGET_BASE, or JUJU_TARGET_SERIES in 2.9; null where Juju gave none. */
export interface SeriesUpgradeEvent {
  readonly kind: 'pre-series-upgrade' | 'post-series-upgrade';
  readonly target: string | null;
}

/** Juju 2.9 and 3.x. `status`: JUJU_METER_STATUS, `info`: JUJU_METER_INFO. */
export interface MeterStatusEvent {
  readonly kind: 'meter-status-changed';
  readonly status: string | null;
  readonly info: string | null;
}

interface OnRelation {
  /** JUJU_RELATION: the endpoint's name in metadata.yaml. */
  readonly endpoint: string;
  /** JUJU_RELATION_ID, e.g. `db:7`. */
  readonly relationId: RelationId;
  /** JUJU_REMOTE_APP: the other application; in a peer relation the own one. */
  readonly remoteApplication: string;
}

/** The relation is there; nobody has been seen on the other side yet. */
export interface RelationCreatedEvent extends OnRelation {
  readonly kind: 'relation-created';
}
export interface RelationJoinedEvent extends OnRelation {
  readonly kind: 'relation-joined';
  /** JUJU_REMOTE_UNIT. */
  readonly remoteUnit: UnitName;
}
/** Data changed: of a unit, or, where `remoteUnit` is null, of the application. */
export interface RelationChangedEvent extends OnRelation {
  readonly kind: 'relation-changed';
  /** JUJU_REMOTE_UNIT; null where it is empty: the application's data changed. */
  readonly remoteUnit: UnitName | null;
}
export interface RelationDepartedEvent extends OnRelation {
  readonly kind: 'relation-departed';
  /** JUJU_REMOTE_UNIT: the unit that this unit no longer sees. */
  readonly remoteUnit: UnitName;
  /** JUJU_DEPARTING_UNIT: who leaves: the remote unit, or this unit. Null where an old Juju does not tell. */
  readonly departingUnit: UnitName | null;
}
export interface RelationBrokenEvent extends Omit<OnRelation, 'remoteApplication'> {
  readonly kind: 'relation-broken';
  /** JUJU_REMOTE_APP; null where it is empty: an agent that was restarted, and units being removed, do not know it any more. */
  readonly remoteApplication: string | null;
}
export type RelationEvent =
  RelationCreatedEvent | RelationJoinedEvent | RelationChangedEvent | RelationDepartedEvent | RelationBrokenEvent;

export interface StorageEvent {
  readonly kind: 'storage-attached' | 'storage-detaching';
  /** The storage's name in metadata.yaml, from the hook's name. */
  readonly storage: string;
  /** JUJU_STORAGE_ID, e.g. `data/0`. */
  readonly storageId: string;
  /** JUJU_STORAGE_LOCATION: mount point or device; null where empty. */
  readonly location: string | null;
  /** JUJU_STORAGE_KIND; null where empty. */
  readonly storageKind: 'filesystem' | 'block' | null;
}

export interface SecretEvent {
  readonly kind: 'secret-changed' | 'secret-rotate' | 'secret-remove' | 'secret-expired';
  /** JUJU_SECRET_ID: the secret's URI, `secret:<id>` or `secret://<model>/<id>`. */
  readonly secretId: string;
  /** JUJU_SECRET_LABEL; null where empty. */
  readonly label: string | null;
  /** JUJU_SECRET_REVISION: given for `secret-remove` and `secret-expired` only. */
  readonly revision: number | null;
}

export interface PebbleEvent {
  readonly kind: 'pebble-ready' | 'pebble-custom-notice' | 'pebble-check-failed' | 'pebble-check-recovered';
  /** JUJU_WORKLOAD_NAME: the container; where Juju gave none, from the hook's name. */
  readonly workload: string;
  /** JUJU_NOTICE_ID, _TYPE, _KEY: with `pebble-custom-notice` only. */
  readonly notice: { readonly id: string; readonly type: string; readonly key: string } | null;
  /** JUJU_PEBBLE_CHECK_NAME: with the check events only. */
  readonly check: string | null;
}

export interface ActionEvent {
  readonly kind: 'action';
  /** JUJU_ACTION_NAME. */
  readonly name: string;
  /** JUJU_ACTION_UUID: a UUID in Juju 2.9, the task's number later. */
  readonly uuid: string;
}

/** A command run by `juju exec`, `juju run` (2.9) or `juju-exec`, not a hook. It may carry a relation (`-r`). */
export interface ExecEvent {
  readonly kind: 'exec';
  readonly relation: {
    readonly endpoint: string;
    readonly relationId: RelationId;
    readonly remoteUnit: UnitName | null;
    readonly remoteApplication: string | null;
  } | null;
}

/** Why Juju runs the charm now. All kinds of Juju 2.9, 3.x and 4.x. */
export type HookEvent =
  | LifecycleEvent
  | SeriesUpgradeEvent
  | MeterStatusEvent
  | RelationEvent
  | StorageEvent
  | SecretEvent
  | PebbleEvent
  | ActionEvent
  | ExecEvent;

export type HookKind = HookEvent['kind'];

export const isRelationEvent = (event: HookEvent): event is RelationEvent => event.kind.startsWith('relation-');

/** The hook's name as Juju writes it: `db-relation-changed`; `actions/NAME` for an action, `exec` for a command. */
export function eventName(event: HookEvent): string {
  if (isRelationEvent(event)) return `${event.endpoint}-${event.kind}`;
  switch (event.kind) {
    case 'storage-attached':
    case 'storage-detaching':
      return `${event.storage}-${event.kind}`;
    case 'pebble-ready':
    case 'pebble-custom-notice':
    case 'pebble-check-failed':
    case 'pebble-check-recovered':
      return `${event.workload}-${event.kind}`;
    case 'action':
      return `actions/${event.name}`;
    default:
      return event.kind;
  }
}
