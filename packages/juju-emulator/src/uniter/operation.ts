import type { HookInfo } from './hook-info';
import type { SecretOwner } from './remote-snapshot';

/** Values of the snapshot from which the operation was chosen; taken in when it is committed. */
export interface Seen {
  readonly configHash: string;
  readonly trustHash: string;
  readonly addressesHash: string;
  readonly charmModifiedVersion: number;
  readonly updateStatusTicks: number;
  readonly retryCount: number;
  readonly leaderSettingsVersion: number;
}

/** One thing to do: `prepare` it, execute it, `finish` it, `commit` it. JSON. */
export type Operation =
  /** Put the charm's files there (`upgrade`: over those of the old one, by Juju's manifest rules) and set the unit's charm. */
  | { readonly kind: 'install' | 'upgrade'; readonly charmUrl: string; readonly charmModifiedVersion: number }
  | { readonly kind: 'run-hook'; readonly hook: HookInfo; readonly seen: Seen; readonly secretOwner?: SecretOwner }
  /** Commit a hook without running it: resolved --no-retry, or it ran and the agent died before the commit. */
  | { readonly kind: 'skip-hook'; readonly hook: HookInfo; readonly seen: Seen }
  | { readonly kind: 'accept-leadership' }
  | { readonly kind: 'resign-leadership' }
  | { readonly kind: 'run-action'; readonly actionId: string; readonly name: string }
  /** The agent died in the action, or it was cancelled before it ran: report it as failed. */
  | { readonly kind: 'fail-action'; readonly actionId: string }
  | { readonly kind: 'run-command'; readonly commandId: string; readonly command: string }
  | { readonly kind: 'forget-secrets'; readonly uris: readonly string[] };

/** What the driver has to do besides operations, in the order given. All of them may be repeated without harm. */
export type Effect =
  | {
      readonly kind: 'set-agent-status';
      readonly status: 'executing' | 'idle' | 'error';
      readonly message: string;
      readonly data?: Readonly<Record<string, string | number>>;
    }
  | {
      readonly kind: 'set-workload-status';
      readonly status: 'maintenance' | 'unknown' | 'terminated';
      readonly message: string;
    }
  | { readonly kind: 'enter-scope'; readonly relationId: number }
  | { readonly kind: 'leave-scope'; readonly relationId: number }
  | { readonly kind: 'set-relation-status'; readonly relationId: number; readonly status: 'joined' | 'suspended' }
  /** The files are there and complete: the unit's charm URL in the model becomes this one. */
  | { readonly kind: 'set-charm-url'; readonly charmUrl: string }
  | { readonly kind: 'clear-resolved' }
  /** 5 s, doubling, at most 5 min, with jitter; when it fires `retryCount` goes up by one. */
  | { readonly kind: 'start-retry-timer' }
  /** Also takes the delay back to 5 s. */
  | { readonly kind: 'stop-retry-timer' }
  /** Counts of ticks and retries begin at 0 again. */
  | { readonly kind: 'restart-watcher' }
  /** All storage attachments of the unit become dying. */
  | { readonly kind: 'destroy-storage-attachments' }
  | { readonly kind: 'remove-storage-attachment'; readonly storageId: string }
  | { readonly kind: 'destroy-subordinates' }
  /** A subordinate unit whose last container relation goes becomes dying. */
  | { readonly kind: 'destroy-unit' }
  | { readonly kind: 'begin-action'; readonly actionId: string }
  | { readonly kind: 'fail-action'; readonly actionId: string; readonly message: string }
  | { readonly kind: 'secret-rotated'; readonly uri: string; readonly revision: number }
  | { readonly kind: 'reboot-machine' };

/**
 * How the execution of an operation ended, told to `finish`.
 * `ok` also stands for a hook that the charm has no file for, and for an action of whatever result;
 * `fail`: exit status other than 0, or the flush refused; `terminated`: ended by a signal while the agent lives;
 * `reboot-now` / `reboot-after`: the hook called juju-reboot with / without --now; `conflict`: the charm's files cannot be put there.
 */
export type Outcome = 'ok' | 'fail' | 'terminated' | 'reboot-now' | 'reboot-after' | 'conflict';

/** Why there is no operation. `waiting`: neither idle nor in error, e.g. for storage before install. */
export type Rest = 'idle' | 'hook-error' | 'waiting' | 'unit-dead';
