import type { RelationTools } from '@juju/charm-helpers-ts';

/**
 * The same tools, each thing read once: within a hook Juju shows the same of the other side, and an own bag changes only by what is
 * written through here. Each call saved is a process less.
 */
export function relationsOfHook(relations: RelationTools): RelationTools {
  const read = new Map<string, Promise<unknown>>();
  const once = <T>(what: unknown, look: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(what);
    const kept = read.get(key) ?? look();
    read.set(key, kept);
    return kept as Promise<T>;
  };
  return {
    ...relations,
    relationList: (options) => once(['list', options], () => relations.relationList(options)),
    relationListApplication: (options) =>
      once(['application', options], () => relations.relationListApplication(options)),
    relationGet: (options) => once(['bag', options], () => relations.relationGet(options)),
    relationSet: async (values, options) => {
      read.clear();
      await relations.relationSet(values, options);
      read.clear();
    },
  };
}
