import type { EtcdVersion, Generation, MemberId, UnitName, Url } from './ids';
import type { Probe } from './probe';
import type { Acknowledgement, Recreation } from './recreation';
import type { Remains } from './remains';

/** A value in an own bag; `pending` when this very hook wrote it, so that nothing may be done on the strength of it yet. */
export interface Written<T> {
  readonly value: T;
  readonly pending: boolean;
}

export interface PeerFacts {
  /** null before `cluster-relation-created`. */
  readonly relationId: string | null;
  /** Units of goal-state with whether Juju is removing them; unknown where goal-state gives no answer. Own unit included. */
  readonly planned: Probe<readonly PlannedUnit[]>;
  /** Members of the relation as `relation-list` has them (never the own unit; empty in `stop`). */
  readonly present: readonly UnitName[];
  readonly own: Written<PeerUnitBag>;
  readonly others: ReadonlyMap<UnitName, PeerUnitBag>;
  /**
   * Bags of units that goal-state still has and the relation lists no more: a unit that is being removed leaves the relation before its
   * `stop`, and loses all others itself. Nothing that lasts may be made of them, for nobody gets a hook when they are gone.
   */
  readonly unlisted: ReadonlyMap<UnitName, PeerUnitBag>;
  readonly application: Written<PeerApplicationBag>;
}

export interface PlannedUnit {
  readonly unit: UnitName;
  readonly dying: boolean;
}

/** What a unit says of itself in its own peer bag. Nothing in it changes by itself. */
export interface PeerUnitBag {
  /** Published once the unit has TLS and could start: its readiness for founding or joining. */
  readonly peerUrl: Url | null;
  readonly clientUrl: Url | null;
  /** Version of the installed binary. */
  readonly version: EtcdVersion | null;
  /** The generation of the cluster that this unit's member belongs to, and its id there, once it serves. */
  readonly generation: Generation | null;
  readonly memberId: MemberId | null;
  readonly voter: boolean;
  /** This unit stands by for another application's cluster; its client URL, where it has one, is its proxy's. */
  readonly standby: boolean;
  /** This unit was named in this generation, which never elected a leader as far as it saw. */
  readonly neverElected: Generation | null;
  /** Counts things that others wait for (a released turn, a removed member), so that they get a hook. */
  readonly finished: number;
  /** Fingerprint of the common settings that this unit's member runs with, so that the etcd leader can restart last; see settings.ts. */
  readonly settings: string | null;
  /** Key of the Python charm: the address that clients use. */
  readonly clientAddress: string | null;
  /** How far this unit is with recreating the cluster. */
  readonly recreation: Acknowledgement | null;
  /** What an action began here while this was the only unit, and whose commit never came; gone once the leader has taken it up. */
  readonly begun: Recreation | null;
  /** What this unit has left of a cluster that lost its quorum; null while it has not. Told once. */
  readonly remains: Remains | null;
}

/** What the leader decided, in the peer application bag. It outlives the last unit. */
export interface PeerApplicationBag {
  readonly founding: Founding | null;
  /** Which unit each member id of this generation was ever reported by: only these may be housekept (rule 5). */
  readonly members: ReadonlyMap<MemberId, UnitName>;
  /** Which unit each peer URL was published by: a joiner adds itself only once its own is here, so that its member can always be told. */
  readonly addresses: ReadonlyMap<Url, UnitName>;
  /** The last attempt to recreate the cluster, under way or ended. */
  readonly recreation: Recreation | null;
}

/** The founding decision of one generation. */
export interface Founding {
  readonly generation: Generation;
  /** initial-cluster-token, fresh for every generation (rule 9). */
  readonly token: string;
  readonly initial: readonly FoundingMember[];
  /** Its data were restored on the unit named: nobody may ever start this generation empty. */
  readonly recreated?: true;
}

export interface FoundingMember {
  readonly unit: UnitName;
  readonly peerUrl: Url;
}
