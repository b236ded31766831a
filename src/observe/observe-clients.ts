import type { HookContext, HookTools } from '@juju/charm-helpers-ts';
import type { ClientRelationFacts } from '../domain/observed';
import { parsePublished } from '../ports/client-bag';

/** The `db` relations and what this unit publishes on each. */
export async function observeClients(context: HookContext, tools: HookTools): Promise<readonly ClientRelationFacts[]> {
  const ids = await tools.relationIds('db');
  return Promise.all(
    ids.map(async (relation) => {
      const bag = await tools.relationGet({ relation, unit: context.unit });
      return { relationId: relation, published: parsePublished(bag) };
    }),
  );
}
