import type { Effect, Operation, Rest, Seen } from './operation';
import type { Order } from './order';
import type { RemoteSnapshot } from './remote-snapshot';
import type { AgentMemory, LocalState, UnitState } from './unit-state';
import type { HookInfo } from './hook-info';

/** What a rule answers: an operation, a reason to rest at once, or undefined for "ask the next rule". */
export type Answer = Operation | { readonly kind: 'rest'; readonly rest: Rest } | undefined;

/** One look in the making: the rules read the snapshot, and change the state and collect effects here. */
export class Look {
  unit: UnitState;
  agent: AgentMemory;
  readonly effects: Effect[] = [];

  constructor(
    local: LocalState,
    readonly remote: RemoteSnapshot,
    private readonly order: Order,
  ) {
    this.unit = local.unit;
    this.agent = { ...local.agent, looks: local.agent.looks + 1 };
  }

  get local(): LocalState {
    return { unit: this.unit, agent: this.agent };
  }

  /** Ids in the order of this look, drawn anew for each purpose. */
  shuffled(purpose: string, ids: readonly string[]): string[] {
    return this.order(`${purpose} ${String(this.agent.looks)}`, ids);
  }

  runHook(hook: HookInfo): Operation {
    return { kind: 'run-hook', hook, seen: seenIn(this.remote) };
  }

  /** Sets the agent status unless it is the one set last. */
  agentStatus(
    status: 'executing' | 'idle' | 'error',
    message: string,
    data?: Readonly<Record<string, string | number>>,
  ) {
    const text = `${status} ${message}`;
    if (this.agent.agentStatus === text) return;
    this.agent = { ...this.agent, agentStatus: text };
    this.effects.push({ kind: 'set-agent-status', status, message, ...(data === undefined ? {} : { data }) });
  }
}

/** The part of a snapshot that a commit takes in. */
export function seenIn(remote: RemoteSnapshot): Seen {
  return {
    configHash: remote.configHash,
    trustHash: remote.trustHash,
    addressesHash: remote.addressesHash,
    charmModifiedVersion: remote.charmModifiedVersion,
    updateStatusTicks: remote.updateStatusTicks,
    retryCount: remote.retryCount,
    leaderSettingsVersion: remote.leaderSettingsVersion ?? 0,
  };
}

/** `record` without `key`. */
export function without<V>(record: Readonly<Record<string, V>>, key: string): Record<string, V> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/** `value` without one of its fields. */
export function omit<T extends object, K extends keyof T & string>(value: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Omit<T, K>;
}
