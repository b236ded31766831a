import { ModelError } from './model-error';
import { relationKey } from './relation';
import type { SecretGrant, SecretOwner } from './secret';
import { findSecret, secretIdOf } from './secret';
import { grantSecret, grantsInForce, requireManager, revokeSecret, sameSubject } from './secret-access';
import { createSecret, queueSecretRemoval, type SecretAttributeChange, updateSecret } from './secret-changes';
import type { SecretContentChange } from './secret-changes';
import { trackLatest } from './secret-consume';
import type { World } from './world';
import { applicationUuid, unitUuid } from './world';

/** What a hook asks of the model's secrets. */
export interface SecretCommit {
  readonly creates: readonly ({
    readonly uri: string;
    readonly owner: SecretOwner;
    readonly content: SecretContentChange;
  } & SecretAttributeChange)[];
  readonly updates: readonly ({ readonly uri: string } & SecretAttributeChange)[];
  readonly grants: readonly {
    readonly uri: string;
    readonly relationKey: string;
    readonly subject: SecretGrant['subject'];
  }[];
  readonly revokes: readonly { readonly uri: string; readonly subject: SecretGrant['subject'] }[];
  readonly deletes: readonly { readonly uri: string; readonly revisions?: readonly number[] }[];
  readonly trackLatest: readonly string[];
}

/**
 * Checks that come before everything else of a commit: nobody else's secret is changed. A secret that does not exist is
 * passed over without a word, as Juju does.
 */
export function checkSecretCommit(world: World, unit: string, commit: SecretCommit): void {
  for (const { uri } of commit.updates) requireExistingManager(world, uri, unit, 'updating secrets');
  for (const { uri } of commit.grants) requireExistingManager(world, uri, unit, 'granting secrets access');
  for (const { uri } of commit.revokes) requireExistingManager(world, uri, unit, 'revoking secrets access');
  for (const { uri } of commit.deletes) requireExistingManager(world, uri, unit, 'removing secrets');
}

function requireExistingManager(world: World, uri: string, unit: string, what: string): void {
  const secret = findSecret(world, uri);
  if (secret !== undefined) requireManager(world, secret, unit, what);
}

/** True when some of it is an application's, so that only its leader may commit it. */
export const needsLeadership = (world: World, commit: SecretCommit): boolean =>
  commit.creates.some(({ owner }) => owner.kind === 'application') ||
  [...commit.updates, ...commit.grants, ...commit.revokes, ...commit.deletes].some(
    ({ uri }) => findSecret(world, uri)?.owner.kind === 'application',
  );

/** Applies a hook's changes to the secrets, in Juju's order. */
export function commitSecrets(world: World, unit: string, commit: SecretCommit, now: string): void {
  for (const { uri, owner, ...given } of commit.creates)
    worded(`create secrets: creating secret "${secretIdOf(uri)}"`, () =>
      createSecret(world, secretIdOf(uri), owner, given, now),
    );
  for (const { uri, ...given } of commit.updates) {
    const secret = findSecret(world, uri);
    if (secret !== undefined)
      worded(`update secrets: updating secret "${secret.id}"`, () => updateSecret(world, secret, given, now));
  }
  for (const { uri, relationKey: key, subject } of commit.grants) {
    const secret = findSecret(world, uri);
    const relation = Object.values(world.relations).find((each) => relationKey(each) === key);
    if (relation === undefined)
      throw new ModelError('not-found', 'commit hook changes', `grant secrets access: relation "${key}" not found`);
    if (secret === undefined) continue;
    const scoped = grantsInForce(world, secret).find((grant) => sameSubject(grant.subject, subject));
    if (scoped !== undefined && scoped.relationId !== relation.id) {
      const uuid = subject.kind === 'unit' ? unitUuid(world, subject.name) : applicationUuid(world, subject.name);
      throw new ModelError(
        'refused',
        'commit hook changes',
        `grant secrets access: cannot change scope or subject type of existing grant for "${uuid}" on "${secret.id}"`,
      );
    }
    grantSecret(secret, { subject, relationId: relation.id });
  }
  for (const { uri, subject } of commit.revokes) {
    const secret = findSecret(world, uri);
    if (secret !== undefined) revokeSecret(secret, subject);
  }
  for (const { uri, revisions } of commit.deletes) {
    const secret = findSecret(world, uri);
    if (secret !== undefined) queueSecretRemoval(world, secret, revisions);
  }
  for (const uri of commit.trackLatest) {
    const secret = findSecret(world, uri);
    if (secret !== undefined) trackLatest(secret, unit);
  }
}

function worded(prefix: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(error.code, 'commit hook changes', `${prefix}: ${error.message}`);
  }
}
