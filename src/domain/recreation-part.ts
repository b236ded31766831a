import type { Desired } from './desired';
import { ownPeerUrl } from './etcd-config';
import type { Url } from './ids';
import type { DataMarker, Observed } from './observed';
import { isOf, type Recreation, type StagedSnapshot } from './recreation';
import type { LogEnd } from './recovery';
import type { Step } from './step';
import { waitForTime } from './waiting';

/** How soon what could not be done now is looked at again, seconds. */
const retrySeconds = 5;

/** A unit's part of a phase: what is left to do, that nothing is, or why it cannot be done. */
export type Part =
  | { readonly part: 'work'; readonly steps: readonly Step[] }
  | { readonly part: 'done' }
  /** `again`: in how many seconds it is looked at once more; null where only the operator can change it. */
  | { readonly part: 'problem'; readonly why: string; readonly again: number | null };

export const work = (...steps: readonly Step[]): Part => ({ part: 'work', steps });
export const later = (why: string): Part => ({ part: 'work', steps: waitForTime(retrySeconds, why) });
export const problem = (why: string, again: number | null = null): Part => ({ part: 'problem', why, again });
export const done: Part = { part: 'done' };

export type Phase = (observed: Observed, desired: Desired, recreation: Recreation) => Part;

/** Data on this disk that are not of the new cluster. */
export type OldData = 'none' | 'unknown' | 'foreign' | 'newer' | DataMarker;

export function oldData({ disk }: Observed, recreation: Recreation): OldData {
  if (!disk.data.known || !disk.marker.known) return 'unknown';
  if (disk.data.value !== 'present' || isOf(disk.marker.value, recreation)) return 'none';
  if (disk.marker.value === null) return 'foreign';
  return disk.marker.value.generation > recreation.generation ? 'newer' : disk.marker.value;
}

export const hasNewData = ({ disk }: Observed, recreation: Recreation): boolean =>
  disk.data.known && disk.data.value === 'present' && disk.marker.known && isOf(disk.marker.value, recreation);

export const stagedFor = ({ disk }: Observed, { token }: Recreation): StagedSnapshot | null =>
  disk.staged.known && disk.staged.value?.recreation.token === token ? disk.staged.value : null;

export const peerUrlOf = (observed: Observed, desired: Desired): Url | null =>
  observed.peers.own.value.peerUrl ?? ownPeerUrl(observed, desired);

/** What was measured of the replaced generation's data: in place, or moved aside last. */
function measured({ disk, space }: Observed, replaces: number): Pick<DataMarker, 'lastRevision' | 'logEnd'> | null {
  const marker = disk.marker.known ? disk.marker.value : null;
  if (marker?.generation === replaces && marker.lastRevision !== undefined) return marker;
  const aside = space.aside.known ? space.aside.value : [];
  // The marker of a new cluster took the place of the old one's, which went with the data.
  return aside.findLast((one) => one.generation === replaces)?.measured ?? null;
}

/** The last revision of the data that were moved aside. */
export function revisionOfOldData(observed: Observed, { replaces }: Recreation): bigint | null {
  const text = measured(observed, replaces)?.lastRevision;
  return typeof text === 'string' ? BigInt(text) : null;
}

/** How far the log of the data that were moved aside reaches. */
export function logEndOfOldData(observed: Observed, { replaces }: Recreation): LogEnd | null {
  const end = measured(observed, replaces)?.logEnd ?? null;
  if (end === null) return null;
  return { term: BigInt(end.term), index: BigInt(end.index), commit: BigInt(end.commit) };
}
