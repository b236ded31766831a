import { UniterApiError } from '../../tools/api-error';
import type { SecretContent, SecretMetadata, UniterApi } from '../../tools/uniter-api';

/** Secrets that the unit owns or may read. */
export function secretFacade(): Pick<UniterApi, 'secretMetadata' | 'secretContent' | 'createSecretUris'> {
  return {
    secretMetadata(): Promise<readonly SecretMetadata[]> {
      return Promise.resolve([]);
    },
    secretContent(): Promise<SecretContent> {
      return Promise.reject(new UniterApiError('not-found', 'GetSecretContentInfo', 'secret not found'));
    },
    createSecretUris(): Promise<readonly string[]> {
      return Promise.reject(
        new UniterApiError('invalid', 'CreateSecretURIs', 'secrets are not supported by this emulator yet'),
      );
    },
  };
}
