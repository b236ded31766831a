import { createHash } from 'node:crypto';
import { quote } from '../format/go-quote';
import { encodeJson } from '../format/go-json';
import { type SecretUri, parseSecretUri } from './secret-uri';
import { runError } from './tool-error';
import type {
  HookChanges,
  SecretContent,
  SecretCreate,
  SecretDelete,
  SecretGrant,
  SecretMetadata,
  SecretRevisionContent,
  SecretRevoke,
  SecretUpdate,
  UniterApi,
} from './uniter-api';

/** sha256 of the content as json, keys sorted, values in base64. */
export function contentChecksum(data: SecretContent): string {
  return createHash('sha256').update(encodeJson(data)).digest('hex');
}

export interface SecretAttributes {
  readonly label?: string;
  readonly description?: string;
  readonly rotatePolicy?: string;
  readonly expireTime?: string;
}

type PendingSecrets = Pick<
  HookChanges,
  'secretCreates' | 'secretUpdates' | 'secretDeletes' | 'secretGrants' | 'secretRevokes'
>;

/** The secrets as one hook sees and changes them. */
export class SecretChanges {
  private metadata: Map<string, SecretMetadata> | undefined;
  private readonly creates = new Map<string, SecretCreate>();
  private readonly updates = new Map<string, SecretUpdate>();
  private readonly deletes = new Map<string, SecretDelete>();
  private readonly grants = new Map<string, SecretGrant>();
  private readonly revokes = new Map<string, SecretRevoke>();

  constructor(
    private readonly api: UniterApi,
    private readonly isLeader: () => Promise<boolean>,
  ) {}

  pending(): PendingSecrets {
    return {
      secretCreates: [...this.creates.values()],
      secretUpdates: [...this.updates.values()],
      secretDeletes: [...this.deletes.values()],
      secretGrants: [...this.grants.values()],
      secretRevokes: [...this.revokes.values()],
    };
  }

  /** The owned secrets, pending changes of this hook applied (but grants and revokes). */
  async owned(): Promise<ReadonlyMap<string, SecretMetadata>> {
    const stored = await this.stored();
    const result = new Map<string, SecretMetadata>();
    for (const [id, create] of this.creates) {
      result.set(id, {
        id,
        owner: create.owner,
        label: create.label ?? '',
        description: create.description ?? '',
        rotatePolicy: create.rotatePolicy ?? '',
        latestRevision: 1,
        latestChecksum: create.content.checksum,
        expireTime: create.expireTime ?? null,
        nextRotateTime: null,
        access: [],
      });
    }
    for (const [id, secret] of stored) {
      const update = this.updates.get(id);
      result.set(id, {
        ...secret,
        label: update?.label ?? secret.label,
        description: update?.description ?? secret.description,
        rotatePolicy: update?.rotatePolicy ?? secret.rotatePolicy,
        expireTime: update?.expireTime ?? secret.expireTime,
      });
    }
    for (const [id, removal] of this.deletes) if (removal.revision === undefined) result.delete(id);
    return result;
  }

  /** @returns the new secret's URI, long form. */
  async create(owner: SecretCreate['owner'], data: SecretContent, attributes: SecretAttributes): Promise<string> {
    if (owner.kind === 'application') await this.requireLeader();
    const [uri = ''] = await this.api.createSecretUris(1);
    const { label } = attributes;
    if (label !== undefined && [...this.creates.values()].some((create) => create.label === label)) {
      throw runError(`secret with label ${quote(label)} already exists`);
    }
    const id = parseSecretUri(uri)?.id ?? uri;
    this.creates.set(id, { uri, owner, content: this.content(data), ...attributes });
    return uri;
  }

  /** Content equal to the latest revision is no change; several updates: the last content wins, the rest merges. */
  async update(uri: SecretUri, data: SecretContent | undefined, attributes: SecretAttributes): Promise<void> {
    const stored = (await this.stored()).get(uri.id);
    const content = data === undefined ? undefined : this.content(data);
    const create = this.creates.get(uri.id);
    if (create !== undefined) {
      this.creates.set(uri.id, { ...create, ...attributes, ...(content === undefined ? {} : { content }) });
      return;
    }
    if (stored?.owner.kind === 'application') await this.requireLeader();
    const isNew = content !== undefined && content.checksum !== stored?.latestChecksum;
    if (!isNew && Object.keys(attributes).length === 0) return;
    this.updates.set(uri.id, {
      ...this.updates.get(uri.id),
      uri: uri.text,
      ...attributes,
      ...(isNew ? { content } : {}),
    });
  }

  async remove(uri: SecretUri, revision: number | undefined): Promise<void> {
    const stored = (await this.stored()).get(uri.id);
    if (stored?.owner.kind === 'application') await this.requireLeader();
    this.creates.delete(uri.id);
    this.updates.delete(uri.id);
    this.deletes.set(uri.id, { uri: uri.text, ...(revision === undefined ? {} : { revision }) });
  }

  /** A grant that is there already, or one to the whole application, makes it no change. */
  async grant(uri: SecretUri, relationKey: string, subject: SecretGrant['subject']): Promise<void> {
    const known = (await this.stored()).get(uri.id);
    const owner = known?.owner ?? this.creates.get(uri.id)?.owner;
    if (owner === undefined) throw runError(`secret ${quote(uri.id)} not found`);
    if (owner.kind === 'application') await this.requireLeader();
    const scope = `relation-${relationKey.replaceAll(':', '.').replace(' ', '#')}`;
    const application = subject.kind === 'unit' ? subject.name.slice(0, subject.name.lastIndexOf('/')) : subject.name;
    const targets = [`${subject.kind}-${subject.name.replace('/', '-')}`, `application-${application}`];
    if (known?.access.some((access) => access.scope === scope && targets.includes(access.target)) === true) return;
    this.grants.set(`${uri.id} ${relationKey}`, { uri: uri.text, relationKey, subject });
  }

  /** Accepted also for secrets that are not owned or not there. */
  async revoke(uri: SecretUri, subject: SecretRevoke['subject']): Promise<void> {
    const known = (await this.stored()).get(uri.id);
    const owner = known?.owner ?? this.creates.get(uri.id)?.owner;
    if (owner?.kind === 'application') await this.requireLeader();
    const application = subject.kind === 'unit' ? subject.name.slice(0, subject.name.lastIndexOf('/')) : subject.name;
    if (subject.kind === 'unit' && this.revokes.has(`${uri.id} application ${application}`)) return;
    this.revokes.set(`${uri.id} ${subject.kind} ${subject.name}`, { uri: uri.text, subject });
  }

  /** Content as secret-get shows it: a pending create always, a pending update when a newer revision is asked for. */
  async read(
    uri: SecretUri | undefined,
    label: string,
    { refresh, peek }: { refresh: boolean; peek: boolean },
  ): Promise<SecretContent> {
    let id = uri?.id;
    if (id === undefined) {
      id = [...this.creates].find(([, create]) => create.label === label)?.[0];
      const stored = [...(await this.stored()).values()].find((secret) => this.labelOf(secret) === label);
      id ??= stored?.id;
    }
    if (id !== undefined) {
      const create = this.creates.get(id);
      if (create !== undefined) return create.content.data;
      const update = this.updates.get(id);
      if (update?.content !== undefined && (refresh || peek)) return update.content.data;
    }
    const owned = uri === undefined && id !== undefined;
    return this.api.secretContent({
      uri: owned ? `secret:${id}` : (uri?.text ?? ''),
      label: owned ? '' : label,
      refresh,
      peek,
    });
  }

  private labelOf(secret: SecretMetadata): string {
    return this.updates.get(secret.id)?.label ?? secret.label;
  }

  private content(data: SecretContent): SecretRevisionContent {
    return { data, checksum: contentChecksum(data) };
  }

  private async requireLeader(): Promise<void> {
    if (!(await this.isLeader())) throw runError('this unit is not the leader');
  }

  private async stored(): Promise<Map<string, SecretMetadata>> {
    this.metadata ??= new Map((await this.api.secretMetadata()).map((secret) => [secret.id, secret]));
    return this.metadata;
  }
}
