import { ActionState } from './action-state';
import type { AgentFiles } from './agent-files';
import { CharmState } from './charm-state';
import type { ContextSubject } from './context-subject';
import { applicationOfUnit } from './names';
import { LeaderSettingsCache } from './leader-settings-cache';
import { PortChanges } from './port-changes';
import { RelationContext } from './relation-context';
import { RemoteSettingsCache } from './remote-settings-cache';
import { SecretChanges } from './secret-changes';
import { runError } from './tool-error';
import type {
  CloudSpec,
  ConfigValue,
  ContextFacts,
  HookChanges,
  RelationFacts,
  StatusInfo,
  StorageAttachment,
  UniterApi,
} from './uniter-api';

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** A line of the model's log; `module` is `unit.app/0.juju-log` or `unit.app/0.<hook>`. */
export interface LogEntry {
  readonly module: string;
  readonly level: LogLevel;
  readonly message: string;
}

export interface HookContextOptions {
  readonly api: UniterApi;
  readonly subject: ContextSubject;
  /** JUJU_CONTEXT_ID; see makeContextId. */
  readonly contextId: string;
  readonly log: (entry: LogEntry) => void;
  readonly files: AgentFiles;
  /** The agent's long-lived caches, one per relation id. Absent: everything is read again. */
  readonly remoteSettings?: Map<number, RemoteSettingsCache>;
  /** For `--expire <duration>`. */
  readonly now: () => Date;
}

/** Why a context could not be made; the execution never starts. */
export class ContextError extends Error {
  override readonly name = 'ContextError';
}

export type RebootPriority = 'none' | 'after-hook' | 'now';

/**
 * The state of one execution (hook, action or juju-exec): who it is for, what was read and must be read no more, and
 * what is to be committed. Made anew each time, so a retried hook starts clean.
 */
export class HookContext {
  readonly relations: ReadonlyMap<number, RelationContext>;
  readonly ports: PortChanges;
  readonly state: CharmState;
  readonly secrets: SecretChanges;
  readonly leaderSettings: LeaderSettingsCache;
  /** Undefined outside an action. */
  readonly action: ActionState | undefined;
  /** The relation of the context, if it has one. */
  readonly relation: RelationContext | undefined;
  /** JUJU_REMOTE_UNIT, '' when there is none. */
  readonly remoteUnit: string;
  /** JUJU_REMOTE_APP, '' when unknown: juju-exec does not know it. */
  readonly remoteApplication: string;
  readonly addedStorage: { readonly name: string; readonly count: number }[] = [];
  /** The storage of a storage hook. */
  storage: { readonly id: string; readonly attachment: StorageAttachment } | undefined;
  reboot: RebootPriority = 'none';
  /** Kills the hook's process; set by the hook runner once there is one. */
  killProcess: (() => void) | undefined;

  private config: Readonly<Record<string, ConfigValue>> | undefined;
  private status: StatusInfo | undefined;
  private publicIp: string | undefined;
  private cloud: CloudSpec | undefined;
  private storageIds: readonly string[] | undefined;
  private readonly attachments = new Map<string, StorageAttachment>();

  private constructor(
    readonly facts: ContextFacts,
    readonly options: HookContextOptions,
    relations: Map<number, RelationContext>,
    target: { relation?: RelationContext; remoteUnit: string; remoteApplication: string },
  ) {
    this.relations = relations;
    this.relation = target.relation;
    this.remoteUnit = target.remoteUnit;
    this.remoteApplication = target.remoteApplication;
    this.ports = new PortChanges(facts.unit, facts.machinePorts);
    this.state = new CharmState(options.api);
    this.leaderSettings = new LeaderSettingsCache(options.api);
    this.secrets = new SecretChanges(options.api, () => this.isLeader());
    this.action = options.subject.kind === 'action' ? new ActionState() : undefined;
  }

  /** @throws ContextError when the subject names a relation or unit that the agent does not know. */
  static async create(options: HookContextOptions): Promise<HookContext> {
    const facts = await options.api.contextFacts();
    const caches = options.remoteSettings ?? new Map<number, RemoteSettingsCache>();
    const relations = new Map(
      facts.relations.map((relation) => [relation.id, openRelation(relation, options, caches)] as const),
    );
    const context = new HookContext(facts, options, relations, findTarget(options.subject, relations));
    if (options.subject.kind === 'storage') {
      const id = options.subject.storageId;
      context.storage = { id, attachment: await options.api.storageAttachment(id) };
    }
    return context;
  }

  get api(): UniterApi {
    return this.options.api;
  }

  get unit(): string {
    return this.facts.unit;
  }

  get application(): string {
    return applicationOfUnit(this.facts.unit) ?? this.facts.unit;
  }

  /** Not cached: leadership may be lost while the hook runs. */
  isLeader(): Promise<boolean> {
    return this.api.isLeader();
  }

  async requireLeader(): Promise<void> {
    if (!(await this.isLeader())) throw runError('this unit is not the leader');
  }

  async configSettings(): Promise<Readonly<Record<string, ConfigValue>>> {
    this.config ??= await this.api.configSettings();
    return this.config;
  }

  /** As it was when first asked for: a later status-set does not show. */
  async unitStatus(): Promise<StatusInfo> {
    this.status ??= await this.api.unitStatus();
    return this.status;
  }

  async publicAddress(): Promise<string> {
    this.publicIp ??= await this.api.publicAddress();
    return this.publicIp;
  }

  async cloudSpec(): Promise<CloudSpec> {
    this.cloud ??= await this.api.cloudSpec();
    return this.cloud;
  }

  async storageAttachmentIds(): Promise<readonly string[]> {
    this.storageIds ??= await this.api.unitStorageAttachments();
    return this.storageIds;
  }

  async storageAttachment(id: string): Promise<StorageAttachment> {
    const known = this.storage?.id === id ? this.storage.attachment : this.attachments.get(id);
    const attachment = known ?? (await this.api.storageAttachment(id));
    this.attachments.set(id, attachment);
    return attachment;
  }

  log(level: LogLevel, message: string): void {
    this.options.log({ module: `unit.${this.unit}.juju-log`, level, message });
  }

  /** The commit request as it stands, or undefined when there is nothing to commit. */
  pendingChanges(): HookChanges | undefined {
    const { subject } = this.options;
    const relations = [...this.relations.values()].flatMap((relation) => relation.pendingChange() ?? []);
    const charmState = this.state.pending();
    const changes: HookChanges = {
      updateNetworkInfo: subject.kind === 'lifecycle' && subject.hook === 'config-changed',
      relations,
      ...(charmState === undefined ? {} : { charmState }),
      openPorts: this.ports.pendingOpens,
      closePorts: this.ports.pendingCloses,
      addStorage: this.addedStorage,
      ...this.secrets.pending(),
    };
    const { updateNetworkInfo, charmState: state, ...lists } = changes;
    const empty = !updateNetworkInfo && state === undefined && Object.values(lists).every((list) => list.length === 0);
    return empty ? undefined : changes;
  }
}

function openRelation(
  facts: RelationFacts,
  { api, subject }: HookContextOptions,
  caches: Map<number, RemoteSettingsCache>,
): RelationContext {
  let cache = caches.get(facts.id);
  if (cache === undefined) {
    cache = new RemoteSettingsCache();
    caches.set(facts.id, cache);
  }
  cache.prune(facts.members);
  if (subject.kind === 'relation' && subject.relationId === facts.id && subject.remoteUnit !== '') {
    if (subject.hook === 'relation-joined' || subject.hook === 'relation-changed') {
      cache.invalidateMember(subject.remoteUnit);
    } else if (subject.hook === 'relation-departed') cache.removeMember(subject.remoteUnit);
  }
  return new RelationContext(facts, api, cache);
}

function findTarget(
  subject: ContextSubject,
  relations: ReadonlyMap<number, RelationContext>,
): { relation?: RelationContext; remoteUnit: string; remoteApplication: string } {
  const none = { remoteUnit: '', remoteApplication: '' };
  if ((subject.kind !== 'relation' && subject.kind !== 'exec') || subject.relationId === undefined) return none;
  const relation = relations.get(subject.relationId);
  if (relation === undefined) throw new ContextError(`unknown relation id: ${subject.relationId}`);
  if (subject.kind === 'relation') {
    return { relation, remoteUnit: subject.remoteUnit, remoteApplication: subject.remoteApplication };
  }
  return { relation, remoteUnit: inferRemoteUnit(subject, relation), remoteApplication: '' };
}

/** juju-exec takes the one member there is when it is not told which. */
function inferRemoteUnit(
  { remoteUnit, forceRemoteUnit, relationId }: { remoteUnit?: string; forceRemoteUnit?: boolean; relationId?: number },
  relation: RelationContext,
): string {
  const members = relation.memberNames;
  const possibilities = `possibilities are [${members.join(' ')}]`;
  if (remoteUnit !== undefined && remoteUnit !== '') {
    if (applicationOfUnit(remoteUnit) === undefined) throw new ContextError(`invalid remote unit: ${remoteUnit}`);
    if (members.includes(remoteUnit) || forceRemoteUnit === true) return remoteUnit;
    throw new ContextError(`unknown remote unit ${remoteUnit}; ${possibilities}`);
  }
  const [only] = members;
  if (only === undefined) throw new ContextError(`cannot infer remote unit in empty relation ${String(relationId)}`);
  if (members.length > 1) throw new ContextError(`ambiguous remote unit; ${possibilities}`);
  return only;
}
