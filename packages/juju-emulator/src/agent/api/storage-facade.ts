import { storageOfUnit } from '../../model';
import { UniterApiError } from '../../tools/api-error';
import type { StorageAttachment, UniterApi } from '../../tools/uniter-api';
import type { UnitModel } from './unit-model';

/** The unit's storage. */
export function storageFacade(model: UnitModel): Pick<UniterApi, 'unitStorageAttachments' | 'storageAttachment'> {
  return {
    unitStorageAttachments(): Promise<readonly string[]> {
      return model.read('UnitStorageAttachments', (world) =>
        storageOfUnit(world, model.unit).map(({ instance }) => instance.id),
      );
    },
    storageAttachment(storageId: string): Promise<StorageAttachment> {
      return model.read('StorageAttachments', (world) => {
        const found = storageOfUnit(world, model.unit).find(({ instance }) => instance.id === storageId);
        if (found === undefined)
          throw new UniterApiError(
            'not-found',
            'StorageAttachments',
            world.storage[storageId] === undefined
              ? `storage instance "${storageId}" not found`
              : `storage attachment not found for "${storageId}" "${model.unit}"`,
          );
        if (!found.attachment.attached)
          throw new UniterApiError('not-provisioned', 'StorageAttachments', 'storage attachment not provisioned');
        return { kind: found.instance.kind, location: found.attachment.location };
      });
    },
  };
}
