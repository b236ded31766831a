import type { SettableStatus } from '@juju/charm-helpers-ts';
import type { BadRequest } from './request';

export interface UnitStatus {
  readonly status: SettableStatus;
  readonly message: string;
}

/** The words of the reactive charm come first; what follows them is ours. */
export function unitStatus(connected: boolean, bad: readonly BadRequest[]): UnitStatus {
  const words = `Certificate Authority ${connected ? 'connected' : 'ready'}.`;
  const [first] = bad;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : '';
  return { status: 'active', message: first === undefined ? words : `${words} Skipped: ${describe(first)}${more}` };
}

export const noAddress: UnitStatus = { status: 'blocked', message: 'Public address not available yet' };

/** The authority is never made twice: certificates of two would not trust each other. */
export const notLeader: UnitStatus = { status: 'waiting', message: 'Only the leader makes a Certificate Authority.' };

export const describe = ({ unit, key, reason }: BadRequest): string => `${key} of ${unit}: ${reason}`;
