import type { Alarm, Member, MemberStatus, TurnHolder } from '../domain/observed';
import type { MemberId, UnitName, Url } from '../domain/ids';

/**
 * Asking members, cheap enough for every hook: one kept-alive TLS connection a member, no gRPC library.
 * Every call names one endpoint, so that it is known who answered. Errors are `CharmError`
 * (`ETCD_UNAVAILABLE`, `ETCD_TIMEOUT`, `ETCD_REFUSED`).
 */
export interface EtcdProbe {
  status(endpoint: Url): Promise<MemberStatus>;
  members(endpoint: Url): Promise<readonly Member[]>;
  alarms(endpoint: Url): Promise<readonly Alarm[]>;
  /** True when a linearizable read answered, false when etcd said that it has no leader; throws when nothing is known. */
  hasQuorum(endpoint: Url): Promise<boolean>;
  turn(endpoint: Url, key: string): Promise<TurnHolder | null>;
  close(): void;
}

/** Changing the cluster: loaded only when a step needs it. Idempotent: "already so" is success. */
export interface EtcdMembership {
  /** Adds a learner; returns its id and the list that its initial-cluster is made of. An existing member with this peer URL counts as added. */
  addLearner(endpoint: Url, peerUrl: Url): Promise<{ readonly id: MemberId; readonly members: readonly Member[] }>;
  /** Resolves false while etcd says that the learner is not in sync yet. A voter counts as promoted. */
  promote(endpoint: Url, id: MemberId): Promise<boolean>;
  remove(endpoint: Url, id: MemberId): Promise<void>;
  members(endpoint: Url): Promise<readonly Member[]>;
  updatePeerUrl(endpoint: Url, id: MemberId, peerUrl: Url): Promise<void>;
  /** Must be asked at the leader's own endpoint. */
  moveLeader(leaderEndpoint: Url, to: MemberId): Promise<void>;
  /** Takes the turn if nobody has it; returns the lease, or null when another holds it. */
  takeTurn(endpoint: Url, key: string, unit: UnitName, purpose: string, ttlSeconds: number): Promise<string | null>;
  /** Gives it back if it is still this unit's. */
  releaseTurn(endpoint: Url, key: string, unit: UnitName): Promise<void>;
  close(): void;
}
