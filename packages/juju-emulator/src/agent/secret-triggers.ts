import type { Secret, World } from '../model';
import {
  canManageSecret,
  canReadSecret,
  latestNumber,
  obsoleteRevisions,
  secretLabelFor,
  secretRetryMs,
  secretUri,
} from '../model';
import type { Clock } from '../store/clock';
import type { RemoteSecrets, SecretOwner } from '../uniter';

/** Until when an expiry that its hook has dealt with is left alone; kept by the agent process, lost with it. */
export type ExpiryPauses = Readonly<Record<string, number>>;

/** What the secrets of the model mean to one unit at one moment. */
export interface SecretTriggers {
  readonly secrets: RemoteSecrets;
  readonly pauses: ExpiryPauses;
  /** When the next rotation or expiry is due, milliseconds since 1970; undefined when none is. */
  readonly nextAt: number | undefined;
}

/** How the uniter's keys of expiries begin. */
const expiredPrefix = 'expired ';

const expiryKey = (uri: string, revision: number): string => `${uri}/${String(revision)}`;

/**
 * Looks at the model's secrets for one unit. Rotation, expiry and obsolete revisions of an application's secrets are shown
 * to its leader only. An expiry that was dealt with while its revision stayed comes again after a while, as Juju's does.
 * @param completed keys of expiries (`uri/revision`) whose hook has ended since the last look
 */
export function secretTriggers(
  world: World,
  unit: string,
  now: number,
  pauses: ExpiryPauses,
  completed: readonly string[],
): SecretTriggers {
  const kept: Record<string, number> = {};
  const expired: RemoteSecrets['expired'][number][] = [];
  const rotate: RemoteSecrets['rotate'][number][] = [];
  const consumed: Record<string, RemoteSecrets['consumed'][string]> = {};
  const obsolete: Record<string, RemoteSecrets['obsolete'][string]> = {};
  const due: number[] = [];
  for (const secret of Object.values(world.secrets)) {
    const uri = secretUri(secret);
    const latest = latestNumber(secret);
    const tracked = secret.consumers[unit]?.revision;
    if (tracked !== undefined && tracked < latest && canReadSecret(world, secret, unit))
      consumed[uri] = { revision: latest, ...labelled(secretLabelFor(world, secret, unit)) };
    if (!canManageSecret(world, secret, unit)) continue;
    const owner = ownerOf(secret);
    const label = labelled(secret.label);
    const old = obsoleteRevisions(secret);
    if (old.length > 0) obsolete[uri] = { revisions: old, owner, ...label };
    if (secret.nextRotateTime !== null) {
      const at = Date.parse(secret.nextRotateTime);
      if (at <= now) rotate.push({ uri, revision: latest, owner, ...label });
      else due.push(at);
    }
    for (const { revision, expireTime } of secret.revisions) {
      if (expireTime === null || (revision !== latest && old.includes(revision))) continue;
      const key = expiryKey(uri, revision);
      const pause = completed.includes(key) ? now + secretRetryMs : pauses[key];
      if (pause !== undefined && pause > now) kept[key] = pause;
      const at = Math.max(Date.parse(expireTime), pause ?? 0);
      if (at <= now) expired.push({ uri, revision, owner, ...label });
      else due.push(at);
    }
  }
  return {
    secrets: { expired, rotate, consumed, obsolete, deleted: world.removedSecrets },
    pauses: kept,
    nextAt: due.length === 0 ? undefined : Math.min(...due),
  };
}

const ownerOf = (secret: Secret): SecretOwner => (secret.owner.kind === 'unit' ? 'unit' : 'application');

const labelled = (label: string): { label?: string } => (label === '' ? {} : { label });

/** A timer of a month and more would overflow; looking once a day does no harm. */
const longestWaitMs = 24 * 3_600_000;

/** The agent's watch over secrets: answers each look, and wakes the agent when a rotation or expiry falls due. */
export class SecretWatch {
  #pauses: ExpiryPauses = {};
  #cancel: (() => void) | undefined;

  constructor(
    private readonly unit: string,
    private readonly clock: Clock,
    private readonly wake: () => void,
  ) {}

  /** @param completed keys of the uniter's secret events whose hook has ended */
  look(world: World, completed: readonly string[]): RemoteSecrets {
    const now = this.clock.now().getTime();
    const ended = completed.flatMap((key) => (key.startsWith(expiredPrefix) ? [key.slice(expiredPrefix.length)] : []));
    const { secrets, pauses, nextAt } = secretTriggers(world, this.unit, now, this.#pauses, ended);
    this.#pauses = pauses;
    this.stop();
    if (nextAt !== undefined) this.#cancel = this.clock.after(Math.min(nextAt - now, longestWaitMs), this.wake);
    return secrets;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
