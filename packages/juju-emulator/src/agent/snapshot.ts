import type { Bag, Relation, World } from '../model';
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
import type { RemoteCommand, RemoteRelation, RemoteSecrets, RemoteSnapshot } from '../uniter';

/** What the agent process itself adds to a look: it is lost when the process ends. */
export interface AgentVolatile {
  readonly bootId: string;
  readonly updateStatusTicks: number;
  readonly retryCount: number;
  readonly commands: readonly RemoteCommand[];
  readonly secrets: RemoteSecrets;
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
    configHash: `config ${JSON.stringify(Object.entries(application.settings).sort())}`,
    trustHash: `trust ${String(application.trust)}`,
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
