import { isLeader } from './leadership';
import { ModelError } from './model-error';
import { relationKey } from './relation';
import type { Secret, SecretGrant } from './secret';
import type { World } from './world';

/** Owned by the unit itself, or by the application that it leads. */
export const canManageSecret = (world: World, secret: Secret, unit: string): boolean =>
  (secret.owner.kind === 'unit' && secret.owner.name === unit) ||
  (secret.owner.kind === 'application' &&
    secret.owner.name === world.units[unit]?.application &&
    isLeader(world, unit));

/** Refuses in the controller's words unless the unit manages the secret. */
export function requireManager(world: World, secret: Secret, unit: string, what: string): void {
  if (!canManageSecret(world, secret, unit))
    throw new ModelError('refused', what, `${what}: "${unit}" is not allowed to manage this secret`);
}

/** Owned by the unit or by its application, whoever leads. */
export const ownsSecret = (world: World, secret: Secret, unit: string): boolean =>
  (secret.owner.kind === 'unit' && secret.owner.name === unit) ||
  (secret.owner.kind === 'application' && secret.owner.name === world.units[unit]?.application);

/** A grant ends with the relation that it was given through. */
export const grantsInForce = (world: World, secret: Secret): SecretGrant[] =>
  secret.grants.filter(
    ({ relationId }) => relationId === undefined || world.relations[String(relationId)] !== undefined,
  );

/** Whether a unit may read the content: as owner, or because it or its application was granted it. */
export function canReadSecret(world: World, secret: Secret, unit: string): boolean {
  if (ownsSecret(world, secret, unit)) return true;
  const application = world.units[unit]?.application;
  return grantsInForce(world, secret).some(({ subject }) =>
    subject.kind === 'unit' ? subject.name === unit : subject.name === application,
  );
}

/** The same application, or the same unit. */
export const sameSubject = (a: SecretGrant['subject'], b: SecretGrant['subject']): boolean =>
  a.kind === b.kind && a.name === b.name;

/** Lets a subject read; one subject has one grant. */
export function grantSecret(secret: Secret, grant: SecretGrant): void {
  secret.grants = [...secret.grants.filter(({ subject }) => !sameSubject(subject, grant.subject)), grant];
}

/** Takes back a subject's leave. What it has tracked and labelled stays. */
export function revokeSecret(secret: Secret, subject: SecretGrant['subject']): void {
  secret.grants = secret.grants.filter((grant) => !sameSubject(grant.subject, subject));
}

/** Who may read a secret, in tags as Juju prints them, by target. */
export function secretAccess(world: World, secret: Secret): { target: string; scope: string; role: string }[] {
  return grantsInForce(world, secret)
    .map(({ subject, relationId }) => {
      const relation = world.relations[String(relationId)];
      return {
        target: `${subject.kind}-${subject.name.replace('/', '-')}`,
        scope:
          relation === undefined
            ? `model-${world.modelUuid}`
            : `relation-${relationKey(relation).replaceAll(':', '.').replace(' ', '#')}`,
        role: 'view',
      };
    })
    .sort((a, b) => (a.target < b.target ? -1 : 1));
}
