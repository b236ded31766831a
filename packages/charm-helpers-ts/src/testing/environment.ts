import { eventName } from '../event';
import type { State } from './state';
import type { TestEvent } from './events';

/** The environment Juju would give the charm: the kit goes through it so that a test also covers its parsing. */
export function hookEnvironment(event: TestEvent, state: State): Record<string, string> {
  const name = eventName(event);
  const hook = event.kind === 'action' || event.kind === 'exec' ? '' : name;
  return {
    JUJU_UNIT_NAME: state.unit,
    JUJU_MODEL_NAME: state.model.name,
    JUJU_MODEL_UUID: state.model.uuid,
    JUJU_MACHINE_ID: state.machineId,
    JUJU_VERSION: state.jujuVersion,
    JUJU_CHARM_DIR: `/var/lib/juju/agents/unit-${state.unit.replace('/', '-')}/charm`,
    JUJU_CONTEXT_ID: `${state.unit}-${event.kind === 'exec' ? 'run-commands' : name.replace('actions/', '')}-testing`,
    JUJU_HOOK_NAME: hook,
    JUJU_PRINCIPAL_UNIT: '',
    JUJU_AVAILABILITY_ZONE: '',
    JUJU_API_ADDRESSES: '10.0.0.1:17070',
    ...(event.kind === 'exec' ? {} : { JUJU_DISPATCH_PATH: event.kind === 'action' ? name : `hooks/${name}` }),
    ...eventVariables(event, state),
  };
}

function eventVariables(event: TestEvent, state: State): Record<string, string> {
  switch (event.kind) {
    case 'relation-created':
    case 'relation-broken':
      return relationVariables(event, null);
    case 'relation-joined':
    case 'relation-changed':
      return relationVariables(event, event.remoteUnit);
    case 'relation-departed':
      return {
        ...relationVariables(event, event.remoteUnit),
        ...(event.departingUnit === null ? {} : { JUJU_DEPARTING_UNIT: event.departingUnit }),
      };
    case 'storage-attached':
    case 'storage-detaching': {
      const instance = state.storage[event.storageId];
      return {
        JUJU_STORAGE_ID: event.storageId,
        JUJU_STORAGE_LOCATION: event.location ?? instance?.location ?? '',
        JUJU_STORAGE_KIND: event.storageKind ?? instance?.kind ?? '',
      };
    }
    case 'secret-changed':
    case 'secret-rotate':
    case 'secret-remove':
    case 'secret-expired':
      return {
        JUJU_SECRET_ID: event.secretId,
        JUJU_SECRET_LABEL: event.label ?? '',
        ...(event.revision === null ? {} : { JUJU_SECRET_REVISION: String(event.revision) }),
      };
    case 'pebble-ready':
    case 'pebble-custom-notice':
    case 'pebble-check-failed':
    case 'pebble-check-recovered':
      return {
        JUJU_WORKLOAD_NAME: event.workload,
        ...(event.notice === null
          ? {}
          : {
              JUJU_NOTICE_ID: event.notice.id,
              JUJU_NOTICE_TYPE: event.notice.type,
              JUJU_NOTICE_KEY: event.notice.key,
            }),
        ...(event.check === null ? {} : { JUJU_PEBBLE_CHECK_NAME: event.check }),
      };
    case 'pre-series-upgrade':
    case 'post-series-upgrade':
      return event.target === null ? {} : { JUJU_TARGET_BASE: event.target };
    case 'meter-status-changed':
      return { JUJU_METER_STATUS: event.status ?? '', JUJU_METER_INFO: event.info ?? '' };
    case 'action':
      return { JUJU_ACTION_NAME: event.name, JUJU_ACTION_UUID: event.uuid, JUJU_ACTION_TAG: `action-${event.uuid}` };
    case 'exec':
      return event.relation === null
        ? {}
        : {
            JUJU_RELATION: event.relation.endpoint,
            JUJU_RELATION_ID: event.relation.relationId,
            JUJU_REMOTE_UNIT: event.relation.remoteUnit ?? '',
            JUJU_REMOTE_APP: event.relation.remoteApplication ?? '',
          };
    default:
      return {};
  }
}

const relationVariables = (
  event: { readonly endpoint: string; readonly relationId: string; readonly remoteApplication: string | null },
  remoteUnit: string | null,
): Record<string, string> => ({
  JUJU_RELATION: event.endpoint,
  JUJU_RELATION_ID: event.relationId,
  JUJU_REMOTE_UNIT: remoteUnit ?? '',
  JUJU_REMOTE_APP: event.remoteApplication ?? '',
});
