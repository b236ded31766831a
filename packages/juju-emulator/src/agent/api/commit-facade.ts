import type { Commit } from '../../model';
import { commitHook } from '../../model';
import type { HookChanges, UniterApi } from '../../tools/uniter-api';
import type { LiveApiPorts } from './live-uniter-api';
import { toModelRange } from './port-ranges';
import { secretCommit } from './secret-facade';
import { apiError, type UnitModel } from './unit-model';

/** What a hook that worked has asked for: all of it or nothing. */
export function commitFacade(model: UnitModel, ports: LiveApiPorts): Pick<UniterApi, 'commitHookChanges'> {
  return {
    commitHookChanges(changes: HookChanges): Promise<void> {
      try {
        ports.beforeCommit(changes);
      } catch (error) {
        return Promise.reject(apiError('CommitHookChanges', error));
      }
      return model.write('CommitHookChanges', (world) => {
        const secrets = secretCommit(changes);
        const commit: Commit = {
          updateNetworkInfo: changes.updateNetworkInfo,
          relations: changes.relations.map((change) => ({
            relationId: change.relationId,
            ...(change.unitSettings === undefined ? {} : { unitBag: change.unitSettings }),
            ...(change.applicationSettings === undefined ? {} : { applicationBag: change.applicationSettings }),
          })),
          ...(changes.charmState === undefined ? {} : { charmState: changes.charmState }),
          openPorts: changes.openPorts.map(({ endpoint, range }) => ({ endpoint, range: toModelRange(range) })),
          closePorts: changes.closePorts.map(({ endpoint, range }) => ({ endpoint, range: toModelRange(range) })),
          ...(secrets === undefined ? {} : { secrets }),
          addStorage: changes.addStorage,
        };
        commitHook(world, model.unit, commit, model.now());
      });
    },
  };
}
