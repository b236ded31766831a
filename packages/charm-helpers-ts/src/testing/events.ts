import type { HookEvent, LifecycleEvent, PebbleEvent, SecretEvent } from '../event';
import { endpointOf, unitName } from '../names';
import type { RelationState } from './state';

/** An action with its parameters: {@link HookEvent} has only what the environment tells. */
export interface ActionCall {
  readonly kind: 'action';
  readonly name: string;
  readonly uuid: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a test can run a charm for. */
export type TestEvent = Exclude<HookEvent, { kind: 'action' }> | ActionCall;

const onRelation = (
  relation: RelationState,
): Pick<Extract<HookEvent, { kind: 'relation-created' }>, 'endpoint' | 'relationId' | 'remoteApplication'> => ({
  endpoint: endpointOf(relation.id),
  relationId: relation.id,
  remoteApplication: relation.remoteApplication,
});

const lifecycle = (kind: LifecycleEvent['kind']) => (): TestEvent => ({ kind });

/** Makers of events, named as the hooks. */
export const on = {
  install: lifecycle('install'),
  start: lifecycle('start'),
  stop: lifecycle('stop'),
  remove: lifecycle('remove'),
  configChanged: lifecycle('config-changed'),
  updateStatus: lifecycle('update-status'),
  upgradeCharm: lifecycle('upgrade-charm'),
  leaderElected: lifecycle('leader-elected'),
  leaderSettingsChanged: lifecycle('leader-settings-changed'),
  collectMetrics: lifecycle('collect-metrics'),
  relationCreated: (relation: RelationState): TestEvent => ({ kind: 'relation-created', ...onRelation(relation) }),
  relationJoined: (relation: RelationState, unit: string): TestEvent => ({
    kind: 'relation-joined',
    ...onRelation(relation),
    remoteUnit: unitName(unit),
  }),
  /** Without a unit: the application's data changed. */
  relationChanged: (relation: RelationState, unit?: string): TestEvent => ({
    kind: 'relation-changed',
    ...onRelation(relation),
    remoteUnit: unit === undefined ? null : unitName(unit),
  }),
  /** `departing` is who leaves: the remote unit where not given, or this unit itself. */
  relationDeparted: (relation: RelationState, unit: string, departing = unit): TestEvent => ({
    kind: 'relation-departed',
    ...onRelation(relation),
    remoteUnit: unitName(unit),
    departingUnit: unitName(departing),
  }),
  relationBroken: (relation: RelationState): TestEvent => ({ kind: 'relation-broken', ...onRelation(relation) }),
  storageAttached: (id: string): TestEvent => storageEvent('storage-attached', id),
  storageDetaching: (id: string): TestEvent => storageEvent('storage-detaching', id),
  secret: (kind: SecretEvent['kind'], id: string, revision: number | null = null): TestEvent => ({
    kind,
    secretId: id,
    label: null,
    revision,
  }),
  pebble: (kind: PebbleEvent['kind'], workload: string): TestEvent => ({ kind, workload, notice: null, check: null }),
  action: (name: string, params: Readonly<Record<string, unknown>> = {}, uuid = '1'): TestEvent => ({
    kind: 'action',
    name,
    params,
    uuid,
  }),
  exec: (): TestEvent => ({ kind: 'exec', relation: null }),
};

/** Location and kind come from the state. */
const storageEvent = (kind: 'storage-attached' | 'storage-detaching', id: string): TestEvent => ({
  kind,
  storage: id.split('/')[0] ?? id,
  storageId: id,
  location: null,
  storageKind: null,
});
