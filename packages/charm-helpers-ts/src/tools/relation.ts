import type { RelationId, UnitName } from '../names';
import {
  recordOf,
  runJson,
  stringField,
  stringListOf,
  stringMapOf,
  stringOf,
  unexpected,
  yamlStringMap,
} from './output';
import type { HookToolRunner } from './runner';

/** What one side wrote: strings only. Juju has no empty values: setting one removes the key. */
export type RelationBag = Readonly<Record<string, string>>;

export interface RelationOptions {
  /** Which relation; without it that of the relation hook. */
  readonly relation?: RelationId;
}

/** Whose bag: a unit's, an application's, or (none given) that of the hook's remote unit, else remote application. */
export type BagOwner =
  | { readonly unit: UnitName; readonly application?: never }
  | { readonly application: string; readonly unit?: never }
  | { readonly unit?: never; readonly application?: never };

export interface RelationTools {
  /** `relation-ids`: the relations of an endpoint, sorted as strings; those that are broken are left out. */
  relationIds(endpoint: string): Promise<readonly RelationId[]>;
  /** `relation-list`: the remote units that this unit has seen join and not depart. */
  relationList(options?: RelationOptions): Promise<readonly UnitName[]>;
  /** `relation-list --app`: the remote application. */
  relationListApplication(options?: RelationOptions): Promise<string>;
  /**
   * `relation-get`: a whole bag. Own bags show own writes of this hook; remote bags are read once a hook.
   * @throws HookToolError where that owner is not in the relation.
   */
  relationGet(options?: RelationOptions & BagOwner): Promise<RelationBag>;
  /**
   * `relation-set`: writes the own unit's bag, or with `application` the own application's (leader only, else `not-leader`).
   * Null and the empty string remove the key. Kept by Juju only if the hook succeeds.
   * The values go through stdin (`--file -`, in Juju since 1.2x), because arguments are visible to every user of the machine.
   */
  relationSet(
    values: Readonly<Record<string, string | null>>,
    options?: RelationOptions & { readonly application?: boolean },
  ): Promise<void>;
  /** `relation-model-get` (Juju 3.6 and later): the model on the other side. */
  relationModelGet(options?: RelationOptions): Promise<{ readonly uuid: string }>;
}

const relationArgs = (options: RelationOptions): readonly string[] =>
  options.relation === undefined ? [] : ['-r', options.relation];

export const relationTools = (runner: HookToolRunner): RelationTools => ({
  relationIds: async (endpoint) =>
    stringListOf(await runJson(runner, 'relation-ids', [endpoint])) as readonly RelationId[],

  relationList: async (options = {}) =>
    stringListOf(await runJson(runner, 'relation-list', relationArgs(options))) as readonly UnitName[],

  relationListApplication: async (options = {}) =>
    stringOf(await runJson(runner, 'relation-list', [...relationArgs(options), '--app'])),

  relationGet: async (options = {}) => stringMapOf(await runJson(runner, 'relation-get', getArgs(options))),

  relationSet: async (values, options = {}) => {
    const flags = options.application === true ? ['--app'] : [];
    const entries = Object.entries(values).map(([key, value]) => [key, value ?? ''] as const);
    await runner.run('relation-set', [...relationArgs(options), ...flags, '--file', '-'], {
      stdin: yamlStringMap(Object.fromEntries(entries)),
    });
  },

  relationModelGet: async (options = {}) => {
    const output = await runJson(runner, 'relation-model-get', relationArgs(options));
    const uuid = stringField(recordOf(output), 'uuid');
    if (uuid === null) throw unexpected(output, 'uuid');
    return { uuid };
  },
});

function getArgs(options: RelationOptions & BagOwner): readonly string[] {
  const relation = relationArgs(options);
  if (options.unit !== undefined) return [...relation, '-', options.unit];
  return options.application === undefined ? [...relation, '-'] : [...relation, '--app', '-', options.application];
}
