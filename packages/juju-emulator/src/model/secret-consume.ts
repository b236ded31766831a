import { ModelError } from './model-error';
import type { Secret } from './secret';
import { findSecret, latestNumber } from './secret';
import { canManageSecret, canReadSecret, ownsSecret } from './secret-access';
import { checkSecretLabel, pruneSecret } from './secret-changes';
import type { World } from './world';

/** How a unit asks for a secret's content: by URI, by label, or by both to give the label. */
export interface SecretRequest {
  /** '' when only the label is given. */
  readonly uri: string;
  readonly label: string;
  readonly refresh: boolean;
  readonly peek: boolean;
}

const operation = 'read secret';

/**
 * A unit reads a secret. The first read pins the latest revision; later ones give the pinned one, until `refresh` pins
 * the latest anew (`peek` shows it without). A label given along with the URI is remembered: the owner's as the secret's
 * own, others' as theirs.
 * @returns key -> base64 of the value
 */
export function readSecret(world: World, unit: string, request: SecretRequest): Readonly<Record<string, string>> {
  const { secret, labelToUpdate } = findRequested(world, unit, request);
  if (!canReadSecret(world, secret, unit))
    throw new ModelError('refused', operation, `"${unit}" is not allowed to read this secret`);
  const latest = latestNumber(secret);
  const known = secret.consumers[unit];
  if (labelToUpdate !== undefined) checkConsumerLabel(world, secret, unit, labelToUpdate);
  let revision = known?.revision ?? latest;
  if (known === undefined) secret.consumers[unit] = { label: labelToUpdate ?? '', revision: latest };
  else {
    if (request.refresh || request.peek) revision = latest;
    if (request.refresh) {
      known.revision = latest;
      // Units of the owner get its label along with the new revision, and keep it when the owner takes another.
      if (known.label === '' && ownsSecret(world, secret, unit)) known.label = secret.label;
    }
    if (labelToUpdate !== undefined) known.label = labelToUpdate;
  }
  const found = secret.revisions.find((each) => each.revision === revision);
  if (found === undefined)
    throw new ModelError('not-found', operation, `secret revision ${String(revision)} not found`);
  pruneSecret(secret);
  return found.content;
}

function findRequested(
  world: World,
  unit: string,
  { uri, label }: SecretRequest,
): { readonly secret: Secret; readonly labelToUpdate: string | undefined } {
  if (uri !== '') {
    const secret = findSecret(world, uri);
    if (secret === undefined)
      throw new ModelError('not-found', operation, 'getting latest secret revision: secret not found');
    if (label === '' || !ownsSecret(world, secret, unit))
      return { secret, labelToUpdate: label === '' ? undefined : label };
    if (label !== secret.label && canManageSecret(world, secret, unit)) {
      checkSecretLabel(world, secret, label);
      secret.label = label;
    }
    return { secret, labelToUpdate: undefined };
  }
  const all = Object.values(world.secrets);
  const secret =
    all.find((each) => each.label === label && ownsSecret(world, each, unit)) ??
    all.find((each) => each.consumers[unit]?.label === label);
  if (secret === undefined)
    throw new ModelError('not-found', operation, `secret URI for consumer label "${label}" not found`);
  return { secret, labelToUpdate: undefined };
}

/** A unit's labels for other owners' secrets are its own, each for one secret. */
function checkConsumerLabel(world: World, secret: Secret, unit: string, label: string): void {
  const taken = Object.values(world.secrets).some(
    (other) => other.id !== secret.id && other.consumers[unit]?.label === label,
  );
  if (taken) throw new ModelError('already-exists', operation, `secret with label "${label}" already exists`);
}

/** The label that a secret hook shows to a unit: its own for it, else (units of the owner) the owner's. */
export const secretLabelFor = (world: World, secret: Secret, unit: string): string => {
  const own = secret.consumers[unit]?.label ?? '';
  return own === '' && ownsSecret(world, secret, unit) ? secret.label : own;
};

/** From now on the unit tracks the latest revision: `secret-get --refresh` of an update in the same hook. */
export function trackLatest(secret: Secret, unit: string): void {
  const known = secret.consumers[unit];
  if (known === undefined) secret.consumers[unit] = { label: '', revision: latestNumber(secret) };
  else known.revision = latestNumber(secret);
  pruneSecret(secret);
}
