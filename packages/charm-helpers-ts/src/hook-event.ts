import { lifecycleKinds, type HookEvent } from './event';
import type { HookEnvironment } from './hook-environment';

const relationHook = /^(.+)-relation-(created|joined|changed|departed|broken)$/;
const storageHook = /^(.+)-storage-(attached|detaching)$/;
const secretHook = /^secret-(changed|rotate|remove|expired)$/;
const pebbleHook = /^(.+)-pebble-(ready|custom-notice|check-failed|check-recovered)$/;

/**
 * The event of a hook environment. JUJU_DISPATCH_PATH counts first: `juju-exec` with it set stands in for that hook
 * (JUJU_HOOK_NAME is then empty); without `dispatch` old Jujus set JUJU_HOOK_NAME only. Neither: an exec.
 */
export function parseHookEvent(vars: HookEnvironment): HookEvent {
  const path = vars.optional('JUJU_DISPATCH_PATH');
  const action = vars.optional('JUJU_ACTION_NAME');
  const named = path === null ? undefined : /(?:^|\/)hooks\/([^/]+)$/.exec(path)?.[1];
  // `juju exec` is an action of Juju's own; a dispatch path given to it by hand means that hook.
  if (action !== null && named === undefined) {
    if (action === 'juju-exec') return parseExec(vars);
    return { kind: 'action', name: action, uuid: vars.required('JUJU_ACTION_UUID') };
  }
  const hook = path === null ? vars.optional('JUJU_HOOK_NAME') : named;
  if (hook === null) return parseExec(vars);
  if (hook === undefined) {
    vars.wrong(`JUJU_DISPATCH_PATH="${path ?? ''}" is neither hooks/NAME nor, with JUJU_ACTION_NAME set, actions/NAME`);
    return { kind: 'exec', relation: null };
  }
  return parseNamedHook(hook, vars);
}

function parseExec(vars: HookEnvironment): HookEvent {
  const endpoint = vars.optional('JUJU_RELATION');
  if (endpoint === null) return { kind: 'exec', relation: null };
  return {
    kind: 'exec',
    relation: Object.freeze({
      endpoint,
      relationId: vars.relationId('JUJU_RELATION_ID'),
      remoteUnit: vars.optionalUnit('JUJU_REMOTE_UNIT'),
      remoteApplication: vars.optional('JUJU_REMOTE_APP'),
    }),
  };
}

function parseNamedHook(hook: string, vars: HookEnvironment): HookEvent {
  const lifecycle = lifecycleKinds.find((kind) => kind === hook);
  switch (lifecycle) {
    case undefined:
      break;
    case 'meter-status-changed':
      return { kind: lifecycle, status: vars.optional('JUJU_METER_STATUS'), info: vars.optional('JUJU_METER_INFO') };
    case 'pre-series-upgrade':
    case 'post-series-upgrade':
      return { kind: lifecycle, target: vars.optional('JUJU_TARGET_BASE') ?? vars.optional('JUJU_TARGET_SERIES') };
    default:
      return { kind: lifecycle };
  }
  const [, endpoint, relationKind] = relationHook.exec(hook) ?? [];
  if (endpoint !== undefined) return parseRelation(endpoint, relationKind, vars);
  const [, storage, storageKind] = storageHook.exec(hook) ?? [];
  if (storage !== undefined) {
    return {
      kind: storageKind === 'attached' ? 'storage-attached' : 'storage-detaching',
      storage,
      storageId: vars.required('JUJU_STORAGE_ID'),
      location: vars.optional('JUJU_STORAGE_LOCATION'),
      storageKind: vars.oneOf('JUJU_STORAGE_KIND', ['filesystem', 'block']),
    };
  }
  const [, secretKind] = secretHook.exec(hook) ?? [];
  if (secretKind !== undefined) {
    return {
      kind: `secret-${secretKind as 'changed' | 'rotate' | 'remove' | 'expired'}`,
      secretId: vars.required('JUJU_SECRET_ID'),
      label: vars.optional('JUJU_SECRET_LABEL'),
      revision: vars.integer('JUJU_SECRET_REVISION'),
    };
  }
  const [, workload, pebbleKind] = pebbleHook.exec(hook) ?? [];
  if (workload !== undefined) return parsePebble(workload, pebbleKind, vars);
  vars.wrong(`"${hook}" is no hook of Juju 2.9 to 4.x`);
  return { kind: 'exec', relation: null };
}

function parseRelation(endpoint: string, kind: string | undefined, vars: HookEnvironment): HookEvent {
  const identity = { endpoint, relationId: vars.relationId('JUJU_RELATION_ID') };
  if (kind === 'broken') {
    return { kind: 'relation-broken', ...identity, remoteApplication: vars.optional('JUJU_REMOTE_APP') };
  }
  const relation = { ...identity, remoteApplication: remoteApplication(vars) };
  switch (kind) {
    case 'created':
      return { kind: 'relation-created', ...relation };
    case 'joined':
      return { kind: 'relation-joined', ...relation, remoteUnit: vars.unit('JUJU_REMOTE_UNIT') };
    case 'changed':
      return { kind: 'relation-changed', ...relation, remoteUnit: vars.optionalUnit('JUJU_REMOTE_UNIT') };
    default:
      return {
        kind: 'relation-departed',
        ...relation,
        remoteUnit: vars.unit('JUJU_REMOTE_UNIT'),
        departingUnit: vars.optionalUnit('JUJU_DEPARTING_UNIT'),
      };
  }
}

/** Jujus before 2.7 had no JUJU_REMOTE_APP: there the remote unit tells. */
function remoteApplication(vars: HookEnvironment): string {
  const application = vars.optional('JUJU_REMOTE_APP');
  if (application !== null) return application;
  const unit = vars.optionalUnit('JUJU_REMOTE_UNIT');
  return unit === null ? vars.required('JUJU_REMOTE_APP') : unit.slice(0, unit.lastIndexOf('/'));
}

function parsePebble(workload: string, kind: string | undefined, vars: HookEnvironment): HookEvent {
  const notice = {
    id: vars.optional('JUJU_NOTICE_ID') ?? '',
    type: vars.optional('JUJU_NOTICE_TYPE') ?? '',
    key: vars.optional('JUJU_NOTICE_KEY') ?? '',
  };
  return {
    kind: `pebble-${kind as 'ready' | 'custom-notice' | 'check-failed' | 'check-recovered'}`,
    workload: vars.optional('JUJU_WORKLOAD_NAME') ?? workload,
    notice: kind === 'custom-notice' ? Object.freeze(notice) : null,
    check: vars.optional('JUJU_PEBBLE_CHECK_NAME'),
  };
}
