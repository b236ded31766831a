import type { World } from '../model';
import {
  destroyStorageAttachments,
  destroyUnit,
  dropAttachment,
  enterScope,
  finishTask,
  leaveScope,
  secretRotated,
  startTask,
  statusOf,
  subordinatesOf,
} from '../model';
import type { Effect } from '../uniter';

/** Effects that change the world; the others are the agent process's own affair. */
export type WorldEffect = Exclude<
  Effect,
  { kind: 'start-retry-timer' | 'stop-retry-timer' | 'restart-watcher' | 'reboot-machine' }
>;

/** Carries out one effect of a unit's uniter on the world. Nothing happens when the unit is gone. */
export function applyEffect(world: World, unitName: string, effect: WorldEffect, now: string): void {
  const unit = world.units[unitName];
  if (unit === undefined) return;
  switch (effect.kind) {
    case 'set-agent-status':
      unit.agentStatus = statusOf(effect.status, effect.message, now, effect.data ?? {});
      return;
    case 'set-workload-status':
      unit.workloadStatus = statusOf(effect.status, effect.message, now);
      return;
    case 'enter-scope':
      return enterScope(world, effect.relationId, unitName, now);
    case 'leave-scope':
      return leaveScope(world, effect.relationId, unitName);
    case 'set-relation-status': {
      const relation = world.relations[String(effect.relationId)];
      if (relation !== undefined) relation.status = statusOf(effect.status, '', now);
      return;
    }
    case 'set-charm-url':
      unit.charmUrl = effect.charmUrl;
      return;
    case 'clear-resolved':
      unit.resolved = 'none';
      return;
    case 'destroy-unit':
      return destroyUnit(world, unitName);
    case 'destroy-subordinates':
      for (const subordinate of subordinatesOf(world, unitName)) destroyUnit(world, subordinate.name);
      return;
    case 'begin-action':
      return startTask(world, effect.actionId, now);
    case 'fail-action':
      return finishTask(world, effect.actionId, { status: 'failed', message: effect.message, results: {} }, now);
    case 'secret-rotated':
      return secretRotated(world, effect.uri, effect.revision, now);
    case 'destroy-storage-attachments':
      return destroyStorageAttachments(world, unitName, now);
    case 'remove-storage-attachment': {
      const instance = world.storage[effect.storageId];
      if (instance !== undefined) dropAttachment(world, instance, unitName, now);
      return;
    }
  }
}
