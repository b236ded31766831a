import { hasLeaderSettings, leaderSettingsOf, mergeLeaderSettings } from '../../model';
import type { UniterApi } from '../../tools/uniter-api';
import type { UnitModel } from './unit-model';

/** Leadership settings, for models of a Juju that has them. */
export function leaderSettingsFacade(model: UnitModel): Pick<UniterApi, 'leaderSettings'> {
  if (!hasLeaderSettings(model.world)) return {};
  return {
    leaderSettings: {
      read: () => model.read('Read', (world) => leaderSettingsOf(world, model.application).settings),
      merge: (changes) => model.write('Merge', (world) => mergeLeaderSettings(world, model.unit, changes)),
    },
  };
}
