import { holdsQuorum } from './member';
import type { FileSum } from './mirror';
import type { Observed } from './observed';
import { lossPatience, seemsLost } from './quorum-loss';
import type { LogEnd } from './recovery';
import type { Step } from './step';

/** What a unit has left of a cluster that lost its quorum, as read from its own disk and member. */
export interface Remains {
  /** How far the raft log reaches; null where there is none, or it cannot be read. */
  readonly log: LogEnd | null;
  /** Null while the member does not answer: its database cannot be read meanwhile. */
  readonly revision: bigint | null;
  /** Bytes: of the database, or of all data while the member does not answer. */
  readonly size: number | null;
  /** The newest good backup that this unit took. */
  readonly backup: { readonly takenAt: number; readonly revision: bigint } | null;
  /** Mirrored configuration. */
  readonly files: readonly FileSum[];
}

/**
 * Tells the others once what is left here, while quorum is lost: a recovery is weighed on the leader alone, and a running member can be
 * read on its own disk only. Taken back when quorum is there again.
 */
export function planRemains(observed: Observed): readonly Step[] {
  const { peers, memory, now, remains } = observed;
  const { relationId, own } = peers;
  if (relationId === null) return [];
  const publish = (what: Remains | null): readonly Step[] => [
    { kind: 'publish-peer', relationId, bag: { ...own.value, remains: what } },
  ];
  const told = own.value.remains ?? null;
  if (told !== null) return holdsQuorum(observed) ? publish(null) : [];
  const since = memory.quorumLostSince ?? null;
  if (since === null || now - since < lossPatience || !seemsLost(observed)) return [];
  return remains === null ? [] : publish(remains);
}
