import type { Secret, SecretFilter, World } from '../model';
import {
  addUserSecret,
  latestNumber,
  latestRevision,
  listedSecrets,
  removeUserSecret,
  secretAccess,
  secretUri,
  setUserSecretAccess,
  updateUserSecret,
} from '../model';
import { contentChecksum } from '../tools/secret-changes';
import type { Method } from './api-server';
import type { ModelController } from './model-controller';

/** key -> base64 of the value */
type Content = Readonly<Record<string, string>>;

/** Parameters of the methods about secrets; `secret` is a URI or the name of a user's secret. */
export interface SecretMethodParams {
  readonly listSecrets: SecretFilter & { readonly reveal: boolean };
  readonly addSecret: { readonly name: string; readonly description: string; readonly content: Content };
  readonly updateSecret: {
    readonly secret: string;
    readonly name?: string;
    readonly description?: string;
    readonly content?: Content;
    readonly autoPrune?: boolean;
  };
  readonly removeSecret: { readonly secret: string; readonly revision?: number };
  readonly changeSecretAccess: {
    readonly secret: string;
    readonly applications: readonly string[];
    readonly granted: boolean;
  };
}

/** One secret as Juju's client API tells it (facade Secrets, method ListSecrets). */
export interface ListedSecret {
  readonly uri: string;
  readonly 'owner-tag': string;
  readonly description: string;
  readonly label: string;
  readonly 'rotate-policy': string;
  readonly 'next-rotate-time': string | null;
  readonly 'latest-revision': number;
  readonly 'latest-revision-checksum': string;
  readonly 'latest-expire-time': string | null;
  readonly 'create-time': string;
  readonly 'update-time': string;
  readonly revisions: readonly {
    readonly revision: number;
    readonly 'backend-name': string;
    readonly 'create-time': string;
    readonly 'update-time': string;
    readonly 'expire-time': string | null;
  }[];
  /** There when it was asked to be revealed. */
  readonly value?: { readonly data: Content };
  readonly access: readonly { readonly 'target-tag': string; readonly 'scope-tag': string; readonly role: string }[];
}

/** The methods of a controller process that are about secrets. */
export function secretMethods(controller: ModelController): Record<keyof SecretMethodParams, Method> {
  const typed = <K extends keyof SecretMethodParams>(
    _name: K,
    method: (params: SecretMethodParams[K]) => unknown,
  ): Method => method;
  const change = <T>(mutate: (world: World) => T): T => controller.store.change(mutate);
  const checked = (data: Content) => ({ data, checksum: contentChecksum(data) });
  return {
    listSecrets: typed('listSecrets', ({ reveal, ...filter }) =>
      listedSecrets(controller.world, filter).map((secret) =>
        listed(controller.world, secret, reveal, filter.revision),
      ),
    ),
    addSecret: typed('addSecret', ({ content, ...given }) =>
      change((world) => addUserSecret(world, { ...given, content: checked(content) }, controller.now())),
    ),
    updateSecret: typed('updateSecret', ({ secret, name, content, ...given }) =>
      change((world) =>
        updateUserSecret(
          world,
          secret,
          {
            ...given,
            ...(name === undefined ? {} : { label: name }),
            ...(content === undefined ? {} : { content: checked(content) }),
          },
          controller.now(),
        ),
      ),
    ),
    removeSecret: typed('removeSecret', ({ secret, revision }) =>
      change((world) => removeUserSecret(world, secret, revision)),
    ),
    changeSecretAccess: typed('changeSecretAccess', ({ secret, applications, granted }) =>
      change((world) => setUserSecretAccess(world, secret, applications, granted)),
    ),
  };
}

function listed(world: World, secret: Secret, reveal: boolean, revision: number | undefined): ListedSecret {
  const latest = latestRevision(secret);
  const shown = revision === undefined ? latest : secret.revisions.find((each) => each.revision === revision);
  return {
    uri: secretUri(secret),
    'owner-tag': `${secret.owner.kind}-${secret.owner.name.replace('/', '-')}`,
    description: secret.description,
    label: secret.label,
    'rotate-policy': secret.rotatePolicy,
    'next-rotate-time': secret.nextRotateTime,
    'latest-revision': latestNumber(secret),
    'latest-revision-checksum': latest?.checksum ?? '',
    'latest-expire-time': latest?.expireTime ?? null,
    'create-time': secret.created,
    'update-time': secret.updated,
    revisions: secret.revisions
      .filter((each) => revision === undefined || each.revision === revision)
      .map((each) => ({
        revision: each.revision,
        'backend-name': 'internal',
        'create-time': each.created,
        'update-time': each.created,
        'expire-time': each.expireTime,
      })),
    ...(reveal && shown !== undefined ? { value: { data: shown.content } } : {}),
    access: secretAccess(world, secret).map(({ target, scope, role }) => ({
      'target-tag': target,
      'scope-tag': scope,
      role,
    })),
  };
}
