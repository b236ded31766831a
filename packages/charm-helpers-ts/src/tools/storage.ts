import { recordOf, runJson, stringField, stringListOf, unexpected } from './output';
import type { HookToolRunner } from './runner';

export interface StorageInstance {
  readonly kind: 'filesystem' | 'block';
  /** The mount point, or the device. */
  readonly location: string;
}

export interface StorageTools {
  /** `storage-list`: ids such as `data/0`, of one name where given. */
  storageList(name?: string): Promise<readonly string[]>;
  /** `storage-get`: of the storage hook's own instance where no id is given. */
  storageGet(id?: string): Promise<StorageInstance>;
  /** `storage-add`: asks for more instances; kept only if the hook succeeds. */
  storageAdd(name: string, count?: number): Promise<void>;
}

export const storageTools = (runner: HookToolRunner): StorageTools => ({
  storageList: async (name) => stringListOf(await runJson(runner, 'storage-list', name === undefined ? [] : [name])),
  storageGet: async (id) => {
    const output = await runJson(runner, 'storage-get', id === undefined ? [] : ['-s', id]);
    const record = recordOf(output);
    const kind = record['kind'];
    if (kind !== 'filesystem' && kind !== 'block') throw unexpected(output, 'storage kind');
    return { kind, location: stringField(record, 'location') ?? '' };
  },
  storageAdd: async (name, count = 1) => {
    await runner.run('storage-add', [`${name}=${count}`]);
  },
});
