import type { UnitName } from './ids';
import type { FileSum } from './mirror';

/** Who keeps Clearwater's cluster manager from starting on this machine. */
export type ClusterManagerHolder = 'nobody' | 'charm' | 'operator';

/** What a recovery has to know of the configuration that is on this unit's disk; all of it is empty where none is under way. */
export interface ConfigurationFacts {
  /** The option says so, and Clearwater is on this machine. */
  readonly clearwater: boolean;
  readonly held: ClusterManagerHolder;
  /** Mirrored files, in the order of their entries. */
  readonly files: readonly FileSum[];
  /** Whether a data store of Clearwater is on this machine. */
  readonly hasStore: boolean;
  readonly load: LoadRecord | null;
}

export const noConfiguration: ConfigurationFacts = {
  clearwater: false,
  held: 'nobody',
  files: [],
  hasStore: false,
  load: null,
};

/** What the load phase has done on this unit, written down beside the data: by it a second time finds nothing left to do. */
export interface LoadRecord {
  /** Of the attempt. */
  readonly token: string;
  /** What became of the keys of the mirrored files, where this unit's became the keys; null before. */
  readonly seeded: readonly string[] | null;
  /** Of the data stores; null before. */
  readonly stores: {
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** Lines for the operator: what was written, and what is different. */
    readonly told: readonly string[];
    /** What stands in the way; it is tried again. */
    readonly faults: readonly string[];
  } | null;
}

/** What a unit says of its configuration in a recovery. */
export interface ConfigurationSaid {
  readonly files: readonly FileSum[];
  /** Whether this unit is one of those that hold data, and so a master where there are enough of them. */
  readonly duty: boolean;
  /** What its load told. */
  readonly loads: readonly string[];
}

export const saidNothing: ConfigurationSaid = { files: [], duty: true, loads: [] };

export type SumsByUnit = ReadonlyMap<UnitName, readonly FileSum[]>;

/** Files that are not the same on all units that have them, with who has what apart from the others. */
export function disagreements(
  byUnit: ReadonlyMap<string, readonly FileSum[]>,
): readonly { readonly file: string; readonly units: ReadonlyMap<string, readonly string[]> }[] {
  const byFile = new Map<string, Map<string, string[]>>();
  for (const [unit, sums] of byUnit)
    for (const { file, sha256 } of sums) {
      if (sha256 === null) continue;
      const versions = byFile.get(file) ?? new Map<string, string[]>();
      versions.set(sha256, [...(versions.get(sha256) ?? []), unit]);
      byFile.set(file, versions);
    }
  return [...byFile].flatMap(([file, units]) => (units.size > 1 ? [{ file, units }] : []));
}

/**
 * The unit whose files become the keys of a cluster that begins empty: it has most of them; among equals, the one with which most others
 * agree; then the first by name. null where no unit has any.
 */
export function chooseSeeder(byUnit: SumsByUnit): UnitName | null {
  const has = (sums: readonly FileSum[]): number => sums.filter(({ sha256 }) => sha256 !== null).length;
  const all = [...byUnit.values()].flat();
  const agreed = (sums: readonly FileSum[]): number =>
    sums.reduce(
      (sum, { file, sha256 }) =>
        sum + (sha256 === null ? 0 : all.filter((one) => one.file === file && one.sha256 === sha256).length),
      0,
    );
  const [best] = [...byUnit]
    .filter(([, sums]) => has(sums) > 0)
    .sort(
      ([unit, sums], [other, others]) =>
        has(others) - has(sums) || agreed(others) - agreed(sums) || (unit < other ? -1 : 1),
    );
  return best?.[0] ?? null;
}

/** One line for each file that is not the same everywhere, and whose wins; lines for files that only others have. */
export function describeDisagreements(byUnit: SumsByUnit, seeder: UnitName | null): readonly string[] {
  const lines = disagreements(byUnit).map(({ file, units }) => {
    const versions = [...units.values()];
    const winning = versions.find((one) => one.some((unit) => unit === seeder));
    const others = versions.filter((one) => one !== winning).map((one) => one.join(', '));
    if (seeder === null || winning === undefined)
      return `${file} is not the same on all units: ${versions.map((one) => one.join(', ')).join('; ')}`;
    return `${file} is not the same on all units: that of ${seeder} becomes the key, ${others.join('; ')} has another`;
  });
  const own = byUnit.get(seeder as UnitName) ?? [];
  const missing = own.flatMap(({ file, sha256 }) => {
    const having = [...byUnit].filter(([, sums]) => sums.some((one) => one.file === file && one.sha256 !== null));
    return sha256 === null && having.length > 0
      ? [`${file} is not on ${seeder ?? ''}: its key comes from ${having.map(([unit]) => unit).join(' or ')}`]
      : [];
  });
  return [...lines, ...missing];
}
