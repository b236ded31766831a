import type { Secret, SecretCommit, World } from '../../model';
import { canManageSecret, latestNumber, latestRevision, newSecretId, readSecret, secretAccess } from '../../model';
import type { HookChanges, SecretContent, SecretMetadata, SecretQuery, UniterApi } from '../../tools/uniter-api';
import type { UnitModel } from './unit-model';

/** Secrets that the unit owns or may read. */
export function secretFacade(
  model: UnitModel,
): Pick<UniterApi, 'secretMetadata' | 'secretContent' | 'createSecretUris'> {
  return {
    /** The unit's own secrets, and its application's if it leads. */
    secretMetadata(): Promise<readonly SecretMetadata[]> {
      return model.read('GetSecretMetadata', (world) =>
        Object.values(world.secrets)
          .filter((secret) => canManageSecret(world, secret, model.unit))
          .map((secret) => metadataOf(world, secret)),
      );
    },
    secretContent(query: SecretQuery): Promise<SecretContent> {
      return model.write('GetSecretContentInfo', (world) => readSecret(world, model.unit, query));
    },
    createSecretUris(count: number): Promise<readonly string[]> {
      return model.write('CreateSecretURIs', (world) =>
        Array.from({ length: count }, () => `secret://${world.modelUuid}/${newSecretId(world)}`),
      );
    },
  };
}

function metadataOf(world: World, secret: Secret): SecretMetadata {
  const latest = latestRevision(secret);
  return {
    id: secret.id,
    owner: { kind: secret.owner.kind === 'unit' ? 'unit' : 'application', name: secret.owner.name },
    label: secret.label,
    description: secret.description,
    rotatePolicy: secret.rotatePolicy,
    latestRevision: latestNumber(secret),
    latestChecksum: latest?.checksum ?? '',
    expireTime: latest?.expireTime ?? null,
    nextRotateTime: secret.nextRotateTime,
    access: secretAccess(world, secret),
  };
}

/** A hook's changes to secrets as the model takes them; undefined when there are none. */
export function secretCommit(changes: HookChanges): SecretCommit | undefined {
  const commit: SecretCommit = {
    creates: changes.secretCreates,
    updates: changes.secretUpdates,
    grants: changes.secretGrants,
    revokes: changes.secretRevokes,
    deletes: changes.secretDeletes,
    trackLatest: changes.secretTrackLatest,
  };
  return Object.values(commit).every((list: readonly unknown[]) => list.length === 0) ? undefined : commit;
}
