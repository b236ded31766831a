import type { Operation } from './operation';
import type { RemoteSnapshot } from './remote-snapshot';

/** Leadership may have gone between the choice and now. */
export function isSkipped(operation: Extract<Operation, { kind: 'run-hook' }>, remote: RemoteSnapshot): boolean {
  if (remote.leader) return false;
  return operation.hook.kind === 'leader-elected' || operation.secretOwner === 'application';
}
