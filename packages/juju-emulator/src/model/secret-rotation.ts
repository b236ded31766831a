import { addMilliseconds, addMonths, millisecondsOf } from '../format/timestamp';
import type { RotatePolicy, Secret } from './secret';
import { findSecret, latestNumber, latestRevision } from './secret';
import type { World } from './world';

/** How soon a rotation or expiry that changed nothing comes again, milliseconds (Juju's RotateRetryDelay and ExpireRetryDelay). */
export const secretRetryMs = 5 * 60_000;

const hour = 3_600_000;

/** When a secret with this policy is next due, counted from a time; null for `never`. Months and years are the calendar's. */
export function nextRotateTime(policy: RotatePolicy, from: string): string | null {
  switch (policy) {
    case 'never':
      return null;
    case 'hourly':
      return addMilliseconds(from, hour);
    case 'daily':
      return addMilliseconds(from, 24 * hour);
    case 'weekly':
      return addMilliseconds(from, 7 * 24 * hour);
    case 'monthly':
      return addMonths(from, 1);
    case 'quarterly':
      return addMonths(from, 3);
    case 'yearly':
      return addMonths(from, 12);
  }
}

/** Takes over a new policy: one that begins to rotate is due a whole period from now, `never` is due no more. */
export function setRotatePolicy(secret: Secret, policy: RotatePolicy, now: string): void {
  const began = secret.rotatePolicy === 'never' && policy !== 'never';
  secret.rotatePolicy = policy;
  if (policy === 'never') secret.nextRotateTime = null;
  else if (began) secret.nextRotateTime = nextRotateTime(policy, now);
}

/**
 * The owner's secret-rotate hook has ended well. A hook that made no new revision is asked again soon, and so is one whose
 * secret would expire before its next turn.
 * @param originalRevision the latest revision when the hook was chosen
 */
export function secretRotated(world: World, uri: string, originalRevision: number, now: string): void {
  const secret = findSecret(world, uri);
  if (secret === undefined || secret.rotatePolicy === 'never') return;
  const last = secret.nextRotateTime ?? now;
  const regular = nextRotateTime(secret.rotatePolicy, last);
  const soon = addMilliseconds(last, secretRetryMs);
  const expires = latestRevision(secret)?.expireTime ?? null;
  const willExpire = expires !== null && regular !== null && millisecondsOf(expires) < millisecondsOf(regular);
  const forced =
    (willExpire && millisecondsOf(soon) < millisecondsOf(expires)) || latestNumber(secret) === originalRevision;
  secret.nextRotateTime = forced ? soon : regular;
}
