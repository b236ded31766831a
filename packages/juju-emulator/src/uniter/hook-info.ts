/** Kinds of hooks of Juju 4.x machine charms. `leader-deposed` and the like are declared in Juju but never run. */
export type HookKind =
  | 'install'
  | 'start'
  | 'config-changed'
  | 'upgrade-charm'
  | 'stop'
  | 'remove'
  | 'update-status'
  | 'leader-elected'
  /** Juju before 4. */
  | 'leader-settings-changed'
  | 'relation-created'
  | 'relation-joined'
  | 'relation-changed'
  | 'relation-departed'
  | 'relation-broken'
  | 'storage-attached'
  | 'storage-detaching'
  | 'secret-changed'
  | 'secret-expired'
  | 'secret-remove'
  | 'secret-rotate';

/**
 * What a hook is about. It is kept on disk while the hook is queued, runs or is in error, and a retry runs with exactly the
 * same one. Fields are there only where they belong to the kind.
 */
export interface HookInfo {
  readonly kind: HookKind;
  /** Relation hooks: the number after the colon of JUJU_RELATION_ID. */
  readonly relationId?: number;
  /** Relation hooks: name of the own endpoint (JUJU_RELATION). */
  readonly endpoint?: string;
  /** joined, departed, changed of a unit bag; absent for created, broken and changed of an application bag. */
  readonly remoteUnit?: string;
  /** Empty after an agent restart in `relation-broken`, as in Juju. */
  readonly remoteApplication?: string;
  /** departed only: the remote unit, or the local one when the local unit or application is going away. */
  readonly departingUnit?: string;
  /** The bag version taken in when this hook is committed. */
  readonly changeVersion?: number;
  /** Storage hooks: `data/0`. */
  readonly storageId?: string;
  /** Secret hooks: `secret:<id>`. */
  readonly secretUri?: string;
  /** changed, remove and expired (only the last two show it to the charm); for rotate the revision that is rotated away. */
  readonly secretRevision?: number;
  readonly secretLabel?: string;
}

/** The file name of the hook under `hooks/` (and JUJU_HOOK_NAME), e.g. `db-relation-changed`, `data-storage-attached`. */
export function hookName(hook: HookInfo): string {
  if (hook.endpoint !== undefined) return `${hook.endpoint}-${hook.kind}`;
  if (hook.storageId !== undefined) return `${hook.storageId.slice(0, hook.storageId.indexOf('/'))}-${hook.kind}`;
  return hook.kind;
}

/** JUJU_RELATION_ID of a relation hook, e.g. `db:7`; undefined for other hooks. */
export function relationKey(hook: HookInfo): string | undefined {
  return hook.relationId === undefined ? undefined : `${hook.endpoint ?? ''}:${String(hook.relationId)}`;
}

/** Text of the `executing` agent status, as Juju words it. */
export function executingMessage(hook: HookInfo): string {
  const subject =
    hook.remoteUnit ??
    (hook.secretUri === undefined
      ? undefined
      : hook.kind === 'secret-expired' || hook.kind === 'secret-remove'
        ? `${hook.secretUri}/${String(hook.secretRevision ?? 0)}`
        : hook.secretUri);
  return `running ${hookName(hook)} hook${subject === undefined ? '' : ` for ${subject}`}`;
}
