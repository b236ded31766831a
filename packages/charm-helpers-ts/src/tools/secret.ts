import type { RelationOptions } from './relation';
import type { UnitName } from '../names';
import { isRecord, recordOf, runJson, stringField, stringListOf, stringMapOf, yamlStringMap } from './output';
import type { HookToolRunner } from './runner';

export type SecretRotation = 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

/** Keys: at least three of a-z, 0-9 and hyphen, beginning with a letter. Values are not empty. */
export type SecretContent = Readonly<Record<string, string>>;

export interface SecretMetadata {
  readonly label?: string;
  readonly description?: string;
  readonly rotate?: SecretRotation;
  /** RFC 3339, or a duration such as `24h`. */
  readonly expire?: string;
}

/** Which secret: by id (`secret:<id>`, the long URI, or the bare id) or by label. */
export type SecretRef =
  { readonly id: string; readonly label?: string } | { readonly id?: never; readonly label: string };

export interface SecretInfo {
  /** The bare id. */
  readonly id: string;
  readonly revision: number;
  readonly label: string | null;
  readonly owner: string;
  readonly description: string | null;
  /** Null for a secret made in this very hook. */
  readonly rotation: string | null;
  readonly expiry: string | null;
  readonly rotates: string | null;
  readonly access: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

/** Juju 3.0 and later; in 2.9 the tools are missing. Content never stands in arguments: it goes through a private file. */
export interface SecretTools {
  /** `secret-add`: gives the new secret's URI. Kept only if the hook succeeds. `application` (Juju's default) is for the leader only. */
  secretAdd(
    content: SecretContent,
    options?: SecretMetadata & { readonly owner?: 'application' | 'unit' },
  ): Promise<string>;
  /** `secret-get`: `refresh` moves this unit (application) on to the latest revision, `peek` only looks at it. */
  secretGet(ref: SecretRef, options?: { readonly revision?: 'tracked' | 'refresh' | 'peek' }): Promise<SecretContent>;
  /** `secret-info-get`: of an own secret. */
  secretInfoGet(ref: SecretRef): Promise<SecretInfo | null>;
  /** `secret-ids`: the bare ids of own secrets. */
  secretIds(): Promise<readonly string[]>;
  /** `secret-set`: content makes a new revision unless it equals the latest. Kept only if the hook succeeds. */
  secretSet(id: string, content: SecretContent | null, metadata?: SecretMetadata): Promise<void>;
  /** `secret-remove`: one revision, or all. Kept only if the hook succeeds. */
  secretRemove(id: string, options?: { readonly revision?: number }): Promise<void>;
  /** `secret-grant`: to the other application of a relation, or one unit of it. Kept only if the hook succeeds. */
  secretGrant(id: string, options?: RelationOptions & { readonly unit?: UnitName }): Promise<void>;
  /** `secret-revoke`. Kept only if the hook succeeds. */
  secretRevoke(
    id: string,
    options?: RelationOptions & { readonly application?: string; readonly unit?: UnitName },
  ): Promise<void>;
}

const flag = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [name, value]);

const metadataArgs = (metadata: SecretMetadata): readonly string[] => [
  ...flag('--label', metadata.label),
  ...flag('--description', metadata.description),
  ...flag('--rotate', metadata.rotate),
  ...flag('--expire', metadata.expire),
];

const refArgs = (ref: SecretRef): readonly string[] => [
  ...(ref.id === undefined ? [] : [ref.id]),
  ...flag('--label', ref.label),
];

export const secretTools = (runner: HookToolRunner): SecretTools => ({
  secretAdd: async (content, options = {}) => {
    const args = [...flag('--owner', options.owner), ...metadataArgs(options)];
    return (await runner.run('secret-add', args, { privateFile: yamlStringMap(content) })).trim();
  },
  secretGet: async (ref, options = {}) => {
    const revision = options.revision ?? 'tracked';
    const args = [...refArgs(ref), ...(revision === 'tracked' ? [] : [`--${revision}`])];
    return stringMapOf(await runJson(runner, 'secret-get', args));
  },
  secretInfoGet: async (ref) => {
    const output = await runJson(runner, 'secret-info-get', ref.id === undefined ? refArgs(ref) : [ref.id]);
    const [first] = Object.entries(recordOf(output));
    return first === undefined || !isRecord(first[1]) ? null : secretInfo(first[0], first[1]);
  },
  secretIds: async () => stringListOf(await runJson(runner, 'secret-ids', [])),
  secretSet: async (id, content, metadata = {}) => {
    const options = content === null ? {} : { privateFile: yamlStringMap(content) };
    await runner.run('secret-set', [id, ...metadataArgs(metadata)], options);
  },
  secretRemove: async (id, options = {}) => {
    await runner.run('secret-remove', [id, ...flag('--revision', options.revision?.toString())]);
  },
  secretGrant: async (id, options = {}) => {
    await runner.run('secret-grant', [id, ...flag('--relation', options.relation), ...flag('--unit', options.unit)]);
  },
  secretRevoke: async (id, options = {}) => {
    await runner.run('secret-revoke', [
      id,
      ...flag('--relation', options.relation),
      ...flag('--app', options.application),
      ...flag('--unit', options.unit),
    ]);
  },
});

function secretInfo(id: string, record: Readonly<Record<string, unknown>>): SecretInfo {
  const access = Array.isArray(record['access']) ? record['access'].filter(isRecord) : [];
  return {
    id,
    revision: Number(record['revision'] ?? 0),
    label: stringField(record, 'label'),
    owner: stringField(record, 'owner') ?? '',
    description: stringField(record, 'description'),
    rotation: stringField(record, 'rotation'),
    expiry: stringField(record, 'expiry'),
    rotates: stringField(record, 'rotates'),
    access: access.map((one) => ({
      target: stringField(one, 'target') ?? '',
      scope: stringField(one, 'scope') ?? '',
      role: stringField(one, 'role') ?? '',
    })),
  };
}
