import { jujuRelease } from '../context';
import type { RelationEvent } from '../event';
import { endpointOf } from '../names';
import type { CharmUnderTest } from './charm-files';
import type { Inconsistency } from './consistency';
import type { ActionCall, TestEvent } from './events';
import type { RelationState, State } from './state';

/** Whether Juju could run this event in this state. */
export function checkEvent(charm: CharmUnderTest, event: TestEvent, state: State): readonly Inconsistency[] {
  const wrongVersion = checkVersion(event, state);
  switch (event.kind) {
    case 'relation-created':
    case 'relation-joined':
    case 'relation-changed':
    case 'relation-departed':
    case 'relation-broken':
      return [...wrongVersion, ...checkRelationEvent(charm, event, state)];
    case 'action':
      return [...wrongVersion, ...checkAction(charm, event)];
    case 'storage-attached':
    case 'storage-detaching':
      return [
        ...wrongVersion,
        ...when(state.storage[event.storageId] === undefined, 'storage-not-in-state', `no storage ${event.storageId}`),
      ];
    case 'leader-elected':
      return [...wrongVersion, ...when(!state.leader, 'leader-elected-without-leadership', 'the unit is not leader')];
    case 'leader-settings-changed':
      return [
        ...wrongVersion,
        ...when(state.leader, 'leader-settings-for-leader', 'only other units than the leader get it'),
      ];
    case 'secret-changed':
    case 'secret-rotate':
    case 'secret-expired':
    case 'secret-remove':
      return [...wrongVersion, ...checkSecret(event, state)];
    case 'pebble-ready':
    case 'pebble-custom-notice':
    case 'pebble-check-failed':
    case 'pebble-check-recovered':
      return [
        ...wrongVersion,
        ...when(
          !charm.metadata.containers.includes(event.workload),
          'container-not-declared',
          `no container ${event.workload}`,
        ),
      ];
    default:
      return wrongVersion;
  }
}

const when = (wrong: boolean, check: string, message: string): readonly Inconsistency[] =>
  wrong ? [{ check, message }] : [];

/** Hooks that Juju 4 no longer runs, and those that came with Juju 3. */
const goneIn4 = new Set([
  'leader-settings-changed',
  'collect-metrics',
  'meter-status-changed',
  'pre-series-upgrade',
  'post-series-upgrade',
]);

function checkVersion(event: TestEvent, state: State): readonly Inconsistency[] {
  const { major } = jujuRelease(state.jujuVersion);
  const tooNew = event.kind.startsWith('secret-') && major < 3;
  const tooOld = (goneIn4.has(event.kind) && major >= 4) || event.kind === 'leader-deposed';
  return when(tooNew || tooOld, 'hook-not-in-this-juju', `Juju ${state.jujuVersion} never runs ${event.kind}`);
}

function checkRelationEvent(charm: CharmUnderTest, event: RelationEvent, state: State): readonly Inconsistency[] {
  const relation = state.relations.find((one) => one.id === event.relationId);
  if (relation === undefined) {
    return [{ check: 'relation-not-in-state', message: `the state has no relation ${event.relationId}` }];
  }
  const role = charm.metadata.endpoints[endpointOf(relation.id)]?.role;
  return [
    ...when(
      event.endpoint !== endpointOf(relation.id),
      'endpoint-of-other-relation',
      `${event.endpoint} is not that of ${relation.id}`,
    ),
    ...when(
      event.remoteApplication !== relation.remoteApplication,
      'remote-application-of-other-relation',
      `${relation.id} is with ${relation.remoteApplication}, not ${event.remoteApplication}`,
    ),
    ...checkMembers(event, relation, state),
    // A dying unit departs from its peers; the relation itself outlives every unit (TRACES.md has the one exception).
    ...when(
      event.kind === 'relation-broken' && role === 'peers' && Object.keys(relation.remoteUnits).length > 0,
      'peer-broken-with-members',
      `${relation.id} still has members`,
    ),
  ];
}

function checkMembers(event: RelationEvent, relation: RelationState, state: State): readonly Inconsistency[] {
  const { id, remoteUnits, departedUnits } = relation;
  switch (event.kind) {
    case 'relation-created':
      return when(
        Object.keys(remoteUnits).length > 0,
        'created-with-members',
        `nobody has joined ${id} before its relation-created`,
      );
    case 'relation-joined':
    case 'relation-changed':
      return when(
        event.remoteUnit !== null && remoteUnits[event.remoteUnit] === undefined,
        'remote-unit-not-in-relation',
        `${event.remoteUnit} is no member of ${id}`,
      );
    case 'relation-departed':
      return [
        ...when(
          remoteUnits[event.remoteUnit] !== undefined,
          'departed-unit-still-member',
          `${event.remoteUnit} leaves the members of ${id} before this hook: it belongs into departedUnits`,
        ),
        ...when(
          departedUnits[event.remoteUnit] === undefined,
          'departed-unit-unknown',
          `departedUnits of ${id} has no ${event.remoteUnit}`,
        ),
        ...when(event.departingUnit === null, 'departing-unit-missing', 'Juju tells who departs'),
        ...when(
          event.departingUnit !== null &&
            event.departingUnit !== event.remoteUnit &&
            event.departingUnit !== state.unit,
          'departing-unit-unrelated',
          `${event.departingUnit} is neither the remote unit nor this one`,
        ),
      ];
    case 'relation-broken':
      return when(
        Object.keys(remoteUnits).length > 0,
        'broken-with-members',
        `all units have departed from ${id} before`,
      );
  }
}

function checkAction(charm: CharmUnderTest, event: ActionCall): readonly Inconsistency[] {
  const spec = charm.actions[event.name];
  if (spec === undefined) return [{ check: 'action-not-declared', message: `actions.yaml has no ${event.name}` }];
  const missing = spec.required.filter((key) => event.params[key] === undefined);
  const unknown = Object.keys(event.params).filter((key) => spec.params[key] === undefined);
  const mistyped = Object.entries(event.params).filter(([key, value]) => !fits(spec.params[key]?.['type'], value));
  return [
    ...missing.map((key) => ({ check: 'action-param-missing', message: `${event.name} requires ${key}` })),
    ...unknown
      .filter(() => !spec.additionalProperties)
      .map((key) => ({ check: 'action-param-unknown', message: `${event.name} takes no ${key}` })),
    ...mistyped.map(([key]) => ({ check: 'action-param-type', message: `${event.name}: ${key} has another type` })),
  ];
}

/** The JSON-schema types that parameters have. */
function fits(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === type;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return true;
  }
}

function checkSecret(
  event: Extract<TestEvent, { kind: 'secret-changed' | 'secret-rotate' | 'secret-expired' | 'secret-remove' }>,
  state: State,
): readonly Inconsistency[] {
  const secret = state.secrets.find((one) => event.secretId.endsWith(one.id));
  if (secret === undefined) return [{ check: 'secret-not-in-state', message: `no secret ${event.secretId}` }];
  const owned = secret.owner !== 'remote';
  const needsRevision = event.kind === 'secret-remove' || event.kind === 'secret-expired';
  return [
    ...when(event.kind === 'secret-changed' && owned, 'secret-changed-for-owner', 'only consumers get secret-changed'),
    ...when(event.kind !== 'secret-changed' && !owned, 'secret-hook-for-consumer', `only the owner gets ${event.kind}`),
    ...when(
      needsRevision !== (event.revision !== null),
      'secret-revision',
      `a revision goes with secret-remove and -expired`,
    ),
  ];
}
