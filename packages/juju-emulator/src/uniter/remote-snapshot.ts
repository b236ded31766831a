/** Life of a unit, application, relation or storage attachment. */
export type Life = 'alive' | 'dying' | 'dead';

/** One relation of the unit, as the controller has it at this look. */
export interface RemoteRelation {
  readonly id: number;
  /** Own endpoint's name. */
  readonly endpoint: string;
  readonly role: 'peer' | 'provider' | 'requirer';
  readonly scope: 'global' | 'container';
  /** The other side's application; for a peer relation the own one. */
  readonly remoteApplication: string;
  readonly life: Life;
  readonly suspended: boolean;
  /** False where the charm on disk lacks the endpoint: the relation is then ignored. */
  readonly implemented: boolean;
  /** The provider side of `juju-info`: in scope, but no hooks. */
  readonly implicit: boolean;
  /** Remote units in scope (for a container relation only those on the same principal), with `bagVersion` of their bags. */
  readonly members: Readonly<Record<string, number>>;
  /** `bagVersion` of the other side's application bag; for a peer relation of the own one. 0 = never written. */
  readonly applicationMembers: Readonly<Record<string, number>>;
}

/** One storage attachment of the unit. */
export interface RemoteStorage {
  /** `data/0` */
  readonly id: string;
  readonly life: Life;
  /** Provisioned and attached to the machine. */
  readonly attached: boolean;
}

/** An action in the unit's queue: pending ones, and one that a killed agent left running. */
export interface RemoteAction {
  readonly id: string;
  readonly name: string;
  /** Cancelled before it ran: it is only taken off the queue. */
  readonly cancelled: boolean;
}

/** A juju-exec command given on the machine. Held by the agent process, lost when it restarts. */
export interface RemoteCommand {
  readonly id: string;
  readonly command: string;
}

export type SecretOwner = 'application' | 'unit';

/** Everything about secrets that can cause a hook. Only the leader is shown rotation and expiry of application-owned ones. */
export interface RemoteSecrets {
  readonly expired: readonly {
    readonly uri: string;
    readonly revision: number;
    readonly owner: SecretOwner;
    readonly label?: string;
  }[];
  readonly rotate: readonly {
    readonly uri: string;
    readonly revision: number;
    readonly owner: SecretOwner;
    readonly label?: string;
  }[];
  /** Consumed secrets, by URI. */
  readonly consumed: Readonly<Record<string, { readonly revision: number; readonly label?: string }>>;
  /** Own revisions that nobody tracks any more, by URI, each until the owner removes it. */
  readonly obsolete: Readonly<
    Record<string, { readonly revisions: readonly number[]; readonly owner: SecretOwner; readonly label?: string }>
  >;
  /** URIs that are gone altogether. */
  readonly deleted: readonly string[];
}

/**
 * All that the uniter looks at besides its own state, taken at one moment. Events are not queued anywhere: what happened follows
 * from comparing this with what was taken in.
 */
export interface RemoteSnapshot {
  /** Own unit name, e.g. `app/0`. */
  readonly unit: string;
  readonly life: Life;
  readonly applicationLife: Life;
  /** True for a unit of a subordinate application: it destroys itself when its last container relation goes. */
  readonly subordinate: boolean;
  /** Holds the application's lease. */
  readonly leader: boolean;
  /** Version of the leadership settings, above 0; absent where Juju has none (4.x). */
  readonly leaderSettingsVersion?: number;
  /** Charm URL that the application wants, e.g. `local:app-1`. */
  readonly charmUrl: string;
  /** Goes up with every refresh and attach-resource. */
  readonly charmModifiedVersion: number;
  /** refresh --force-units: replace the charm even in a hook error. */
  readonly forceCharmUpgrade: boolean;
  /** Any strings that differ when the contents differ. Never empty. */
  readonly configHash: string;
  readonly trustHash: string;
  readonly addressesHash: string;
  readonly relations: readonly RemoteRelation[];
  readonly storage: readonly RemoteStorage[];
  readonly secrets: RemoteSecrets;
  /** In order of arrival. */
  readonly actions: readonly RemoteAction[];
  /** In order of arrival. */
  readonly commands: readonly RemoteCommand[];
  /** Update-status ticks since this agent process (or, after a charm upgrade, this watcher) started: `restart-watcher` sets it to 0. */
  readonly updateStatusTicks: number;
  /** How often the retry timer has fired since then. */
  readonly retryCount: number;
  readonly resolved: 'none' | 'retry' | 'no-retry';
  /** Model config automatically-retry-hooks. */
  readonly retryHooks: boolean;
  /** Changes with each boot of the machine (/proc/sys/kernel/random/boot_id). */
  readonly bootId: string;
}
