import type { BackupSettings } from './backup-schedule';
import type { EtcdConfig } from './etcd-config';
import type { Alarm, CertificateRequest, DataMarker, Founding, Memory, PeerUnitBag } from './observed';
import type { EtcdVersion, Generation, MemberId, UnitName, Url } from './ids';
import type { Recreation, StagedSnapshot } from './recreation';
import type { MirrorEntry, MirrorSettings } from './mirror';
import type { StandbySettings } from './standby';
import type { GateSettings } from './start-gate';

/**
 * Everything the charm can do, as data. A step carries no secret: it is logged, shown by `--dry-run` and kept in the journal.
 * Every step is idempotent: carried out twice it leaves what it leaves once.
 */
export type Step =
  // workload
  | { readonly kind: 'install-binaries'; readonly source: 'resource' | 'apt' | 'snap'; readonly version: EtcdVersion }
  | { readonly kind: 'switch-binaries'; readonly version: EtcdVersion }
  | { readonly kind: 'write-service-unit'; readonly hash: string }
  | { readonly kind: 'set-application-version'; readonly version: EtcdVersion }
  // tls
  | {
      readonly kind: 'request-certificate';
      readonly relationId: string;
      readonly request: CertificateRequest;
      /** The signing request that is to be replaced by one with a new key (renewal, revocation); null where any will do. */
      readonly replaced: string | null;
    }
  /** One more client certificate, e.g. for an action. */
  | {
      readonly kind: 'request-client-certificate';
      readonly relationId: string;
      readonly request: CertificateRequest;
      /** As in `request-certificate`. */
      readonly replaced: string | null;
    }
  | {
      readonly kind: 'install-certificates';
      readonly fingerprints: { readonly ca: string; readonly server: string; readonly client: string };
    }
  /** Key, certificate and authority for a client outside, into the home of the machine's user. */
  | {
      readonly kind: 'package-credentials';
      readonly path: string;
      /** File for the password of a PKCS#12 file; null for an archive. */
      readonly password: string | null;
      /** What the files of an archive are in; null for none. */
      readonly directory: string | null;
      /** What the authority was asked for; null for the certificate that all clients share. */
      readonly named: { readonly relationId: string; readonly request: CertificateRequest } | null;
      /** sha256 of the certificate, hex: another one is not packaged. */
      readonly fingerprint: string;
      readonly application: string;
      readonly commonName: string;
      readonly notAfter: number;
      readonly endpoints: readonly string[];
      readonly renewal: string;
    }
  // peer data
  | { readonly kind: 'publish-peer'; readonly relationId: string; readonly bag: PeerUnitBag }
  | { readonly kind: 'write-founding'; readonly relationId: string; readonly founding: Founding }
  | {
      readonly kind: 'record-members';
      readonly relationId: string;
      readonly members: ReadonlyMap<MemberId, UnitName>;
      readonly addresses: ReadonlyMap<Url, UnitName>;
    }
  | { readonly kind: 'write-recreation'; readonly relationId: string; readonly recreation: Recreation }
  | { readonly kind: 'remember'; readonly memory: Memory }
  // the start gate
  | { readonly kind: 'install-gate'; readonly release: string }
  | { readonly kind: 'write-gate-settings'; readonly settings: GateSettings }
  /** (Re)start the responder and wait, bounded, until it listens. */
  | { readonly kind: 'start-gate'; readonly listening: string }
  | { readonly kind: 'remove-gate' }
  // the configuration mirror
  /** Run it with these settings, anew where it runs, and wait, bounded, until it says so. */
  | { readonly kind: 'start-mirror'; readonly settings: MirrorSettings; readonly running: string }
  | { readonly kind: 'stop-mirror' }
  | { readonly kind: 'remove-mirror' }
  // standing by for another application's cluster
  /** Run link and proxy with these settings, anew only what must be, and wait, bounded, until a read is answered. */
  | { readonly kind: 'start-standby'; readonly settings: StandbySettings }
  /** Run the proxy anew and wait as above. */
  | { readonly kind: 'restart-proxy'; readonly settings: StandbySettings; readonly why: string }
  | { readonly kind: 'remove-standby' }
  // scheduled backups
  /** Timers and what they run by; systemd is asked first whether it takes the expressions. */
  | { readonly kind: 'install-backup-timer'; readonly settings: BackupSettings }
  /** The backups stay. */
  | { readonly kind: 'remove-backup-timer' }
  /** Removes backups by their file names, by the operator's word alone; the schedule removes its own by itself. */
  | { readonly kind: 'remove-backups'; readonly target: string; readonly names: readonly string[] }
  // the member of this unit
  | { readonly kind: 'write-etcd-config'; readonly config: EtcdConfig }
  | { readonly kind: 'mark-data'; readonly marker: DataMarker }
  | { readonly kind: 'start-etcd'; readonly why: string }
  | { readonly kind: 'restart-etcd'; readonly why: string }
  | { readonly kind: 'stop-etcd'; readonly why: string }
  /** Wait inside the hook, bounded, until the own member answers (and, where asked, a leader is known). `joining`: a learner that was started with no data. */
  | {
      readonly kind: 'await-serving';
      readonly timeoutMs: number;
      readonly withLeader: boolean;
      readonly joining?: true;
    }
  | { readonly kind: 'move-data-aside'; readonly why: string }
  // recreating the cluster
  /** Write down beside the data what a verified database is for. */
  | { readonly kind: 'stage-snapshot'; readonly staged: Omit<StagedSnapshot, 'complete'> }
  /** Read the staged database once more; what is found stands beside it. */
  | { readonly kind: 'check-staged'; readonly staged: StagedSnapshot }
  | { readonly kind: 'clear-staged'; readonly why: string }
  /** Note the last revision in the marker of data whose etcd is stopped. */
  | { readonly kind: 'measure-data' }
  /**
   * Ask the own member and the others for a linearizable read again and again, bounded: whether anybody still has a majority. `led`: the
   * own member had a leader when this was planned, which it may have lost since.
   */
  | {
      readonly kind: 'seek-quorum';
      readonly others: readonly Url[];
      readonly led: boolean;
      readonly timeoutMs: number;
    }
  /** Make a database of all that this unit's old member had. */
  | { readonly kind: 'save-survivor'; readonly recreation: Recreation }
  /** Verify the newest good backup on this unit, where there is one. */
  | { readonly kind: 'stage-newest'; readonly recreation: Recreation }
  /** Make a data directory beside the place of the data; what goes wrong with the database itself stands beside it. */
  | {
      readonly kind: 'restore-data';
      readonly staged: StagedSnapshot;
      readonly name: string;
      readonly peerUrl: Url;
    }
  /** Put it in place, where nothing is. */
  | { readonly kind: 'adopt-data'; readonly generation: Generation }
  // the cluster
  | { readonly kind: 'add-learner'; readonly peerUrl: Url; readonly via: readonly Url[] }
  | {
      readonly kind: 'promote-learner';
      readonly memberId: MemberId;
      readonly via: readonly Url[];
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'remove-member';
      readonly memberId: MemberId;
      readonly unit: UnitName | null;
      readonly via: readonly Url[];
      readonly why: string;
      /** Set where only a learner may go (rule 5): the executor looks again right before, as it may have become a voter. */
      readonly onlyIfLearner: boolean;
    }
  | { readonly kind: 'move-leadership'; readonly from: MemberId; readonly to: MemberId; readonly via: readonly Url[] }
  | {
      readonly kind: 'update-peer-url';
      readonly memberId: MemberId;
      readonly peerUrl: Url;
      readonly via: readonly Url[];
    }
  /** Save what a member has, the own one where none is named, as an archive; of at least this revision, where one is given. */
  | {
      readonly kind: 'save-backup';
      readonly target: string;
      readonly leastRevision: bigint | null;
      readonly from?: Url;
    }
  /** Restore a backup into an etcd of its own and compare. */
  | { readonly kind: 'drill-backup'; readonly source: string }
  | { readonly kind: 'take-turn'; readonly purpose: string; readonly ttlSeconds: number }
  | { readonly kind: 'release-turn' }
  // maintenance, by operators' actions alone
  | { readonly kind: 'compact'; readonly revision: bigint; readonly physical: boolean; readonly via: readonly Url[] }
  | {
      readonly kind: 'defragment';
      readonly memberId: MemberId;
      readonly endpoint: Url;
      /** The turn's lease, kept alive through `via` meanwhile; null where no turn can be had (a full store takes no lease). */
      readonly lease: string | null;
      readonly via: readonly Url[];
      readonly timeoutMs: number;
    }
  /** Clearwater: what a data store's key shall hold, where it still has the revision `expected` (null: where it is absent). */
  | {
      readonly kind: 'put-cluster-state';
      readonly key: string;
      readonly value: string;
      readonly expected: bigint | null;
      readonly via: readonly Url[];
    }
  /** Clearwater: its cluster manager is stopped, and kept from starting. */
  | { readonly kind: 'hold-cluster-manager' }
  /** It may start; what an operator holds stays held. */
  | { readonly kind: 'release-cluster-manager' }
  /** Make the keys that are absent from this unit's files; noted for the attempt of this token. */
  | {
      readonly kind: 'seed-keys';
      readonly token: string;
      readonly entries: readonly MirrorEntry[];
      readonly via: readonly Url[];
    }
  /** Make the keys of Clearwater's data stores that are absent from what this unit's stores say; noted, with all that is different. */
  | {
      readonly kind: 'load-clearwater-stores';
      readonly token: string;
      readonly etcdKey: string;
      readonly siteName: string;
      readonly nodeType: string;
      /** Files that are to be what their keys are before that; waited for, bounded. */
      readonly entries: readonly MirrorEntry[];
      readonly via: readonly Url[];
    }
  | { readonly kind: 'disarm-alarm'; readonly alarm: Alarm; readonly via: readonly Url[] }
  /** Removes data that were moved aside, for good: by the operator's word alone (rule 6). */
  | { readonly kind: 'remove-aside'; readonly names: readonly string[] }
  // clients and firewall
  | {
      readonly kind: 'publish-client';
      readonly relationId: string;
      readonly connectionString: string;
      readonly version: EtcdVersion;
    }
  | { readonly kind: 'set-ports'; readonly open: readonly string[]; readonly close: readonly string[] }
  // not acting
  | { readonly kind: 'wake-later'; readonly afterSeconds: number; readonly why: string }
  | { readonly kind: 'wait'; readonly why: string; readonly wokenBy: WakeSource }
  | { readonly kind: 'block'; readonly why: string }
  | { readonly kind: 'fail-hook'; readonly why: string };

/** What will run the charm again; a wait that nothing ends is not allowed (design.md section 2). */
export type WakeSource =
  | { readonly by: 'relation'; readonly endpoint: string }
  | { readonly by: 'own-application-bag' }
  | { readonly by: 'leader-elected' }
  | { readonly by: 'timer'; readonly afterSeconds: number }
  /** A hook of this unit's own removal that is sure to come. */
  | { readonly by: 'stop' }
  | { readonly by: 'operator' };

export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;
