import {
  ascendingOrder,
  commit,
  finish,
  hookName,
  newUnitState,
  nextOperation,
  prepare,
  startAgent,
  type LocalState,
  type RemoteSnapshot,
} from '../../src/uniter';

const quiet: RemoteSnapshot = {
  unit: 'app/1',
  life: 'alive',
  applicationLife: 'alive',
  subordinate: false,
  leader: false,
  charmUrl: 'local:app-0',
  charmModifiedVersion: 0,
  forceCharmUpgrade: false,
  configHash: 'config',
  trustHash: 'trust',
  addressesHash: 'addresses',
  relations: [],
  storage: [],
  secrets: { expired: [], rotate: [], consumed: {}, obsolete: {}, deleted: [] },
  actions: [],
  commands: [],
  updateStatusTicks: 0,
  retryCount: 0,
  resolved: 'none',
  retryHooks: true,
  bootId: 'boot',
};
const at = (leaderSettingsVersion: number, more: Partial<RemoteSnapshot> = {}): RemoteSnapshot => ({
  ...quiet,
  leaderSettingsVersion,
  ...more,
});

/** Runs all that there is to do; every hook works. */
function settle(start: LocalState, remote: RemoteSnapshot): { local: LocalState; hooks: string[] } {
  const hooks: string[] = [];
  let local = start;
  for (;;) {
    const look = nextOperation(local, remote, ascendingOrder);
    local = look.local;
    if (look.kind === 'rest') return { local, hooks };
    const { operation } = look;
    const prepared = prepare(local, operation, remote);
    local = prepared.skipExecute ? prepared.local : finish(prepared.local, operation, 'ok', false).local;
    if (operation.kind === 'run-hook' && !prepared.skipExecute) hooks.push(hookName(operation.hook));
    local = commit(local, operation, remote).local;
  }
}

const first = (remote: RemoteSnapshot) => settle(startAgent(newUnitState(), remote), remote);

describe('leader-settings-changed', () => {
  it('comes once after install, before config-changed, and again with each version', () => {
    const { local, hooks } = first(at(1));
    expect(hooks).toEqual(['install', 'leader-settings-changed', 'config-changed', 'start']);
    expect(settle(local, at(1)).hooks).toEqual([]);
    expect(settle(local, at(3)).hooks).toEqual(['leader-settings-changed']);
  });

  it('is not for the leader, nor for a unit that goes', () => {
    const leading = first(at(1, { leader: true }));
    expect(leading.hooks).toEqual(['install', 'leader-elected', 'config-changed', 'start']);
    expect(settle(leading.local, at(2, { leader: true })).hooks).toEqual([]);
    expect(settle(first(at(1)).local, at(2, { life: 'dying' })).hooks).toEqual(['stop', 'remove']);
  });

  it('tells a unit that lost the lead what there is, and a new agent process once', () => {
    const leading = first(at(1, { leader: true }));
    expect(settle(leading.local, at(1)).hooks).toEqual(['leader-settings-changed']);
    const told = first(at(1)).local;
    expect(settle(startAgent(told.unit, at(1)), at(1)).hooks).toEqual(['leader-settings-changed']);
  });

  it('does not exist where the controller has no such settings', () => {
    expect(first(quiet).hooks).toEqual(['install', 'config-changed', 'start']);
  });
});
