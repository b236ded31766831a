import { ModelError } from './model-error';
import type { RotatePolicy, Secret, SecretOwner } from './secret';
import { findSecret, latestNumber, latestRevision, obsoleteRevisions, secretUri } from './secret';
import { nextRotateTime, setRotatePolicy } from './secret-rotation';
import type { World } from './world';

/** A revision's content, and its checksum as the agent computes it. */
export interface SecretContentChange {
  readonly data: Readonly<Record<string, string>>;
  readonly checksum: string;
}

/** Attributes of a secret; absent = unchanged. */
export interface SecretAttributeChange {
  readonly content?: SecretContentChange;
  readonly label?: string;
  readonly description?: string;
  readonly rotatePolicy?: string;
  readonly expireTime?: string;
}

/** Whose labels a secret's label must differ from: what its owner (an application: with its units) sees as its own. */
function shareLabels(world: World, a: SecretOwner, b: SecretOwner): boolean {
  if (a.kind === 'model' || b.kind === 'model') return a.kind === b.kind;
  if (a.kind === b.kind) return a.name === b.name;
  const [application, unit] = a.kind === 'application' ? [a, b] : [b, a];
  return world.units[unit.name]?.application === application.name;
}

/** Refuses a label that the owner uses for another secret. */
export function checkSecretLabel(
  world: World,
  secret: { readonly id: string; readonly owner: SecretOwner },
  label: string,
): void {
  const taken =
    label !== '' &&
    Object.values(world.secrets).some(
      (other) => other.id !== secret.id && other.label === label && shareLabels(world, other.owner, secret.owner),
    );
  if (!taken) return;
  const what = secret.owner.kind === 'model' ? 'name' : 'label';
  throw new ModelError('already-exists', 'label secret', `secret with ${what} "${label}" already exists`);
}

/** A new secret with its first revision. */
export function createSecret(
  world: World,
  id: string,
  owner: SecretOwner,
  given: SecretAttributeChange & { readonly content: SecretContentChange },
  now: string,
): Secret {
  const rotatePolicy = (given.rotatePolicy ?? 'never') as RotatePolicy;
  const secret: Secret = {
    id,
    owner,
    label: given.label ?? '',
    description: given.description ?? '',
    rotatePolicy,
    nextRotateTime: nextRotateTime(rotatePolicy, now),
    autoPrune: false,
    created: now,
    updated: now,
    revisions: [
      {
        revision: 1,
        content: given.content.data,
        checksum: given.content.checksum,
        created: now,
        expireTime: given.expireTime ?? null,
      },
    ],
    grants: [],
    consumers: {},
  };
  checkSecretLabel(world, secret, secret.label);
  world.secrets[id] = secret;
  return secret;
}

/** New content makes a new revision (unless it equals the latest); an expiry without content is the latest revision's. */
export function updateSecret(world: World, secret: Secret, given: SecretAttributeChange, now: string): void {
  if (given.label !== undefined) {
    checkSecretLabel(world, secret, given.label);
    secret.label = given.label;
  }
  if (given.description !== undefined) secret.description = given.description;
  if (given.rotatePolicy !== undefined) setRotatePolicy(secret, given.rotatePolicy as RotatePolicy, now);
  const latest = latestRevision(secret);
  const isNew = given.content !== undefined && given.content.checksum !== latest?.checksum;
  if (given.content !== undefined && isNew)
    secret.revisions.push({
      revision: latestNumber(secret) + 1,
      content: given.content.data,
      checksum: given.content.checksum,
      created: now,
      expireTime: given.expireTime ?? null,
    });
  else if (given.expireTime !== undefined && latest !== undefined) latest.expireTime = given.expireTime;
  else if (Object.keys(given).every((key) => key === 'content')) return;
  secret.updated = now;
  pruneSecret(secret);
}

/** Drops a user's revisions that nobody tracks any more, if the user wants that. */
export function pruneSecret(secret: Secret): void {
  if (!secret.autoPrune) return;
  const obsolete = obsoleteRevisions(secret);
  secret.revisions = secret.revisions.filter(({ revision }) => !obsolete.includes(revision));
}

/** Takes note of a removal; it is carried out after the commit, as Juju's removal worker does. */
export function queueSecretRemoval(world: World, secret: Secret, revisions?: readonly number[]): void {
  world.secretRemovals.push({ id: secret.id, ...(revisions === undefined ? {} : { revisions }) });
}

/** Carries out what was queued. Without revisions left the secret is gone, with its grants and labels. */
export function removeQueuedSecrets(world: World): void {
  for (const { id, revisions } of world.secretRemovals) {
    const secret = findSecret(world, id);
    if (secret === undefined) continue;
    if (revisions !== undefined)
      secret.revisions = secret.revisions.filter(({ revision }) => !revisions.includes(revision));
    if (revisions === undefined || secret.revisions.length === 0) removeSecret(world, secret);
  }
  world.secretRemovals = [];
}

function removeSecret(world: World, secret: Secret): void {
  delete world.secrets[secret.id];
  world.removedSecrets.push(secretUri(secret));
}

/** The unit is gone, and with it what it owned and tracked. */
export function dropUnitSecrets(world: World, unit: string): void {
  for (const secret of Object.values(world.secrets)) {
    delete secret.consumers[unit];
    pruneSecret(secret);
    if (secret.owner.kind === 'unit' && secret.owner.name === unit) removeSecret(world, secret);
    secret.grants = secret.grants.filter(({ subject }) => subject.kind !== 'unit' || subject.name !== unit);
  }
}

/** The application is gone, and with it its secrets and what was granted to it. */
export function dropApplicationSecrets(world: World, application: string): void {
  for (const secret of Object.values(world.secrets)) {
    if (secret.owner.kind === 'application' && secret.owner.name === application) removeSecret(world, secret);
    secret.grants = secret.grants.filter(
      ({ subject }) => subject.kind !== 'application' || subject.name !== application,
    );
  }
}
