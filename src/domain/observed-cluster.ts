import type { ClusterId, EtcdVersion, MemberId, UnitName, Url } from './ids';
import type { Probe } from './probe';

/** What etcd itself says, asked from this unit in this hook. */
export interface ClusterFacts {
  /** Answer of the own member at its client URL. */
  readonly local: Probe<MemberStatus>;
  /** Member list as told by `membersFrom`: the own member, or (for a joiner) a peer's. */
  readonly members: Probe<readonly Member[]>;
  /** Status of every member that has a client URL, by id. */
  readonly statuses: ReadonlyMap<MemberId, Probe<MemberStatus>>;
  /** A linearizable read answered: the cluster that this unit reaches has quorum. */
  readonly quorum: Probe<boolean>;
  readonly alarms: Probe<readonly Alarm[]>;
  /** The turn for restarts: who holds the lease-bound key, if anybody. */
  readonly turn: Probe<TurnHolder | null>;
}

export interface Member {
  readonly id: MemberId;
  /** Empty until it has started for the first time. */
  readonly name: string;
  readonly peerUrls: readonly Url[];
  readonly clientUrls: readonly Url[];
  readonly learner: boolean;
}

export interface MemberStatus {
  readonly memberId: MemberId;
  readonly clusterId: ClusterId;
  readonly leaderId: MemberId | null;
  readonly version: EtcdVersion;
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  /** Bytes that the database may have; only members from 3.6 on tell. */
  readonly dbSizeQuota?: number;
  readonly raftTerm: bigint;
  readonly raftIndex: bigint;
  readonly raftAppliedIndex: bigint;
  readonly revision: bigint;
  readonly learner: boolean;
  readonly errors: readonly string[];
  /** How long the answer took, milliseconds. */
  readonly latency: number;
}

export interface Alarm {
  readonly memberId: MemberId;
  readonly alarm: 'NOSPACE' | 'CORRUPT';
}

export interface TurnHolder {
  readonly unit: UnitName;
  /** Lease id, hex. */
  readonly lease: string;
  readonly purpose: string;
}
