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
  'secretCreates' | 'secretTrackLatest' | 'secretUpdates' | 'secretDeletes' | 'secretGrants' | 'secretRevokes'
>;

interface PendingRevoke {
  readonly id: string;
  readonly uri: string;
  readonly application?: string;
  readonly unit?: string;
}

/** The secrets as one hook sees and changes them. */
export class SecretChanges {
  private metadata: Map<string, SecretMetadata> | undefined;
  private readonly creates = new Map<string, SecretCreate>();
  private readonly updates = new Map<string, SecretUpdate>();
  private readonly deletes = new Map<string, SecretDelete>();
  private readonly grants = new Map<string, SecretGrant>();
  private revokes: PendingRevoke[] = [];
  private readonly trackLatest = new Set<string>();

  constructor(
    private readonly api: UniterApi,
    private readonly isLeader: () => Promise<boolean>,
  ) {}

  pending(): PendingSecrets {
    return {
      secretCreates: [...this.creates.values()],
      secretTrackLatest: [...this.trackLatest],
      secretUpdates: [...this.updates.values()],
      secretDeletes: [...this.deletes.values()],
      secretGrants: [...this.grants.values()],
      secretRevokes: this.revokes.map(({ uri, application, unit }) => ({
        uri,
        subject: unit === undefined ? { kind: 'application', name: application ?? '' } : { kind: 'unit', name: unit },
      })),
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
    for (const id of this.deletes.keys()) result.delete(id);
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
    this.deletes.delete(uri.id);
    this.updates.set(uri.id, {
      ...this.updates.get(uri.id),
      uri: uri.text,
      ...attributes,
      ...(isNew ? { content } : {}),
    });
  }

  /** Drops what this hook had planned for the secret; removals of single revisions add up. */
  async remove(uri: SecretUri, revision: number | undefined): Promise<void> {
    const stored = (await this.stored()).get(uri.id);
    if (stored?.owner.kind === 'application') await this.requireLeader();
    this.creates.delete(uri.id);
    this.updates.delete(uri.id);
    for (const key of this.grants.keys()) if (key.startsWith(`${uri.id} `)) this.grants.delete(key);
    this.revokes = this.revokes.filter((revoke) => revoke.id !== uri.id);
    this.trackLatest.delete(uri.id);
    const earlier = this.deletes.get(uri.id);
    if (earlier === undefined) {
      this.deletes.set(uri.id, { uri: uri.text, ...(revision === undefined ? {} : { revisions: [revision] }) });
    } else if (earlier.revisions !== undefined) {
      const revisions = revision === undefined ? undefined : [...earlier.revisions, revision];
      this.deletes.set(uri.id, { uri: earlier.uri, ...(revisions === undefined ? {} : { revisions }) });
    }
  }

  /** A grant that is there already, or one to the whole application, makes it no change. */
  async grant(uri: SecretUri, relationKey: string, subject: SecretGrant['subject']): Promise<void> {
    const secret = (await this.owned()).get(uri.id);
    if (secret === undefined) throw runError(`secret ${quote(uri.id)} not found`);
    if (secret.owner.kind === 'application') await this.requireLeader();
    const scope = `relation-${relationKey.replaceAll(':', '.').replace(' ', '#')}`;
    const target = `${subject.kind}-${subject.name.replace('/', '-')}`;
    for (const access of secret.access.filter((one) => one.scope === scope && one.role === 'view')) {
      if (access.target === target || access.target.startsWith('application-')) return;
      if (subject.kind === 'application') {
        throw runError(
          'any unit level grants need to be revoked before granting access to the corresponding application',
        );
      }
    }
    this.grants.set(`${uri.id} ${relationKey}`, { uri: uri.text, relationKey, subject });
  }

  /** Accepted also for secrets that are not owned or not there. With a unit, the application says where it belongs. */
  async revoke(uri: SecretUri, target: { readonly application?: string; readonly unit?: string }): Promise<void> {
    const stored = (await this.stored()).get(uri.id);
    if (stored?.owner.kind === 'application') await this.requireLeader();
    const applicationOfTarget = target.unit?.slice(0, target.unit.lastIndexOf('/'));
    const isCovered = this.revokes.some(
      (earlier) =>
        earlier.id === uri.id &&
        ((earlier.application === target.application && earlier.unit === target.unit) ||
          (applicationOfTarget !== undefined && earlier.application === applicationOfTarget)),
    );
    if (!isCovered) this.revokes.push({ id: uri.id, uri: uri.text, ...target });
  }

  /** Content as secret-get shows it: a pending create always, a pending update when a newer revision is asked for. */
  async read(
    uri: SecretUri | undefined,
    label: string,
    { refresh, peek }: { refresh: boolean; peek: boolean },
  ): Promise<SecretContent> {
    const ownedId = uri === undefined ? await this.findOwnLabel(label) : undefined;
    const labelToUse = ownedId === undefined ? label : '';
    const pending = this.readPending(uri?.id ?? ownedId, labelToUse, { refresh, peek });
    if (pending !== undefined) return pending;
    const text = ownedId === undefined ? '' : `secret:${ownedId}`;
    return this.api.secretContent({ uri: uri?.text ?? text, label: labelToUse, refresh, peek });
  }

  /** A label given along with the URI becomes the pending secret's. */
  private readPending(
    id: string | undefined,
    label: string,
    { refresh, peek }: { refresh: boolean; peek: boolean },
  ): SecretContent | undefined {
    const isMeant = (key: string, change: { readonly label?: string }): boolean =>
      id === key || (label !== '' && change.label === label);
    for (const [key, create] of this.creates) {
      if (!isMeant(key, create)) continue;
      if (id === key && label !== '') this.creates.set(key, { ...create, label });
      return create.content.data;
    }
    if (!refresh && !peek) return undefined;
    for (const [key, update] of this.updates) {
      if (!isMeant(key, update)) continue;
      if (id === key && label !== '') this.updates.set(key, { ...update, label });
      if (refresh) this.trackLatest.add(key);
      return update.content?.data;
    }
    return undefined;
  }

  /** Only the unit's own secrets are found by label here; the application's labels are the controller's to know. */
  private async findOwnLabel(label: string): Promise<string | undefined> {
    for (const secret of (await this.owned()).values()) {
      if (secret.label === label && secret.owner.kind === 'unit') return secret.id;
    }
    const isMeant = ([, change]: readonly [string, { readonly label?: string }]): boolean => change.label === label;
    return ([...this.creates].find(isMeant) ?? [...this.updates].find(isMeant))?.[0];
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
