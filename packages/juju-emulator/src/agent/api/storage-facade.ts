import { UniterApiError } from '../../tools/api-error';
import type { StorageAttachment, UniterApi } from '../../tools/uniter-api';

/** The unit's storage. */
export function storageFacade(): Pick<UniterApi, 'unitStorageAttachments' | 'storageAttachment'> {
  return {
    unitStorageAttachments(): Promise<readonly string[]> {
      return Promise.resolve([]);
    },
    storageAttachment(storageId: string): Promise<StorageAttachment> {
      return Promise.reject(
        new UniterApiError('not-found', 'StorageAttachments', `storage instance "${storageId}" not found`),
      );
    },
  };
}
