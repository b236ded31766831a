import type { Life } from '../../model/life';
import type { WorldStore } from '../../store/world-store';
import type { HookChanges, UniterApi } from '../../tools/uniter-api';
import { actionFacade } from './action-facade';
import { charmFacade } from './charm-facade';
import { commitFacade } from './commit-facade';
import { leaderSettingsFacade } from './leader-settings-facade';
import { networkFacade } from './network-facade';
import { relationFacade } from './relation-facade';
import { secretFacade } from './secret-facade';
import { statusFacade } from './status-facade';
import { storageFacade } from './storage-facade';
import { UnitModel } from './unit-model';

/** What the API needs beside the world: time, and effects on the unit's machine. */
export interface LiveApiPorts {
  readonly now: () => string;
  /** False once the agent has been killed. */
  readonly alive: () => boolean;
  readonly agentVersion: string;
  readonly apiAddresses: readonly string[];
  /** Members that the unit's agent knows of a relation (joined committed). */
  readonly members: (relationId: number) => readonly string[];
  /** Whether the unit has entered the relation's scope and not left it. */
  readonly inScope: (relationId: number) => boolean;
  /** Life of a relation as the agent process got to know it: hooks see that, not what it is now. */
  readonly knownLife: (relationId: number) => Life;
  readonly onStatusSet: () => void;
  /** Puts the resource's file on the machine and returns its path there. */
  readonly downloadResource: (name: string) => Promise<string>;
  readonly requestReboot: () => Promise<void>;
  /** Called before a commit; throws to refuse it (fault injection). */
  readonly beforeCommit: (changes: HookChanges) => void;
}

/** The controller's side of a hook context, on the live model, for one unit. */
export function liveUniterApi(store: WorldStore, unit: string, ports: LiveApiPorts): UniterApi {
  const model = new UnitModel(store, unit, ports.now, ports.alive);
  return {
    ...relationFacade(model, ports),
    ...statusFacade(model, ports),
    ...networkFacade(model),
    ...charmFacade(model, ports),
    ...storageFacade(model),
    ...secretFacade(model),
    ...leaderSettingsFacade(model),
    ...actionFacade(model),
    ...commitFacade(model, ports),
  };
}
