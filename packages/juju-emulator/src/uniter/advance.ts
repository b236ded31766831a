import { executingMessage, type HookInfo } from './hook-info';
import { Look, omit, without } from './look';
import type { Effect, Operation, Outcome, Seen } from './operation';
import { ascendingOrder } from './order';
import { afterRelationHook, forgetRelation } from './relations';
import type { RemoteSnapshot } from './remote-snapshot';
import { expiredKey, rotateKey } from './secrets';
import type { AgentMemory, LocalState, OpKind, OpStep, UnitState } from './unit-state';

/** State after one step of an operation; write it, then carry out the effects. */
export interface Advance {
  readonly local: LocalState;
  readonly effects: readonly Effect[];
}

/** The state with which an agent process starts. `remote` is the snapshot at that moment. */
export function startAgent(unit: UnitState, remote: RemoteSnapshot): LocalState {
  const relationIds = new Set(remote.relations.map((relation) => String(relation.id)));
  const live = <V>(record: Readonly<Record<string, V>>) =>
    Object.fromEntries(Object.entries(record).filter(([id]) => relationIds.has(id)));
  const agent: AgentMemory = {
    looks: 0,
    loopEntered: true,
    restart: false,
    conflicted: false,
    rebootDetected: unit.bootId !== '' && unit.bootId !== remote.bootId,
    charmModifiedVersion: remote.charmModifiedVersion,
    updateStatusTicks: 0,
    retryCount: 0,
    retryTimerStarted: false,
    completedActions: [],
    completedCommands: [],
    completedSecrets: [],
    storageDestroyed: false,
    subordinatesDestroyed: false,
    scopesEntered: [],
    peerRelations: [],
    remoteApplications: {},
    agentStatus: '',
  };
  return {
    unit: { ...unit, bootId: remote.bootId, relations: live(unit.relations), scopes: live(unit.scopes) },
    agent,
  };
}

/**
 * Before the operation is executed. The effects (statuses, begin-action) are to be done before its execution begins.
 * With `skipExecute`, neither execute nor `finish`: go on with `commit`.
 */
export function prepare(
  local: LocalState,
  operation: Operation,
  remote: RemoteSnapshot,
): Advance & { readonly skipExecute: boolean } {
  const look = new Look(local, remote, ascendingOrder);
  const ready = (skipExecute: boolean) => ({ local: look.local, effects: look.effects, skipExecute });
  switch (operation.kind) {
    case 'install':
    case 'upgrade':
      look.unit = deploying(look.unit, operation.kind, operation.charmUrl, 'pending');
      look.agent = { ...look.agent, conflicted: false };
      return ready(false);
    case 'run-hook':
      look.agent = { ...look.agent, retryCount: operation.seen.retryCount };
      if (isSkipped(operation, remote)) return ready(true);
      look.unit = { ...withoutAction(look.unit), kind: 'run-hook', step: 'pending', hook: operation.hook };
      workloadStatusBefore(look, operation.hook);
      if (operation.hook.kind !== 'update-status') look.agentStatus('executing', executingMessage(operation.hook));
      return ready(false);
    case 'run-action':
      look.unit = { ...look.unit, kind: 'run-action', step: 'pending', actionId: operation.actionId };
      look.effects.push({ kind: 'begin-action', actionId: operation.actionId });
      look.agentStatus('executing', `running action ${operation.name}`);
      return ready(false);
    case 'run-command':
      look.agentStatus('executing', 'running commands');
      return ready(false);
    case 'fail-action':
      look.unit = { ...look.unit, kind: 'run-action', step: 'pending', actionId: operation.actionId };
      look.effects.push({ kind: 'fail-action', actionId: operation.actionId, message: 'action terminated' });
      return ready(true);
    case 'skip-hook':
    case 'accept-leadership':
    case 'resign-leadership':
    case 'forget-secrets':
      return ready(true);
  }
}

/** Leadership may have gone between the choice and now. */
function isSkipped(operation: Extract<Operation, { kind: 'run-hook' }>, remote: RemoteSnapshot): boolean {
  if (remote.leader) return false;
  return operation.hook.kind === 'leader-elected' || operation.secretOwner === 'application';
}

function workloadStatusBefore(look: Look, hook: HookInfo): void {
  const maintenance = (message: string) =>
    look.effects.push({ kind: 'set-workload-status', status: 'maintenance', message });
  if (hook.kind === 'install' && !look.unit.statusSet) maintenance('installing charm software');
  if (hook.kind === 'stop') maintenance('stopping charm software');
  if (hook.kind === 'remove') maintenance('cleaning up prior to charm deletion');
}

/** How to go on after `finish`: `commit`, look again (the operation did not work), or leave and let the machine reboot. */
export type AfterFinish = 'commit' | 'look' | 'reboot';

/**
 * After the execution. `statusSet`: the charm called status-set for the unit in it; Juju takes note of that only in hooks that worked.
 * An agent that was killed never gets here: its state stays as `prepare` left it.
 */
export function finish(
  local: LocalState,
  operation: Operation,
  outcome: Outcome,
  statusSet: boolean,
): Advance & { readonly next: AfterFinish } {
  const effects: Effect[] = [];
  let { unit, agent } = local;
  let next: AfterFinish = 'commit';
  switch (operation.kind) {
    case 'install':
    case 'upgrade':
      if (outcome === 'ok') {
        effects.push({ kind: 'set-charm-url', charmUrl: operation.charmUrl });
        unit = deploying(unit, operation.kind, operation.charmUrl, 'done');
      } else {
        agent = { ...agent, conflicted: true, loopEntered: true, agentStatus: 'error upgrade failed' };
        effects.push({ kind: 'set-agent-status', status: 'error', message: 'upgrade failed' });
        next = 'look';
      }
      break;
    case 'run-hook':
      if (outcome === 'ok' || outcome === 'reboot-after') {
        unit = { ...unit, step: 'done', statusSet: unit.statusSet || statusSet };
        workloadStatusAfter(effects, operation.hook, unit.statusSet);
      } else if (outcome === 'terminated' || outcome === 'reboot-now') {
        unit = { ...unit, step: 'queued' };
        next = 'look';
      } else {
        agent = { ...agent, loopEntered: true };
        next = 'look';
      }
      if (outcome === 'reboot-now' || outcome === 'reboot-after') {
        effects.push({ kind: 'reboot-machine' });
        next = 'reboot';
      }
      break;
    default:
      break;
  }
  return { local: { unit, agent }, effects, next };
}

function workloadStatusAfter(effects: Effect[], hook: HookInfo, charmSetStatus: boolean): void {
  if (hook.kind === 'start' && !charmSetStatus)
    effects.push({ kind: 'set-workload-status', status: 'unknown', message: '' });
  if (hook.kind === 'stop') effects.push({ kind: 'set-workload-status', status: 'maintenance', message: '' });
  if (hook.kind === 'remove') effects.push({ kind: 'set-workload-status', status: 'terminated', message: '' });
}

/** Takes the operation in as done: the state from which the next look decides. */
export function commit(local: LocalState, operation: Operation, remote: RemoteSnapshot): Advance {
  const { unit, agent } = local;
  switch (operation.kind) {
    case 'install':
    case 'upgrade': {
      const hook = unit.hook ?? {
        kind: operation.kind === 'install' ? ('install' as const) : ('upgrade-charm' as const),
      };
      const step = unit.hookStep ?? 'queued';
      return {
        local: {
          unit: { ...omit(unit, 'hookStep'), kind: 'run-hook', step, hook },
          agent: {
            ...agent,
            restart: operation.kind === 'upgrade',
            charmModifiedVersion: operation.charmModifiedVersion,
          },
        },
        effects: [],
      };
    }
    case 'run-hook':
    case 'skip-hook':
      return commitHook(
        local,
        operation.hook,
        operation.seen,
        remote,
        operation.kind === 'run-hook' && isSkipped(operation, remote),
      );
    case 'accept-leadership':
      return only({ ...unit, leader: true, kind: 'run-hook', step: 'queued', hook: { kind: 'leader-elected' } }, agent);
    case 'resign-leadership':
      return only({ ...unit, leader: false }, agent);
    case 'run-action':
    case 'fail-action':
      return only(
        { ...withoutAction(unit), kind: unit.hook === undefined ? 'continue' : 'run-hook', step: 'pending' },
        { ...agent, completedActions: [...agent.completedActions, operation.actionId] },
      );
    case 'run-command':
      return only(unit, { ...agent, completedCommands: [...agent.completedCommands, operation.commandId] });
    case 'forget-secrets': {
      let { consumedSecrets, obsoleteSecrets } = unit;
      for (const uri of operation.uris) {
        consumedSecrets = without(consumedSecrets, uri);
        obsoleteSecrets = without(obsoleteSecrets, uri);
      }
      return only({ ...unit, consumedSecrets, obsoleteSecrets }, agent);
    }
  }
}

function only(unit: UnitState, agent: AgentMemory): Advance {
  return { local: { unit, agent }, effects: [] };
}

/** Every hook's commit takes in the resource version and the ticks that were there when it was chosen. */
function commitHook(local: LocalState, hook: HookInfo, seen: Seen, remote: RemoteSnapshot, skipped: boolean): Advance {
  const effects: Effect[] = [];
  let unit: UnitState = { ...omit(withoutAction(local.unit), 'hook'), kind: 'continue', step: 'pending' };
  let agent: AgentMemory = {
    ...local.agent,
    charmModifiedVersion: seen.charmModifiedVersion,
    updateStatusTicks: seen.updateStatusTicks,
  };
  switch (hook.kind) {
    case 'install':
      unit = { ...unit, installed: true, removed: false };
      break;
    case 'start':
      unit = { ...unit, started: true, stopped: false };
      break;
    case 'stop':
      unit = { ...unit, stopped: true };
      break;
    case 'remove':
      unit = { ...unit, removed: true };
      break;
    case 'config-changed':
      unit = { ...unit, configHash: seen.configHash, trustHash: seen.trustHash, addressesHash: seen.addressesHash };
      if (!unit.started) unit = queue(unit, { kind: 'start' });
      break;
    case 'upgrade-charm':
      unit = queue(unit, { kind: 'config-changed' });
      break;
    case 'update-status':
    case 'leader-elected':
      break;
    case 'storage-attached':
      unit = { ...unit, storage: [...unit.storage.filter((id) => id !== hook.storageId), hook.storageId ?? ''] };
      break;
    case 'storage-detaching':
      unit = { ...unit, storage: unit.storage.filter((id) => id !== hook.storageId) };
      effects.push({ kind: 'remove-storage-attachment', storageId: hook.storageId ?? '' });
      break;
    case 'relation-created':
    case 'relation-joined':
    case 'relation-changed':
    case 'relation-departed':
    case 'relation-broken': {
      const id = hook.relationId ?? 0;
      const key = String(id);
      const after = afterRelationHook(unit.relations[key], hook);
      if (after !== undefined) {
        unit = { ...unit, relations: { ...unit.relations, [key]: after } };
        break;
      }
      if (remote.leader && remote.relations.some((relation) => relation.id === id && relation.suspended)) {
        effects.push({ kind: 'set-relation-status', relationId: id, status: 'suspended' });
      }
      effects.push({ kind: 'leave-scope', relationId: id });
      unit = { ...unit, relations: without(unit.relations, key), scopes: without(unit.scopes, key) };
      agent = forgetRelation(agent, id);
      break;
    }
    case 'secret-changed':
      unit = {
        ...unit,
        consumedSecrets: { ...unit.consumedSecrets, [hook.secretUri ?? '']: hook.secretRevision ?? 0 },
      };
      break;
    case 'secret-expired':
      agent = completeSecret(agent, expiredKey({ uri: hook.secretUri ?? '', revision: hook.secretRevision ?? 0 }));
      break;
    case 'secret-rotate':
      // Skipped: the rotation is still due, for whoever leads.
      if (skipped) agent = completeSecret(agent, rotateKey(hook.secretUri ?? ''));
      else effects.push({ kind: 'secret-rotated', uri: hook.secretUri ?? '', revision: hook.secretRevision ?? 0 });
      break;
    case 'secret-remove': {
      const uri = hook.secretUri ?? '';
      const revisions = [...(unit.obsoleteSecrets[uri] ?? []), hook.secretRevision ?? 0];
      unit = { ...unit, obsoleteSecrets: { ...unit.obsoleteSecrets, [uri]: revisions } };
      break;
    }
  }
  return { local: { unit, agent }, effects };
}

function completeSecret(agent: AgentMemory, key: string): AgentMemory {
  return { ...agent, completedSecrets: [...agent.completedSecrets, key] };
}

function queue(unit: UnitState, hook: HookInfo): UnitState {
  return { ...unit, kind: 'run-hook', step: 'queued', hook };
}

function withoutAction(unit: UnitState): UnitState {
  return omit(unit, 'actionId');
}

/** The charm is being replaced: a hook that is queued or in error waits in the record until that is done. */
function deploying(
  unit: UnitState,
  kind: Extract<OpKind, 'install' | 'upgrade'>,
  charmUrl: string,
  step: OpStep,
): UnitState {
  const hookStep = unit.kind === 'run-hook' ? unit.step : unit.hookStep;
  return { ...unit, kind, step, charmUrl, ...(unit.hook === undefined || hookStep === undefined ? {} : { hookStep }) };
}
