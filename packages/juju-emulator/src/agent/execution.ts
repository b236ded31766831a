import type { ContextSubject } from '../tools/context-subject';
import type { HookInfo, Outcome } from '../uniter';

/** How one execution (hook, action, juju-exec) went. */
export interface ExecutionResult {
  readonly outcome: Outcome;
  /** Error text for the log when it did not go well. */
  readonly error: string;
  readonly statusSet: boolean;
  /** juju-exec only. */
  readonly exec?: { readonly code: number; readonly stdout: Buffer; readonly stderr: Buffer };
}

/** The context subject of a hook that the uniter chose. */
export function hookSubject(hook: HookInfo): ContextSubject {
  if (hook.relationId !== undefined)
    return {
      kind: 'relation',
      hook: hook.kind,
      relationId: hook.relationId,
      remoteUnit: hook.remoteUnit ?? '',
      remoteApplication: hook.remoteApplication ?? '',
      ...(hook.departingUnit === undefined ? {} : { departingUnit: hook.departingUnit }),
    };
  if (hook.storageId !== undefined)
    return {
      kind: 'storage',
      hook: hook.kind === 'storage-attached' ? 'storage-attached' : 'storage-detaching',
      storageId: hook.storageId,
    };
  if (hook.secretUri !== undefined)
    return {
      kind: 'secret',
      hook: hook.kind,
      uri: hook.secretUri,
      ...(hook.secretLabel === undefined ? {} : { label: hook.secretLabel }),
      // The other secret hooks' revision is the uniter's own affair.
      ...(hook.secretRevision !== undefined && (hook.kind === 'secret-remove' || hook.kind === 'secret-expired')
        ? { revision: hook.secretRevision }
        : {}),
    };
  return { kind: 'lifecycle', hook: hook.kind };
}
