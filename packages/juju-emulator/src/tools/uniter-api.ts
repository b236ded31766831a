import type { PortRange } from './port-range';

/**
 * What a hook context asks of the controller. This is the emulator's boundary between the hook tools and the live
 * model: the controller implements it on the model, the verifier on recorded worlds. Method by method it follows the
 * agent API of Juju 4.1 (facades Uniter and SecretsManager), so what is a call here is a call there, and what a hook
 * context caches (hook-context.ts) is asked only once per execution.
 *
 * Every method may reject with a UniterApiError; its message is what the charm reads after `ERROR `.
 */
export interface UniterApi {
  // ---- reads ----
  /** What the agent knows when it makes a context; no hook tool asks for it again. */
  contextFacts(): Promise<ContextFacts>;
  /** Answered by the agent's leadership tracker. Not cached when true. */
  isLeader(): Promise<boolean>;
  /** This unit's own bag in a relation. */
  readSettings(relationId: number): Promise<Settings>;
  /** Another unit's bag, or an application's bag (`name` is `app/0` or `app`); also the own app bag for non-leaders. */
  readRemoteSettings(relationId: number, name: string): Promise<Settings>;
  /** The own application's bag; for the leader only. */
  readLocalApplicationSettings(relationId: number): Promise<Settings>;
  /** All options of the charm, null where there is neither value nor default. Numbers are floats (they cross JSON). */
  configSettings(): Promise<Readonly<Record<string, ConfigValue>>>;
  unitStatus(): Promise<StatusInfo>;
  /** The application's status and that of its units; the caller has checked leadership. */
  applicationStatus(): Promise<ApplicationStatusInfo>;
  /** What state-set stored in earlier hooks. */
  charmState(): Promise<Readonly<Record<string, string>>>;
  /** Leadership settings of Juju before 4; absent where the controller has none. */
  readonly leaderSettings?: {
    read(): Promise<Settings>;
    /** Needs leadership; an empty value deletes its key. Stays done when the hook fails. */
    merge(changes: Settings): Promise<void>;
  };
  /** Undefined when the binding (endpoint, extra-binding or '' for the default space) has no network. */
  networkInfo(binding: string, relationId: number | undefined): Promise<NetworkInfo | undefined>;
  publicAddress(): Promise<string>;
  goalState(): Promise<GoalState>;
  cloudSpec(): Promise<CloudSpec>;
  /** Ids of the storage attached to this unit, `data/0`. */
  unitStorageAttachments(): Promise<readonly string[]>;
  storageAttachment(storageId: string): Promise<StorageAttachment>;
  /** Makes the resource's file available on the unit; its absolute path. */
  downloadResource(name: string): Promise<string>;
  /** Secrets owned by this unit, and by its application (the latter only if the controller lets this unit see them). */
  secretMetadata(): Promise<readonly SecretMetadata[]>;

  // ---- immediate writes: they stay done when the hook fails ----
  setUnitStatus(status: string, message: string): Promise<void>;
  setApplicationStatus(status: string, message: string): Promise<void>;
  setWorkloadVersion(version: string): Promise<void>;
  logActionMessage(actionId: string, message: string): Promise<void>;
  /** Reads content; moves the tracked revision (refresh) and binds consumer labels, hence a write. */
  secretContent(query: SecretQuery): Promise<SecretContent>;
  /** New secret URIs in long form, `secret://<model-uuid>/<20 characters>`. */
  createSecretUris(count: number): Promise<readonly string[]>;
  /** Told before a reboot that a hook asked for (agent status `rebooting`, then the machine's reboot flag). */
  requestReboot(): Promise<void>;
  finishAction(actionId: string, outcome: ActionOutcome): Promise<void>;

  // ---- the one transaction ----
  /** All or nothing; called once, only after a successful execution, and only when there is something to say. */
  commitHookChanges(changes: HookChanges): Promise<void>;
}

export type Settings = Readonly<Record<string, string>>;
export type ConfigValue = string | number | boolean | null;

/** Facts fixed for the length of one context. */
export interface ContextFacts {
  readonly unit: string;
  readonly modelName: string;
  readonly modelUuid: string;
  readonly machineId: string;
  /** Principal unit of a subordinate, else ''. */
  readonly principalUnit: string;
  readonly availabilityZone: string;
  readonly apiAddresses: readonly string[];
  /** JUJU_VERSION, e.g. `4.1-beta2`. */
  readonly agentVersion: string;
  readonly cloudApiVersion: string;
  readonly charmProxy: ProxySettings;
  readonly legacyProxy: ProxySettings;
  /** Every relation whose scope the unit knows, those leaving included. */
  readonly relations: readonly RelationFacts[];
  /** unit -> endpoint ('' is all endpoints) -> ranges, for all units of the machine. */
  readonly machinePorts: Readonly<Record<string, Readonly<Record<string, readonly PortRange[]>>>>;
}

export interface ProxySettings {
  readonly http: string;
  readonly https: string;
  readonly ftp: string;
  readonly noProxy: string;
}

export interface RelationFacts {
  readonly id: number;
  /** This unit's endpoint. */
  readonly endpoint: string;
  /** `a:x b:y` sorted as the controller has it; `a:x` for peers. */
  readonly key: string;
  readonly life: 'alive' | 'dying' | 'dead';
  readonly suspended: boolean;
  readonly otherApplication: string;
  readonly otherModelUuid: string;
  /** Members known to the unit (joined committed), before this context's own join or departure. */
  readonly members: readonly string[];
}

export interface StatusInfo {
  readonly status: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ApplicationStatusInfo {
  readonly application: StatusInfo;
  readonly units: Readonly<Record<string, StatusInfo>>;
}

export interface NetworkInfo {
  readonly bindAddresses: readonly NetworkInterface[];
  /** Absent and empty are different things in the answers of a controller that knows no subnets. */
  readonly egressSubnets?: readonly string[];
  readonly ingressAddresses?: readonly string[];
}

export interface NetworkInterface {
  readonly macAddress: string;
  readonly interfaceName: string;
  readonly addresses: readonly { readonly hostname: string; readonly value: string; readonly cidr: string }[];
}

export interface GoalStateStatus {
  readonly status: string;
  /** RFC 3339, or null when never set. */
  readonly since: string | null;
}

export interface GoalState {
  readonly units: Readonly<Record<string, GoalStateStatus>>;
  /** endpoint -> application or unit -> status */
  readonly relations: Readonly<Record<string, Readonly<Record<string, GoalStateStatus>>>>;
}

/** Null or '' where the cloud has no such thing. */
export interface CloudSpec {
  readonly type: string;
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  readonly identityEndpoint: string;
  readonly storageEndpoint: string;
  readonly credential: {
    readonly authType: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly redacted: readonly string[];
  } | null;
  readonly caCertificates: readonly string[];
  readonly skipTlsVerify: boolean;
  readonly isControllerCloud: boolean;
}

export interface StorageAttachment {
  readonly kind: 'filesystem' | 'block';
  readonly location: string;
}

export interface SecretMetadata {
  /** 20 characters. */
  readonly id: string;
  /** The application's or the unit's name. */
  readonly owner: { readonly kind: 'application' | 'unit'; readonly name: string };
  readonly label: string;
  readonly description: string;
  readonly rotatePolicy: string;
  readonly latestRevision: number;
  /** sha256 of the latest revision's content as the agent computes it; '' when unknown. */
  readonly latestChecksum: string;
  readonly expireTime: string | null;
  readonly nextRotateTime: string | null;
  /** Tags as Juju prints them: `application-x`, `relation-a.x#b.y`. */
  readonly access: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

export interface SecretQuery {
  /** The URI as given (normalised), or '' when only a label is. */
  readonly uri: string;
  readonly label: string;
  readonly refresh: boolean;
  readonly peek: boolean;
}

/** key -> base64 of the value */
export type SecretContent = Readonly<Record<string, string>>;

export interface ActionOutcome {
  readonly status: 'completed' | 'failed' | 'cancelled' | 'aborted';
  readonly message: string;
  /** Nested maps of strings; `return-code` is a number. Empty when the action never ran. */
  readonly results: ActionResults;
}
export interface ActionResults {
  readonly [key: string]: string | number | ActionResults;
}

/** The commit request. Empty lists and absent members mean "no change". */
export interface HookChanges {
  /** Asked by config-changed: the relation bags' addresses are refreshed. */
  readonly updateNetworkInfo: boolean;
  readonly relations: readonly RelationChange[];
  /** The whole new map. */
  readonly charmState?: Readonly<Record<string, string>>;
  readonly openPorts: readonly PortChange[];
  readonly closePorts: readonly PortChange[];
  readonly addStorage: readonly { readonly name: string; readonly count: number }[];
  readonly secretCreates: readonly SecretCreate[];
  /** Ids whose latest revision the unit tracks from now on: `secret-get --refresh` after an update in this hook. */
  readonly secretTrackLatest: readonly string[];
  readonly secretUpdates: readonly SecretUpdate[];
  readonly secretDeletes: readonly SecretDelete[];
  readonly secretGrants: readonly SecretGrant[];
  readonly secretRevokes: readonly SecretRevoke[];
}

export interface RelationChange {
  readonly relationId: number;
  /** The whole bag; '' for a key to be deleted. Present also when the hook only read its own bag. */
  readonly unitSettings?: Settings;
  /** The whole bag; needs leadership at commit. */
  readonly applicationSettings?: Settings;
}

export interface PortChange {
  readonly endpoint: string;
  readonly range: PortRange;
}

export interface SecretRevisionContent {
  readonly data: SecretContent;
  readonly checksum: string;
}

export interface SecretCreate {
  readonly uri: string;
  readonly owner: { readonly kind: 'application' | 'unit'; readonly name: string };
  readonly content: SecretRevisionContent;
  readonly label?: string;
  readonly description?: string;
  readonly rotatePolicy?: string;
  /** RFC 3339 in UTC. */
  readonly expireTime?: string;
}

export interface SecretUpdate {
  readonly uri: string;
  /** Absent when only metadata changes, or when the content equals the latest revision. */
  readonly content?: SecretRevisionContent;
  readonly label?: string;
  readonly description?: string;
  readonly rotatePolicy?: string;
  readonly expireTime?: string;
}

export interface SecretDelete {
  readonly uri: string;
  /** Absent: all of them. */
  readonly revisions?: readonly number[];
}

export interface SecretGrant {
  readonly uri: string;
  readonly relationKey: string;
  /** An application or one of its units. */
  readonly subject: { readonly kind: 'application' | 'unit'; readonly name: string };
}

export interface SecretRevoke {
  readonly uri: string;
  readonly subject: { readonly kind: 'application' | 'unit'; readonly name: string };
}
