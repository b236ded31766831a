import type { Application, Bag, Relation, World } from '../model';
import {
  applicationOf,
  charmOf,
  hasLeaderSettings,
  concerns,
  isLeader,
  isPeer,
  leaderSettingsOf,
  otherSide,
  pendingTasks,
  relationsOf,
  remoteMembers,
  sideOf,
  storageOfUnit,
  unitOf,
} from '../model';
import type { RemoteCommand, RemoteRelation, RemoteSecrets, RemoteSnapshot, UnitState } from '../uniter';

/** What the agent process itself adds to a look: it is lost when the process ends. */
export interface AgentVolatile {
  readonly bootId: string;
  readonly updateStatusTicks: number;
  readonly retryCount: number;
  readonly commands: readonly RemoteCommand[];
  readonly secrets: RemoteSecrets;
  /** Hashes that the last config-changed took in, once the unit has started. */
  readonly taken: Pick<UnitState, 'started' | 'configHash' | 'trustHash'>;
}

/** Everything the uniter looks at, from the world as it is now. `bagVersion` is the uniter's hash of a bag. */
export function snapshotFor(
  world: World,
  unitName: string,
  agent: AgentVolatile,
  bagVersion: (bag: Bag) => number,
): RemoteSnapshot {
  const unit = unitOf(world, unitName);
  const application = applicationOf(world, unit.application);
  const charm = charmOf(world, unit.application);
  const onDisk = world.charms[unit.charmUrl]?.spec ?? charm.spec;
  const relation = (each: Relation): RemoteRelation | undefined => {
    const own = sideOf(each, unit.application);
    const other = otherSide(each, unit.application);
    if (own === undefined || other === undefined) return undefined;
    const members: Record<string, number> = {};
    for (const member of remoteMembers(world, each.id, unit)) members[member] = bagVersion(each.unitBags[member] ?? {});
    const applicationBag = each.appBags[other.application];
    return {
      id: each.id,
      endpoint: own.endpoint,
      role: isPeer(each) ? 'peer' : own.role,
      scope: own.scope,
      remoteApplication: other.application,
      life: each.life,
      suspended: each.suspended,
      implemented: onDisk.endpoints[own.endpoint] !== undefined,
      implicit: own.endpoint === 'juju-info' && own.role === 'provider',
      members,
      applicationMembers: { [other.application]: applicationBag === undefined ? 0 : bagVersion(applicationBag) },
    };
  };
  return {
    unit: unitName,
    life: unit.life,
    applicationLife: application.life,
    subordinate: charm.spec.subordinate,
    leader: isLeader(world, unitName),
    ...(hasLeaderSettings(world) ? { leaderSettingsVersion: leaderSettingsOf(world, unit.application).version } : {}),
    charmUrl: application.charmUrl,
    charmModifiedVersion: application.charmModifiedVersion,
    forceCharmUpgrade: application.forceCharm,
    ...configHashes(application, agent.taken),
    addressesHash: `addresses ${unit.addressesHash}`,
    relations: relationsOf(world, unit.application)
      .filter((each) => concerns(each, unit))
      .flatMap((each) => relation(each) ?? []),
    storage: storageOfUnit(world, unitName).map(({ instance, attachment }) => ({
      id: instance.id,
      life: attachment.life,
      attached: attachment.attached,
    })),
    secrets: agent.secrets,
    actions: pendingTasks(world, unitName).map((task) => ({ id: task.id, name: task.name, cancelled: false })),
    commands: agent.commands,
    updateStatusTicks: agent.updateStatusTicks,
    retryCount: agent.retryCount,
    resolved: unit.resolved,
    retryHooks: world.config['automatically-retry-hooks'],
    bootId: agent.bootId,
  };
}

/**
 * Config and trust hash watch the same value in 4.1, and the second watcher speaks after the first: one `juju config`
 * runs config-changed twice (recorded on a real controller).
 */
function configHashes(
  { settings, trust }: Application,
  taken: AgentVolatile['taken'],
): Pick<RemoteSnapshot, 'configHash' | 'trustHash'> {
  const hash = JSON.stringify([Object.entries(settings).sort(), trust]);
  const behind = taken.started && taken.configHash !== hash;
  return { configHash: hash, trustHash: behind ? taken.trustHash : hash };
}
