import { executingMessage, type HookInfo } from './hook-info';
import { isSkipped } from './leader-hook';
import { Look, omit } from './look';
import type { Effect, Operation, Outcome } from './operation';
import { ascendingOrder } from './order';
import type { RemoteSnapshot } from './remote-snapshot';
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
    leaderSettingsVersion: 0,
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
      look.unit = { ...omit(look.unit, 'actionId'), kind: 'run-hook', step: 'pending', hook: operation.hook };
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
