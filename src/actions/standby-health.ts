import type { Observed } from '../domain/observed';
import { parseStandbySettings } from '../domain/standby';
import { statusOf } from '../domain/status';
import type { ActionOutcome } from './action';
import { done, failed } from './action';

/** Actions that a standby has: all others are a member's. */
export const actionsOfStandbys: ReadonlySet<string> = new Set(['health', 'debug', 'check-config-sync']);

/** Why another one is refused there. */
export const standbyRefusal = (name: string): string =>
  `This unit is a standby and has no member: run ${name} on a unit of the cluster that it serves.`;

/** `health` of a standby: whom it serves, and through which member. Null on a unit that is none. */
export function standbyHealth(observed: Observed): ActionOutcome | null {
  const settings = parseStandbySettings(observed.standby.settings);
  if (settings === null) return null;
  const { serving, through } = observed.standby;
  const members = [...settings.members].sort();
  const { message } = statusOf(observed);
  const output = [
    `standby ${observed.unit.name} of the members ${members.join(', ')}`,
    `goes through ${through ?? 'no member, as none is healthy'}`,
    message,
  ].join('\n');
  const results = {
    output,
    role: 'standby',
    serving: String(serving),
    through: through ?? '',
    members: members.join(','),
  };
  return serving ? done(results) : failed(message, results);
}
