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

/** What a member says of its keys at one revision (HashKV). Two answers can be compared only where the compact revision is equal, too. */
export interface KvHash {
  readonly hash: number;
  /** The member's newest revision when it answered. */
  readonly revision: bigint;
  /**
   * Revision that the history before is compacted to; -1 where it never was. From 3.5 on a member that ran the compaction to the very
   * revision that is asked for tells what it hashed then, and the compaction before.
   */
  readonly compactRevision: bigint;
}

/** Maintaining the store: asked by operators, never by a hook. Each call is one to one member. */
export interface EtcdMaintenance {
  /** The newest revision, read linearizably. */
  revision(endpoint: Url): Promise<bigint>;
  /** Gives up history before `revision`; with `physical` it answers when the space is free. Throws `ETCD_REFUSED` for revisions that are to come or gone. */
  compact(endpoint: Url, revision: bigint, physical: boolean): Promise<void>;
  /** Rewrites this member's database; it answers nobody meanwhile. */
  defragment(endpoint: Url, timeoutMs: number): Promise<void>;
  /** An alarm that is not there counts as disarmed. */
  disarm(endpoint: Url, alarm: Alarm): Promise<void>;
  /** 0 is the newest. Throws `ETCD_REFUSED` for a revision that this member has not seen yet or has compacted (3.4: or compacted to). */
  hashKv(endpoint: Url, revision: bigint): Promise<KvHash>;
  /** Keeps the turn of a long work; false where the lease is over. */
  keepTurn(endpoint: Url, lease: string): Promise<boolean>;
  close(): void;
}
