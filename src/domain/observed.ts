import type { ClusterId, EtcdVersion, Generation, MemberId, UnitName, Url } from './ids';
import type { Probe } from './probe';
import type { HeldBack } from './start-gate';

/**
 * What is known of the world in this hook, frozen. It is made anew before every planning round.
 * Times are milliseconds since the epoch. Secrets are never in it: certificates are facts and fingerprints.
 */
export interface Observed {
  readonly now: number;
  readonly event: ObservedEvent;
  /** 32 hex digits, random for every hook: what a fresh token is made of. */
  readonly entropy: string;
  readonly paths: PathFacts;
  readonly unit: UnitFacts;
  readonly peers: PeerFacts;
  readonly certificateAuthority: CertificateAuthorityFacts;
  readonly clients: readonly ClientRelationFacts[];
  readonly workload: WorkloadFacts;
  readonly tls: TlsFacts;
  readonly service: ServiceFacts;
  readonly gate: GateFacts;
  readonly disk: DiskFacts;
  readonly cluster: ClusterFacts;
  /** Ports open for this unit now, pending changes of this hook included, as `2379/tcp`. */
  readonly openedPorts: readonly string[];
  /** Raw values of `config-get --all`; desired.ts gives them meaning. */
  readonly config: Readonly<Record<string, string | number | boolean | null>>;
  /** Facts that the world cannot tell, kept in charm state (`state-get`). */
  readonly memory: Memory;
}

/** Where the rendered configuration points on this machine. */
export interface PathFacts {
  readonly dataDir: string;
  readonly caFile: string;
  readonly serverCertificateFile: string;
  readonly serverKeyFile: string;
}

/** Why the charm runs now. Only leaving and actions depend on it; everything else depends on state alone. */
export interface ObservedEvent {
  /** The hook's name without endpoint, e.g. `relation-departed`, `stop`, `action`. */
  readonly kind: string;
  readonly endpoint: string | null;
  readonly departingUnit: UnitName | null;
}

export interface UnitFacts {
  readonly name: UnitName;
  readonly application: string;
  readonly modelUuid: string;
  readonly isLeader: Probe<boolean>;
  /** From `network-get cluster` / `network-get db`: where peers and clients reach this unit. */
  readonly peerAddress: Probe<string>;
  readonly clientAddress: Probe<string>;
  /** First bind address of each binding, used when bind_to_all_interfaces is false. */
  readonly peerBindAddress: Probe<string>;
  readonly clientBindAddress: Probe<string>;
  readonly hostname: string;
  /** `x64`, `arm64`, ... as Node names it. */
  readonly architecture: string;
}

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
  /** This unit was named in this generation, which never elected a leader as far as it saw. */
  readonly neverElected: Generation | null;
  /** Counts things that others wait for (a released turn, a removed member), so that they get a hook. */
  readonly finished: number;
  /** Fingerprint of the common settings that this unit's member runs with, so that the etcd leader can restart last; see settings.ts. */
  readonly settings: string | null;
  /** Key of the Python charm: the address that clients use. */
  readonly clientAddress: string | null;
}

/** What the leader decided, in the peer application bag. It outlives the last unit. */
export interface PeerApplicationBag {
  readonly founding: Founding | null;
  /** Which unit each member id of this generation was ever reported by: only these may be housekept (rule 5). */
  readonly members: ReadonlyMap<MemberId, UnitName>;
  /** Which unit each peer URL was published by: a joiner adds itself only once its own is here, so that its member can always be told. */
  readonly addresses: ReadonlyMap<Url, UnitName>;
}

/** The founding decision of one generation. */
export interface Founding {
  readonly generation: Generation;
  /** initial-cluster-token, fresh for every generation (rule 9). */
  readonly token: string;
  readonly initial: readonly FoundingMember[];
}

export interface FoundingMember {
  readonly unit: UnitName;
  readonly peerUrl: Url;
}

export interface CertificateAuthorityFacts {
  /** null without a relation on `certificates`. */
  readonly relationId: string | null;
  /** What this unit has asked for, as read back from its own bag. */
  readonly request: Written<CertificateRequest | null>;
  /** What the provider answered, judged; null while it has not answered. Unknown where it could not be read. */
  readonly answer: Probe<CertificateAnswer | null>;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Sorted, without duplicates. */
  readonly sans: readonly string[];
}

/** The provider's answer; PEMs and keys stay with the port, known here by fingerprint. */
export interface CertificateAnswer {
  readonly ca: CertificateFacts | null;
  readonly server: CertificateFacts | null;
  readonly client: CertificateFacts | null;
}

/** One certificate, parsed. */
export interface CertificateFacts {
  /** sha256 of the DER, hex. */
  readonly fingerprint: string;
  readonly commonName: string;
  readonly sans: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  readonly serverAuth: boolean;
  readonly clientAuth: boolean;
  /** The private key beside it belongs to it; null where there is none by nature (a CA). */
  readonly keyMatches: boolean | null;
  /** Its signature verifies with the CA beside it. */
  readonly signedByCa: boolean;
  /** Set where the text could not be parsed; then all else is without meaning. */
  readonly unreadable: string | null;
}

export interface TlsFacts {
  readonly ca: CertificateFacts | null;
  readonly server: CertificateFacts | null;
  readonly client: CertificateFacts | null;
}

export interface ClientRelationFacts {
  readonly relationId: string;
  /** The set that this unit published, certificates by fingerprint; null while it is missing or incomplete. */
  readonly published: PublishedClientSet | null;
}

export interface PublishedClientSet {
  readonly connectionString: string;
  readonly version: string;
  readonly caFingerprint: string;
  readonly clientFingerprint: string;
}

export interface WorkloadFacts {
  /** Versions under /opt/etcd, complete ones only. */
  readonly installed: readonly EtcdVersion[];
  /** Where /opt/etcd/current points. */
  readonly current: EtcdVersion | null;
  /** What each source offers; unknown is never taken as absent. */
  readonly resource: Probe<WorkloadOffer | null>;
  readonly apt: Probe<WorkloadOffer | null>;
  readonly snap: Probe<WorkloadOffer | null>;
  /** Set when data of the Python charm is on this machine (/var/snap/etcd): hands off. */
  readonly predecessorData: boolean;
}

/** A source that can give etcd: either usable with a version, or not, with the reason for the operator. */
export interface WorkloadOffer {
  readonly source: 'resource' | 'apt' | 'snap';
  readonly version: EtcdVersion | null;
  readonly architecture: string | null;
  /** sha256 of the archive where it is a file. */
  readonly sha256: string | null;
  /** e.g. `is not a tar.gz archive`, `is truncated`, `is a snap`. */
  readonly problem: string | null;
}

export interface ServiceFacts {
  /** etcd.service as systemd sees it. */
  readonly state: 'absent' | 'stopped' | 'starting' | 'running' | 'failed' | 'unknown';
  /** sha256 of the unit file on disk; null if absent. */
  readonly unitFileHash: string | null;
  /** sha256 of the unit file that this version of the charm writes. */
  readonly wantedUnitFileHash: string;
  /** Text of /etc/etcd/etcd.conf.yml, which holds no secret; null if absent. */
  readonly configText: string | null;
  /** sha256 of /etc/etcd/etcd.conf.yml; null if absent. */
  readonly configHash: string | null;
  /** Hash of config and binary version that the running process was started with; null if not running or unknown. */
  readonly runningConfigHash: string | null;
  readonly runningVersion: EtcdVersion | null;
}

/** The start gate of this unit, from files alone: no process is asked. */
export interface GateFacts {
  /** Which release of the gate's program is in place, and which this charm brings. */
  readonly installed: string | null;
  readonly wanted: string;
  /** Text of the settings file; null if absent. */
  readonly settings: string | null;
  /** What the running responder listens as; null where it does not. */
  readonly listening: string | null;
  /** Why etcd was not let start last; null where it was, or where its member answers. */
  readonly heldBack: HeldBack | null;
}

export interface DiskFacts {
  readonly data: Probe<'absent' | 'empty' | 'present'>;
  /** The marker beside the data: written and synced before etcd's first start. */
  readonly marker: Probe<DataMarker | null>;
  /** Whether the member of these data ever had a leader, as their raft log tells; false without data. */
  readonly hadLeader: Probe<boolean>;
  readonly freeBytes: Probe<number>;
}

/** Says which generation the data directory belongs to and how it came to be. */
export interface DataMarker {
  readonly generation: Generation;
  readonly startedAs: 'new' | 'existing';
  readonly token: string;
  /** initial-cluster as it was then: kept, so that the rendered configuration does not change by itself later. */
  readonly initial: readonly { readonly name: string; readonly peerUrl: Url }[];
  /** Client URLs of the others, written before this unit removes its member: a killed `stop` must see afterwards that it is out. */
  readonly endpoints?: readonly Url[];
}

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

/** Charm state: only what the world cannot tell. */
export interface Memory {
  /** When this unit, as leader, first saw a peer URL published for a founding that has not happened (180 s rule). */
  readonly foundingWaitSince: number | null;
  /** When the relation's members were last seen to change (30 s rule without goal-state). */
  readonly membersStableSince: number | null;
  readonly membersSeen: readonly UnitName[];
  /** Client URLs of the other voters, as last seen with quorum: in `stop` no bag is left to read them from. */
  readonly endpoints: readonly Url[];
  /** This unit left with the whole application: a unit added meanwhile does not change that. */
  readonly left: boolean;
  /** The generation that this unit promised to stay out of (plan-refound.ts); in `stop` no bag is left to read it from. */
  readonly promised: Generation | null;
  /** Learners seen without progress: member id -> since and raft index then. */
  readonly learnerSince: Readonly<Record<string, { readonly since: number; readonly index: string }>>;
}
