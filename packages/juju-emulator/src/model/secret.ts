import { secretIdFrom } from '../format/secret-id';
import type { World } from './world';

/** Who a secret belongs to: the model (a user's secret), an application (its leader manages it) or one unit. */
export interface SecretOwner {
  readonly kind: 'model' | 'application' | 'unit';
  /** Name of the application or unit; the model's UUID. */
  readonly name: string;
}

/** One version of a secret's content. Never changed but for its expiry. */
export interface SecretRevision {
  readonly revision: number;
  /** key -> base64 of the value */
  readonly content: Readonly<Record<string, string>>;
  readonly checksum: string;
  readonly created: string;
  expireTime: string | null;
}

/** What a unit remembers of a secret that it has read. */
export interface SecretConsumer {
  /** '' when the unit gave it none. */
  label: string;
  /** The revision it tracks. */
  revision: number;
}

/** Leave to read: for an application or one of its units, while the relation (or the model) is there. */
export interface SecretGrant {
  readonly subject: { readonly kind: 'application' | 'unit'; readonly name: string };
  /** Undefined: the whole model, as users grant. */
  readonly relationId?: number;
}

export type RotatePolicy = 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

/** A secret with its revisions, ascending; the last one is the latest. */
export interface Secret {
  /** 20 characters of base32hex. */
  readonly id: string;
  readonly owner: SecretOwner;
  /** The owner's label; a user's secret is named by it. '' when there is none. */
  label: string;
  description: string;
  rotatePolicy: RotatePolicy;
  nextRotateTime: string | null;
  /** Users' secrets only: revisions that nobody tracks go by themselves. */
  autoPrune: boolean;
  readonly created: string;
  updated: string;
  revisions: SecretRevision[];
  grants: SecretGrant[];
  /** By unit. */
  consumers: Record<string, SecretConsumer>;
}

/** A removal that a hook or a user asked for; carried out by `removeQueuedSecrets`, after the commit. */
export interface SecretRemoval {
  readonly id: string;
  /** Absent: all of them, and the secret with them. */
  readonly revisions?: readonly number[];
}

/** The URI as hooks see it, `secret:<id>`. */
export const secretUri = (secret: { readonly id: string }): string => `secret:${secret.id}`;

/** Id of a secret from its URI in any form: `secret://<model>/<id>`, `secret:<id>` or the bare id. */
export const secretIdOf = (uri: string): string => uri.slice(Math.max(uri.lastIndexOf('/'), uri.lastIndexOf(':')) + 1);

const idPattern = /^[0-9a-v]{20}$/;

/** A URI in any form, as opposed to a name. */
export const isSecretUri = (text: string): boolean =>
  idPattern.test(text) || (text.startsWith('secret:') && idPattern.test(secretIdOf(text)));

/** The latest revision; undefined only while the secret is being made. */
export const latestRevision = (secret: Secret): SecretRevision | undefined => secret.revisions.at(-1);

/** Number of the latest revision. */
export const latestNumber = (secret: Secret): number => latestRevision(secret)?.revision ?? 0;

/** The secret that a URI names, if there is one. */
export const findSecret = (world: World, uri: string): Secret | undefined => world.secrets[secretIdOf(uri)];

/** Revisions that are not the latest and that no unit tracks, ascending. */
export function obsoleteRevisions(secret: Secret): number[] {
  const tracked = new Set(Object.values(secret.consumers).map((consumer) => consumer.revision));
  return secret.revisions
    .slice(0, -1)
    .map(({ revision }) => revision)
    .filter((revision) => !tracked.has(revision));
}

/** A new id. It follows from the model and how many there were before. */
export function newSecretId(world: World): string {
  const id = secretIdFrom(`${world.modelUuid} ${world.nextSecret}`);
  world.nextSecret += 1;
  return id;
}
