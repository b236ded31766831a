/** The uniter's nouns in one import. */
export type { HookInfo, HookKind } from './hook-info';
export type { Effect, Operation, Outcome, Rest, Seen } from './operation';
export type {
  Life,
  RemoteAction,
  RemoteCommand,
  RemoteRelation,
  RemoteSecrets,
  RemoteSnapshot,
  RemoteStorage,
  SecretOwner,
} from './remote-snapshot';
export type { AgentMemory, LocalRelation, LocalState, OpKind, OpStep, UnitState } from './unit-state';
export type { Order } from './order';
