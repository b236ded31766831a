import { ModelError } from './model-error';
import { addStorage } from './storage-requests';
import type { World } from './world';
import { charmOf, unitOf, unitUuid } from './world';

/** What a hook asked for with `storage-add`. @throws ModelError in the words of Juju's commit. */
export function commitStorage(
  world: World,
  unitName: string,
  additions: readonly { readonly name: string; readonly count: number }[],
  now: string,
): void {
  for (const { name, count } of additions) {
    const refuse = (why: string): never => {
      throw new ModelError(
        'not-valid',
        'commit hook changes',
        `preparing storage additions: preparing storage add "${name}" for unit "${unitName}": ${why}`,
      );
    };
    if (charmOf(world, unitOf(world, unitName).application).spec.storage[name] === undefined)
      refuse(`getting unit "${unitUuid(world, unitName)}" storage directive: storage name not supported`);
    try {
      addStorage(world, unitName, name, { pool: '', size: 0, count }, now);
    } catch (error) {
      refuse((error as Error).message);
    }
  }
}
