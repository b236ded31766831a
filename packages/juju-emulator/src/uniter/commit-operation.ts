import type { Advance } from './advance';
import type { HookInfo } from './hook-info';
import { isSkipped } from './leader-hook';
import { omit, without } from './look';
import type { Effect, Operation, Seen } from './operation';
import { afterRelationHook, forgetRelation } from './relations';
import type { RemoteSnapshot } from './remote-snapshot';
import { expiredKey, rotateKey } from './secrets';
import type { AgentMemory, LocalState, UnitState } from './unit-state';

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
    case 'leader-settings-changed':
      agent = { ...agent, leaderSettingsVersion: seen.leaderSettingsVersion };
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
