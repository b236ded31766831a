import type { StorageSpec } from './storage-spec';
import { storageOfUnit } from './storage';
import type { World } from './world';
import { unitsOf } from './world';

type Specs = Readonly<Record<string, StorageSpec>>;

/** Whether a storage may be declared differently from now on (Juju's rules: nothing that exists changes its nature). */
export function checkStorageChange(
  world: World,
  application: string,
  before: Specs,
  after: Specs,
  refuse: (why: string) => never,
): void {
  for (const [name, old] of Object.entries(before)) {
    if (after[name] !== undefined) continue;
    if (old.countMin > 0) refuse(`required storage "${name}" removed`);
    if (unitsOf(world, application).some((unit) => holds(world, unit.name, name)))
      refuse(`in-use storage "${name}" removed`);
  }
  for (const [name, fresh] of Object.entries(after)) {
    const old = before[name];
    if (old === undefined) continue;
    const changed = (what: string, from: unknown, to: unknown): void => {
      if (from !== to) refuse(`existing storage "${name}" ${what} changed from ${String(from)} to ${String(to)}`);
    };
    changed('type', `"${old.kind}"`, `"${fresh.kind}"`);
    changed('shared', old.shared, fresh.shared);
    changed('read-only', old.readOnly, fresh.readOnly);
    changed('location', `"${old.location}"`, `"${fresh.location}"`);
    if (fresh.countMin > old.countMin)
      refuse(`existing storage "${name}" range contracted: min increased from ${old.countMin} to ${fresh.countMin}`);
    if (fresh.countMax !== -1 && (old.countMax === -1 || fresh.countMax < old.countMax))
      refuse(
        `existing storage "${name}" range contracted: max decreased from ${old.countMax === -1 ? '<unbounded>' : old.countMax} to ${fresh.countMax}`,
      );
    if (old.location !== '' && old.countMax === 1 && fresh.countMax !== 1)
      refuse(`existing storage "${name}" with location changed from single to multiple`);
  }
}

const holds = (world: World, unit: string, storage: string): boolean =>
  storageOfUnit(world, unit).some(({ instance }) => instance.name === storage);
