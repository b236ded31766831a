import { hookName, type HookInfo } from './hook-info';
import { type Answer, Look, seenIn } from './look';
import type { Effect, Operation, Rest } from './operation';
import type { Order } from './order';
import { nextCreated, nextRelationHook } from './relations';
import type { RemoteSnapshot } from './remote-snapshot';
import { nextSecretHook } from './secrets';
import { nextStorageHook } from './storage';
import type { LocalState } from './unit-state';

/** What one look leads to: effects first, then the operation; or, where there is none, the reason. */
export type Decision = { readonly local: LocalState; readonly effects: readonly Effect[] } & (
  { readonly kind: 'operation'; readonly operation: Operation } | { readonly kind: 'rest'; readonly rest: Rest }
);

/** The rules in Juju's order; the first that answers decides. */
const rules: readonly ((look: Look) => Answer)[] = [
  unitGone,
  newCharmAtLoopEntry,
  firstInstall,
  startAfterReboot,
  unfinishedUpgrade,
  nextCreated,
  leadership,
  leaderSettings,
  nextSecretHook,
  nextAction,
  nextCommand,
  nextStorageHook,
  queuedOrFailedHook,
  idle,
];

/** The next operation of a unit, from its own state and what the controller says now. Pure. */
export function nextOperation(local: LocalState, remote: RemoteSnapshot, order: Order): Decision {
  const look = new Look(local, remote, order);
  if (look.agent.restart) {
    look.effects.push({ kind: 'restart-watcher' });
    // The new watcher counts from zero, whatever the snapshot in hand still says.
    return nextOperation(
      {
        unit: look.unit,
        agent: {
          ...look.agent,
          restart: false,
          loopEntered: true,
          updateStatusTicks: 0,
          retryCount: 0,
          retryTimerStarted: false,
          conflicted: false,
        },
      },
      { ...remote, updateStatusTicks: 0, retryCount: 0 },
      order,
    );
  }
  if (look.agent.retryTimerStarted && !(look.unit.kind === 'run-hook' && look.unit.step === 'pending'))
    stopRetryTimer(look);
  let answer: Answer;
  for (const rule of rules) {
    answer = rule(look);
    if (answer !== undefined) break;
  }
  const { effects } = look;
  if (answer !== undefined && answer.kind !== 'rest')
    return { kind: 'operation', operation: answer, local: look.local, effects };
  const rest = answer?.rest ?? 'idle';
  if (rest === 'idle') look.agentStatus('idle', '');
  return { kind: 'rest', rest, local: look.local, effects };
}

function unitGone({ remote, unit }: Look): Answer {
  return remote.life === 'dead' || unit.removed ? { kind: 'rest', rest: 'unit-dead' } : undefined;
}

/** Only a new URL counts here, not a new resource; the hook that is queued or in error stays so. */
function newCharmAtLoopEntry(look: Look): Answer {
  if (!look.agent.loopEntered) return undefined;
  look.agent = { ...look.agent, loopEntered: false };
  const { unit, remote } = look;
  const upgradable = unit.started && unit.kind !== 'run-action' && unit.hook?.kind !== 'upgrade-charm';
  return upgradable && unit.charmUrl !== remote.charmUrl ? upgradeTo(look, remote.charmUrl) : undefined;
}

function firstInstall({ unit, remote }: Look): Answer {
  if (unit.kind !== 'install') return undefined;
  return { kind: 'install', charmUrl: remote.charmUrl, charmModifiedVersion: remote.charmModifiedVersion };
}

function startAfterReboot(look: Look): Answer {
  if (!look.agent.rebootDetected) return undefined;
  if (!look.unit.started) {
    look.agent = { ...look.agent, rebootDetected: false };
    return undefined;
  }
  if (look.unit.kind !== 'continue') return undefined;
  look.agent = { ...look.agent, rebootDetected: false };
  return look.runHook({ kind: 'start' });
}

function unfinishedUpgrade(look: Look): Answer {
  const { unit, remote, agent } = look;
  if (unit.kind !== 'upgrade') return undefined;
  if (!agent.conflicted) return upgradeTo(look, unit.charmUrl);
  if (remote.resolved !== 'none') {
    look.effects.push({ kind: 'clear-resolved' });
    return upgradeTo(look, unit.charmUrl);
  }
  if (remote.forceCharmUpgrade && charmModified(look)) return upgradeTo(look, remote.charmUrl);
  return { kind: 'rest', rest: 'waiting' };
}

function upgradeTo({ remote }: Look, charmUrl: string): Operation {
  return { kind: 'upgrade', charmUrl, charmModifiedVersion: remote.charmModifiedVersion };
}

function charmModified({ unit, agent, remote }: Look): boolean {
  return unit.charmUrl !== remote.charmUrl || agent.charmModifiedVersion !== remote.charmModifiedVersion;
}

function leadership({ unit, remote }: Look): Answer {
  if (!unit.installed) return undefined;
  if (unit.leader) return remote.leader && remote.life === 'alive' ? undefined : { kind: 'resign-leadership' };
  return remote.leader && remote.life === 'alive' && unit.kind === 'continue'
    ? { kind: 'accept-leadership' }
    : undefined;
}

/** Units that do not lead are told of new settings; each process tells the charm once what there is. Juju before 4. */
function leaderSettings(look: Look): Answer {
  const { unit, agent, remote } = look;
  const version = remote.leaderSettingsVersion;
  if (version === undefined || version === agent.leaderSettingsVersion) return undefined;
  return unit.installed && unit.kind === 'continue' && !unit.leader && remote.life === 'alive'
    ? look.runHook({ kind: 'leader-settings-changed' })
    : undefined;
}

function nextAction({ unit, agent, remote }: Look): Answer {
  // Killed in the middle of it: an action is not run twice.
  if (unit.kind === 'run-action') return { kind: 'fail-action', actionId: unit.actionId ?? '' };
  const inError = unit.kind === 'run-hook' && unit.step === 'pending';
  if (unit.kind !== 'continue' && !inError) return undefined;
  const action = remote.actions.find((one) => !agent.completedActions.includes(one.id));
  if (action === undefined) return undefined;
  return action.cancelled
    ? { kind: 'fail-action', actionId: action.id }
    : { kind: 'run-action', actionId: action.id, name: action.name };
}

function nextCommand({ agent, remote }: Look): Answer {
  const command = remote.commands.find((one) => !agent.completedCommands.includes(one.id));
  return command === undefined ? undefined : { kind: 'run-command', commandId: command.id, command: command.command };
}

function queuedOrFailedHook(look: Look): Answer {
  const { unit, remote } = look;
  if (unit.kind !== 'run-hook' || unit.hook === undefined) return undefined;
  switch (unit.step) {
    case 'pending':
      return failedHook(look, unit.hook);
    case 'done':
      return { kind: 'skip-hook', hook: unit.hook, seen: seenIn(remote) };
    case 'queued':
      // Install is left to the idle rules, which do nothing for a dying unit.
      return unit.hook.kind === 'install' ? undefined : look.runHook(unit.hook);
  }
}

function failedHook(look: Look, hook: HookInfo): Answer {
  const { remote, agent } = look;
  reportFailure(look, hook);
  if (remote.forceCharmUpgrade && charmModified(look)) return upgradeTo(look, remote.charmUrl);
  if (remote.resolved !== 'none') {
    stopRetryTimer(look);
    look.effects.push({ kind: 'clear-resolved' });
    return remote.resolved === 'retry' ? look.runHook(hook) : { kind: 'skip-hook', hook, seen: seenIn(remote) };
  }
  if (remote.retryCount > agent.retryCount) {
    // Its next failure starts the timer anew.
    look.agent = { ...look.agent, retryTimerStarted: false };
    return look.runHook(hook);
  }
  if (!agent.retryTimerStarted && remote.retryHooks) {
    look.effects.push({ kind: 'start-retry-timer' });
    look.agent = { ...look.agent, retryTimerStarted: true };
  }
  return { kind: 'rest', rest: 'hook-error' };
}

function reportFailure(look: Look, hook: HookInfo): void {
  // Juju names storage hooks by their kind alone here.
  const name = hook.endpoint === undefined ? hook.kind : hookName(hook);
  look.agentStatus('error', `hook failed: "${name}"`, {
    hook: name,
    ...(hook.relationId === undefined ? {} : { 'relation-id': hook.relationId }),
    ...(hook.remoteUnit === undefined ? {} : { 'remote-unit': hook.remoteUnit }),
  });
}

function stopRetryTimer(look: Look): void {
  if (look.agent.retryTimerStarted) look.effects.push({ kind: 'stop-retry-timer' });
  look.agent = { ...look.agent, retryTimerStarted: false };
}

function idle(look: Look): Answer {
  const { unit, remote } = look;
  if (remote.life === 'dying') return tearDown(look);
  if (!unit.installed) return look.runHook({ kind: 'install' });
  if (charmModified(look)) return upgradeTo(look, remote.charmUrl);
  if (
    unit.configHash !== remote.configHash ||
    unit.trustHash !== remote.trustHash ||
    unit.addressesHash !== remote.addressesHash
  ) {
    return look.runHook({ kind: 'config-changed' });
  }
  const relation = nextRelationHook(look);
  if (relation !== undefined) return relation;
  return look.agent.updateStatusTicks === remote.updateStatusTicks
    ? undefined
    : look.runHook({ kind: 'update-status' });
}

function tearDown(look: Look): Answer {
  // A queued install is a hook in progress for the relations: there can be none yet.
  const relation = look.unit.kind === 'continue' ? nextRelationHook(look) : undefined;
  if (relation !== undefined) return relation;
  if (look.unit.started && !look.unit.stopped) return look.runHook({ kind: 'stop' });
  if (look.unit.installed && !look.unit.removed) return look.runHook({ kind: 'remove' });
  return { kind: 'rest', rest: 'unit-dead' };
}
