import { ModelError } from './model-error';
import type { Secret } from './secret';
import { isSecretUri, latestNumber, newSecretId, secretIdOf, secretUri } from './secret';
import { grantSecret, revokeSecret } from './secret-access';
import {
  createSecret,
  pruneSecret,
  queueSecretRemoval,
  type SecretAttributeChange,
  updateSecret,
} from './secret-changes';
import type { SecretContentChange } from './secret-changes';
import type { World } from './world';
import { applicationOf } from './world';

/** The user's secret with this URI or name. Only the model's own are the user's to change. */
export function userSecretOf(world: World, uriOrName: string): Secret {
  if (!isSecretUri(uriOrName)) {
    const named = Object.values(world.secrets).find(
      (secret) => secret.owner.kind === 'model' && secret.label === uriOrName,
    );
    if (named !== undefined) return named;
    throw new ModelError('not-found', 'find secret', `secret "${uriOrName}" not found`);
  }
  const secret = world.secrets[secretIdOf(uriOrName)];
  if (secret === undefined)
    throw new ModelError('not-found', 'find secret', `secret "${secretIdOf(uriOrName)}" not found`);
  if (secret.owner.kind !== 'model') throw new ModelError('refused', 'change secret', 'permission denied');
  return secret;
}

/** `juju add-secret`. @returns the URI */
export function addUserSecret(
  world: World,
  given: { readonly name: string; readonly description: string; readonly content: SecretContentChange },
  now: string,
): string {
  const { name, description, content } = given;
  const owner = { kind: 'model' as const, name: world.modelUuid };
  return secretUri(createSecret(world, newSecretId(world), owner, { label: name, description, content }, now));
}

/** `juju update-secret`: absent = unchanged. */
export function updateUserSecret(
  world: World,
  uriOrName: string,
  given: SecretAttributeChange & { readonly autoPrune?: boolean },
  now: string,
): void {
  const secret = userSecretOf(world, uriOrName);
  const { autoPrune, ...change } = given;
  if (autoPrune !== undefined) secret.autoPrune = autoPrune;
  if (Object.keys(change).length > 0) updateSecret(world, secret, change, now);
  pruneSecret(secret);
}

/** `juju remove-secret`, one revision or all. */
export function removeUserSecret(world: World, uriOrName: string, revision?: number): void {
  const secret = userSecretOf(world, uriOrName);
  if (revision !== undefined && !secret.revisions.some((each) => each.revision === revision))
    throw new ModelError('not-found', 'remove secret', `secret revision ${String(revision)} not found`);
  queueSecretRemoval(world, secret, revision === undefined ? undefined : [revision]);
}

/** `juju grant-secret` and `revoke-secret`: to or from whole applications, for the model. All or none. */
export function setUserSecretAccess(
  world: World,
  uriOrName: string,
  applications: readonly string[],
  granted: boolean,
): void {
  const secret = userSecretOf(world, uriOrName);
  const refused = applications.flatMap((name) => {
    try {
      applicationOf(world, name);
      return [];
    } catch (error) {
      return [`cannot change access to "${secretUri(secret)}" for "${name}": ${(error as Error).message}`];
    }
  });
  if (refused.length > 0)
    throw new ModelError('not-found', 'grant secret', `failed to grant/revoke secret: ${refused.join(', ')}`);
  for (const name of applications) {
    const subject = { kind: 'application' as const, name };
    if (granted) grantSecret(secret, { subject });
    else revokeSecret(secret, subject);
  }
}

/** What `juju secrets` and `show-secret` may ask for. */
export interface SecretFilter {
  /** URI or name; absent: all. */
  readonly secret?: string;
  readonly revision?: number;
  /** Tag of an application or unit, `application-web`. */
  readonly owner?: string;
}

const ownerTag = ({ owner }: Secret): string => `${owner.kind}-${owner.name.replace('/', '-')}`;

/** The secrets that a filter lets through, charms' ones too. */
export function listedSecrets(world: World, { secret: wanted, owner, revision }: SecretFilter): Secret[] {
  return Object.values(world.secrets).filter((secret) => {
    if (owner !== undefined && ownerTag(secret) !== owner) return false;
    if (wanted === undefined) return true;
    if (isSecretUri(wanted) ? secret.id !== secretIdOf(wanted) : secret.label !== wanted) return false;
    if (revision !== undefined && !secret.revisions.some((each) => each.revision === revision))
      throw new ModelError('not-found', 'show secret', `secret revision ${String(revision)} not found`);
    return latestNumber(secret) > 0;
  });
}
