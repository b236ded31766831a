/**
 * The uniter: what a Juju unit agent does next. Pure; the driver is a loop
 *
 *   local = startAgent(unit, snapshot)
 *   for ever:
 *     look = nextOperation(local, snapshot(), order)    -> local, effects, then an operation or why there is none
 *     if an operation: p = prepare(local, operation, snapshot()); unless p.skipExecute: execute it; finish(...); commit(...)
 *
 * After each function the new `local.unit` is written to disk, then the effects are carried out.
 */
export * from './types';
export { executingMessage, hookName, relationKey } from './hook-info';
export { ascendingOrder, seededOrder } from './order';
export { newUnitState } from './unit-state';
export { type Decision, nextOperation } from './next-operation';
export { type Advance, type AfterFinish, finish, prepare, startAgent } from './advance';
export { commit } from './commit-operation';
export { bagVersion } from './bag-version';
