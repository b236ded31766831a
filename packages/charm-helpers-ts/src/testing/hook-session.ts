import type { RelationBag } from '../tools/relation';
import type { LogLevel } from '../tools/log';
import type { CharmUnderTest } from './charm-files';
import type { TestEvent } from './events';
import type { RelationState, State } from './state';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

/**
 * One hook while it runs. `pending` is what the hook itself already sees; of it Juju keeps nothing unless the hook succeeds.
 * `immediate` holds at once and whatever happens later.
 */
export interface HookSession {
  readonly charm: CharmUnderTest;
  readonly event: TestEvent;
  /** As the hook began: what others wrote does not change while a hook runs, because Juju caches it. */
  readonly before: State;
  pending: PendingState;
  immediate: ImmediateState;
  /** Set once the charm wrote application data: the commit then needs leadership. */
  wroteAsLeader: boolean;
  readonly logs: LogLine[];
  readonly action: { results: Record<string, unknown>; failure: string | null; readonly log: string[] } | null;
}

/** What Juju keeps only on success. */
export const transactional = [
  'relations',
  'charmState',
  'openedPorts',
  'secrets',
  'requestedStorage',
  'rebootRequested',
] as const;
/** What acts at once. */
export const immediateFields = ['status', 'applicationStatus', 'applicationVersion', 'leaderSettings'] as const;

export type PendingState = Pick<State, (typeof transactional)[number]>;
export type ImmediateState = Pick<State, (typeof immediateFields)[number]>;

export function beginSession(charm: CharmUnderTest, event: TestEvent, before: State): HookSession {
  const { relations, charmState, openedPorts, secrets, requestedStorage, rebootRequested } = before;
  const { status, applicationStatus, applicationVersion, leaderSettings } = before;
  return {
    charm,
    event,
    before,
    pending: { relations, charmState, openedPorts, secrets, requestedStorage, rebootRequested },
    immediate: { status, applicationStatus, applicationVersion, leaderSettings },
    wroteAsLeader: false,
    logs: [],
    action: event.kind === 'action' ? { results: {}, failure: null, log: [] } : null,
  };
}

/** The state after the hook: with its writes where the commit came through, else only with what acted at once. */
export const endSession = (session: HookSession, committed: boolean): State =>
  Object.freeze({ ...session.before, ...(committed ? session.pending : {}), ...session.immediate });

/** Replaces a relation among the pending ones. */
export function changeRelation(session: HookSession, changed: RelationState): void {
  const relations = session.pending.relations.map((one) => (one.id === changed.id ? changed : one));
  session.pending = { ...session.pending, relations };
}

/** A bag after `relation-set`: an empty value removes its key. */
export function changedBag(bag: RelationBag, changes: Readonly<Record<string, string>>): RelationBag {
  return Object.freeze(Object.fromEntries(Object.entries({ ...bag, ...changes }).filter(([, value]) => value !== '')));
}
