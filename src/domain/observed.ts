import type { BackupFacts } from './backup-schedule';
import type { ConfigurationFacts } from './configuration';
import type { FormerCluster, FormerMember } from './former-clusters';
import type { ClusterId, EtcdVersion, Generation, UnitName, Url } from './ids';
import type { CertificateAuthorityFacts, TlsFacts } from './observed-certificates';
import type { MirrorFacts } from './mirror';
import type { ClusterFacts } from './observed-cluster';
import type { PeerFacts } from './observed-peers';
import type { Probe } from './probe';
import type { Remains } from './remains';
import type { SpaceFacts } from './space';
import type { StandbyFacts } from './standby';
import type { StagedSnapshot } from './recreation';
import type { HeldBack } from './start-gate';

export type * from './observed-certificates';
export type * from './observed-cluster';
export type * from './observed-peers';

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
  readonly mirror: MirrorFacts;
  readonly configuration: ConfigurationFacts;
  readonly standby: StandbyFacts;
  readonly backup: BackupFacts;
  readonly disk: DiskFacts;
  readonly space: SpaceFacts;
  readonly cluster: ClusterFacts;
  /** Members of former clusters that answered as such; null in hooks that do not ask them. */
  readonly former: readonly FormerMember[] | null;
  /** What is left here of the cluster; null while its quorum is not known to be lost. */
  readonly remains: Remains | null;
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
  /** A verified database that waits to become the data of a new generation. */
  readonly staged: Probe<StagedSnapshot | null>;
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
  /** The last revision in the data, decimal, as read from them after their etcd was stopped for good; null where they do not tell. */
  readonly lastRevision?: string | null;
  /** How far their raft log reaches, numbers as decimal text; null where it cannot be read. Written with `lastRevision`. */
  readonly logEnd?: { readonly term: string; readonly index: string; readonly commit: string } | null;
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
  /** Token of the recovery in whose survey this unit found no majority. */
  readonly surveyed: string | null;
  /** Token of the recreation for which this unit read how far its stopped data reach: they may have grown since one before. */
  readonly measured: string | null;
  /** Token of the recovery for which this unit looked for its newest backup. */
  readonly searched: string | null;
  /** Token of the recovery for which this unit stopped Clearwater's cluster manager although the marker is an operator's. */
  readonly managerStopped: string | null;
  /** Since when half or more of the voters have given no answer, as far as this unit sees; null while that is not so. */
  readonly quorumLostSince: number | null;
  /** The cluster that this unit last agreed with; null before the first. */
  readonly cluster: ClusterId | null;
  /** Clusters before that one, as long as members of them have not joined the present one. */
  readonly former: readonly FormerCluster[];
  /** Which of those members answered when they were asked last. */
  readonly formerMembers: readonly FormerMember[];
  /** Learners seen without progress: member id -> since and raft index then. */
  readonly learnerSince: Readonly<Record<string, { readonly since: number; readonly index: string }>>;
}
