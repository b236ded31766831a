import {
  commit,
  type Decision,
  type Effect,
  finish,
  hookName,
  type LocalState,
  newUnitState,
  nextOperation,
  type Operation,
  type Order,
  type Outcome,
  prepare,
  relationKey,
  type RemoteSnapshot,
  type Rest,
  startAgent,
  type UnitState,
} from '../uniter';
import { type Change, type Trace, type TraceHook, type TraceState } from './trace-format';
import { TraceWorld } from './trace-world';

/** More operations than this before the unit rests means that it never will. */
const maxLooks = 500;

/** Drives the uniter through a trace: a unit agent with a scripted charm. */
export class TraceAgent {
  private readonly world: TraceWorld;
  private local: LocalState | undefined;
  private unit: UnitState = newUnitState();
  private hooks: TraceHook[] = [];
  private statuses: string[] = [];
  private readonly failures = new Map<string, number>();
  private readonly during = new Map<string, readonly Change[]>();
  /** What armed script change ends the next run of a hook, by hook. */
  private readonly accidents = new Map<
    string,
    'agent-killed' | 'before-commit' | 'reboot-now' | 'reboot-after' | 'sigterm'
  >();
  private conflicts = 0;

  constructor(
    private readonly initial: Trace['initial'],
    private readonly order: Order,
  ) {
    this.world = new TraceWorld(initial);
    for (const change of initial.changes ?? []) this.apply(change);
  }

  /** Applies the changes of a step and runs the agent until it rests. */
  step(changes: readonly Change[] | null): { hooks: TraceHook[]; end: Rest; state: TraceState; statuses: string[] } {
    this.hooks = [];
    this.statuses = [];
    for (const change of changes ?? []) this.apply(change);
    const restarts = (changes ?? []).filter(
      (change) => change.do === 'agent-restart' || change.do === 'machine-reboot',
    );
    if (restarts.some((change) => change.do === 'machine-reboot')) this.world.reboot();
    if (restarts.length > 0) this.killAgent();
    const end = this.run();
    this.world.endOfStep();
    return { hooks: this.hooks, end, state: stateOf(this.unit), statuses: this.statuses };
  }

  private run(): Rest {
    for (let look = 0; look < maxLooks; look++) {
      this.local ??= startAgent(this.unit, this.snapshot());
      const decision = this.decide(this.local, this.snapshot());
      this.advance(decision);
      if (decision.kind === 'rest') return decision.rest;
      this.carryOut(decision.operation);
    }
    throw new Error(`the unit does not come to rest within ${String(maxLooks)} looks`);
  }

  /** One look of the agent. Overridden by who wants to see what is decided, and from what. */
  protected decide(local: LocalState, remote: RemoteSnapshot): Decision {
    return nextOperation(local, remote, this.order);
  }

  private carryOut(operation: Operation): void {
    const prepared = prepare(this.current(), operation, this.snapshot());
    this.advance(prepared);
    if (!prepared.skipExecute) {
      const outcome = this.execute(operation);
      if (outcome === 'agent-killed') {
        this.killAgent();
        return;
      }
      const statusSet = operation.kind === 'run-hook' && this.initial.charmSetsStatus === true;
      const finished = finish(this.current(), operation, outcome, statusSet);
      this.advance(finished);
      if (finished.next === 'reboot') this.killAgent();
      if (finished.next !== 'commit') return;
      if (operation.kind === 'run-hook' && this.accidents.get(hookName(operation.hook)) === 'before-commit') {
        this.accidents.delete(hookName(operation.hook));
        this.killAgent();
        return;
      }
    }
    if (operation.kind === 'run-action' || operation.kind === 'fail-action')
      this.world.finishAction(operation.actionId);
    this.advance(commit(this.current(), operation, this.snapshot()));
  }

  private execute(operation: Operation): Outcome | 'agent-killed' {
    switch (operation.kind) {
      case 'install':
      case 'upgrade':
        return this.conflicts-- > 0 ? 'conflict' : 'ok';
      case 'run-hook': {
        const { hook } = operation;
        const relation = relationKey(hook);
        return this.runCharm({
          hook: hookName(hook),
          ...(relation === undefined ? {} : { relation }),
          ...(hook.remoteUnit === undefined ? {} : { remoteUnit: hook.remoteUnit }),
          ...(hook.remoteApplication === undefined || hook.remoteApplication === ''
            ? {}
            : { remoteApp: hook.remoteApplication }),
          ...(hook.departingUnit === undefined ? {} : { departingUnit: hook.departingUnit }),
          ...(hook.storageId === undefined ? {} : { storage: hook.storageId }),
          ...(hook.secretUri === undefined ? {} : { secretUri: hook.secretUri }),
          ...(hook.secretRevision === undefined || hook.kind === 'secret-rotate'
            ? {}
            : { secretRevision: hook.secretRevision }),
          ...(hook.secretLabel === undefined ? {} : { secretLabel: hook.secretLabel }),
        });
      }
      case 'run-action':
        return this.runCharm({ hook: `action:${operation.name}`, action: operation.actionId });
      case 'run-command':
        return this.runCharm({ hook: 'juju-exec', exec: operation.command });
      default:
        return 'ok';
    }
  }

  /** Runs a hook, action or command as the script says, and records it. */
  private runCharm(hook: TraceHook): Outcome | 'agent-killed' {
    const changes = this.during.get(hook.hook) ?? [];
    this.during.delete(hook.hook);
    for (const change of changes) this.apply(change);
    const failures = this.failures.get(hook.hook) ?? 0;
    const accident = this.accidents.get(hook.hook);
    if (accident !== undefined && accident !== 'before-commit') {
      this.accidents.delete(hook.hook);
      this.hooks.push({ ...hook, result: accident });
      return accident === 'sigterm' ? 'terminated' : accident;
    }
    if (failures > 0) {
      this.failures.set(hook.hook, failures - 1);
      this.hooks.push({ ...hook, result: 'fail' });
      return 'fail';
    }
    this.hooks.push(hook);
    return 'ok';
  }

  private apply(change: Change): void {
    if (this.world.apply(change)) return;
    const hook = change.hook ?? '';
    switch (change.do) {
      case 'hook-will-fail':
        this.failures.set(hook, change.count ?? 1);
        break;
      case 'hook-fixed':
        this.failures.delete(hook);
        break;
      case 'during-hook':
        this.during.set(hook, change.changes ?? []);
        break;
      case 'agent-dies-in-hook':
        this.accidents.set(hook, 'agent-killed');
        break;
      case 'agent-dies-before-commit':
        this.accidents.set(hook, 'before-commit');
        break;
      case 'hook-calls-juju-reboot':
        this.accidents.set(hook, 'reboot-after');
        break;
      case 'hook-calls-juju-reboot-now':
        this.accidents.set(hook, 'reboot-now');
        break;
      case 'hook-gets-sigterm':
        this.accidents.set(hook, 'sigterm');
        break;
      case 'deploy-conflict':
        this.conflicts = change.count ?? 1;
        break;
      case 'agent-restart':
      case 'machine-reboot':
        // The step does it, after the other changes.
        break;
      default:
        throw new Error(`unknown change "${change.do}"`);
    }
  }

  /** The process ends; what is on disk is what JSON keeps of it. */
  private killAgent(): void {
    this.unit = JSON.parse(JSON.stringify(this.unit)) as UnitState;
    this.local = undefined;
    this.world.agentRestarts();
  }

  private advance(result: { readonly local: LocalState; readonly effects: readonly Effect[] }): void {
    this.local = result.local;
    this.unit = result.local.unit;
    for (const effect of result.effects) {
      this.world.perform(effect);
      if (effect.kind === 'set-agent-status') {
        const data = effect.status === 'error' ? ` data=${JSON.stringify(effect.data ?? null)}` : '';
        this.statuses.push(`agent-status: ${effect.status} ${JSON.stringify(effect.message)}${data}`);
      }
      if (effect.kind === 'set-workload-status') {
        this.statuses.push(`workload-status: ${effect.status} ${JSON.stringify(effect.message)}`);
      }
    }
  }

  private snapshot(): RemoteSnapshot {
    return this.world.snapshot(this.unit.charmUrl);
  }

  private current(): LocalState {
    if (this.local === undefined) throw new Error('no agent process is running');
    return this.local;
  }
}

function stateOf(unit: UnitState): TraceState {
  const relations = Object.values(unit.relations).map(
    (relation) =>
      [
        `${relation.endpoint}:${String(relation.id)}`,
        {
          members: nullIfEmpty(Object.keys(relation.members).sort()),
          appsSeen: nullIfEmpty(Object.keys(relation.applicationMembers).sort()),
          ...(relation.changedPending === undefined ? {} : { changedPending: relation.changedPending }),
        },
      ] as const,
  );
  return {
    op: unit.kind,
    step: unit.step,
    ...(unit.hook === undefined ? {} : { hook: unit.hook.kind }),
    installed: unit.installed,
    started: unit.started,
    leader: unit.leader,
    ...(unit.stopped ? { stopped: true } : {}),
    ...(unit.removed ? { removed: true } : {}),
    ...(relations.length === 0 ? {} : { relations: Object.fromEntries(relations) }),
  };
}

function nullIfEmpty(names: string[]): string[] | null {
  return names.length === 0 ? null : names;
}
