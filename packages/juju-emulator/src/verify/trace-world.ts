import {
  bagVersion,
  type Effect,
  type Life,
  type RemoteRelation,
  type RemoteSnapshot,
  type SecretOwner,
} from '../uniter';
import type { Change, Trace } from './trace-format';

interface WorldRelation {
  readonly id: number;
  readonly endpoint: string;
  readonly role: 'peer' | 'provider' | 'requirer';
  readonly interface: string;
  readonly scope: 'global' | 'container';
  readonly remoteApplication: string;
  /** The charm that lacks this endpoint. */
  readonly unknownTo: string | undefined;
  life: Life;
  suspended: boolean;
  inScope: boolean;
  readonly members: Map<string, Readonly<Record<string, string>>>;
  readonly applicationBags: Map<string, Readonly<Record<string, string>> | undefined>;
}

interface WorldSecret {
  readonly uri: string;
  readonly revision: number;
  readonly owner: SecretOwner;
}

/** The controller's side of a trace: a small model that changes are applied to and snapshots are taken of. */
export class TraceWorld {
  private life: Life = 'alive';
  private applicationLife: Life = 'alive';
  private leader = false;
  private charmUrl: string;
  private charmModifiedVersion = 0;
  private force = false;
  private config: string;
  private trust = 'trust-0';
  private addresses = 'addr-0';
  private readonly relations = new Map<number, WorldRelation>();
  private readonly storage = new Map<string, { life: Life; attached: boolean }>();
  private actions: { id: string; name: string; cancelled: boolean }[] = [];
  private commands: { id: string; command: string }[] = [];
  private commandsGiven = 0;
  private expired: WorldSecret[] = [];
  private rotate: WorldSecret[] = [];
  private readonly consumed: Record<string, { revision: number; label?: string }> = {};
  private readonly obsolete: Record<string, { revisions: number[]; owner: SecretOwner }> = {};
  private readonly deleted: string[] = [];
  private ticks = 0;
  private retries = 0;
  private resolved: RemoteSnapshot['resolved'] = 'none';
  private boots = 1;
  private nextEndpointUnknown = false;

  constructor(private readonly initial: Trace['initial']) {
    this.charmUrl = initial.charm;
    this.config = initial.config;
  }

  /** @param charmOnDisk URL of the charm that the unit has on disk. */
  snapshot(charmOnDisk: string): RemoteSnapshot {
    return {
      unit: this.initial.unit,
      life: this.life,
      applicationLife: this.applicationLife,
      subordinate: this.initial.subordinateTo !== undefined,
      leader: this.leader,
      charmUrl: this.charmUrl,
      charmModifiedVersion: this.charmModifiedVersion,
      forceCharmUpgrade: this.force,
      configHash: this.config,
      trustHash: this.trust,
      addressesHash: this.addresses,
      relations: [...this.relations.values()].map((relation) => relationSnapshot(relation, charmOnDisk)),
      storage: [...this.storage].map(([id, one]) => ({ id, ...one })),
      secrets: {
        expired: [...this.expired],
        rotate: [...this.rotate],
        consumed: { ...this.consumed },
        obsolete: Object.fromEntries(
          Object.entries(this.obsolete).map(([uri, one]) => [uri, { ...one, revisions: [...one.revisions] }]),
        ),
        deleted: [...this.deleted],
      },
      actions: this.actions.map((one) => ({ ...one })),
      commands: [...this.commands],
      updateStatusTicks: this.ticks,
      retryCount: this.retries,
      resolved: this.resolved,
      retryHooks: true,
      bootId: `boot-${String(this.boots)}`,
    };
  }

  /** A new agent process has new watchers, and knows of no juju-exec given to the old one. */
  agentRestarts(): void {
    this.ticks = 0;
    this.retries = 0;
    this.commands = [];
  }

  /** An action that has its result is listed no longer. */
  finishAction(id: string): void {
    this.actions = this.actions.filter((action) => action.id !== id);
  }

  reboot(): void {
    this.boots++;
  }

  /** Relations that die go from the model once the unit has left their scope. */
  endOfStep(): void {
    for (const relation of [...this.relations.values()]) {
      if (relation.life !== 'alive' && !relation.inScope) this.relations.delete(relation.id);
    }
  }

  /** Carries out what the uniter asks of the controller; statuses and timers are not the world's. */
  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'enter-scope':
        this.relation(effect.relationId).inScope = true;
        break;
      case 'leave-scope':
        this.relation(effect.relationId).inScope = false;
        break;
      case 'clear-resolved':
        this.resolved = 'none';
        break;
      case 'restart-watcher':
        this.ticks = 0;
        this.retries = 0;
        break;
      case 'destroy-storage-attachments':
        for (const one of this.storage.values()) one.life = 'dying';
        break;
      case 'remove-storage-attachment':
        this.storage.delete(effect.storageId);
        break;
      case 'destroy-unit':
        this.life = 'dying';
        break;
      case 'secret-rotated':
        this.rotate = this.rotate.filter((one) => one.uri !== effect.uri);
        break;
      case 'reboot-machine':
        this.reboot();
        break;
      default:
        break;
    }
  }

  /** Applies one change; false if it is not one of the world (but of the script or the agent). */
  apply(change: Change): boolean {
    return (
      this.applyToUnit(change) ||
      this.applyToRelation(change) ||
      this.applyToStorage(change) ||
      this.applyToSecret(change)
    );
  }

  private applyToUnit(change: Change): boolean {
    const value = String(change.value);
    switch (change.do) {
      case 'leader':
        this.leader = change.value === true;
        return true;
      case 'config':
        this.config = value;
        return true;
      case 'trust':
        this.trust = value;
        return true;
      case 'addresses':
        this.addresses = value;
        return true;
      case 'unit-dying':
        this.life = 'dying';
        return true;
      case 'unit-dead':
        this.life = 'dead';
        return true;
      case 'app-dying':
        this.applicationLife = 'dying';
        return true;
      case 'update-status-tick':
        this.ticks++;
        return true;
      case 'retry-timer-fires':
        this.retries++;
        return true;
      case 'resolved':
        this.resolved = change.value === 'retry' ? 'retry' : 'no-retry';
        return true;
      case 'refresh':
      case 'refresh-force-units':
        this.charmUrl = value;
        this.charmModifiedVersion++;
        this.force = change.do === 'refresh-force-units';
        return true;
      case 'attach-resource':
        this.charmModifiedVersion++;
        return true;
      case 'next-charm-adds-endpoint':
        this.nextEndpointUnknown = true;
        return true;
      case 'action':
        this.actions.push({ id: change.id ?? '', name: change.name ?? '', cancelled: false });
        return true;
      case 'action-cancelled':
        for (const action of this.actions) if (action.id === change.id) action.cancelled = true;
        return true;
      case 'juju-exec':
        this.commands.push({ id: String(++this.commandsGiven), command: change.name ?? '' });
        return true;
      default:
        return false;
    }
  }

  private applyToRelation(change: Change): boolean {
    const id = change.rel ?? -1;
    switch (change.do) {
      case 'relate':
        this.relations.set(id, this.newRelation(change));
        this.nextEndpointUnknown = false;
        return true;
      case 'remote-unit-enters':
      case 'remote-unit-sets':
        this.relation(id).members.set(change.unit ?? '', change.bag ?? {});
        return true;
      case 'remote-unit-leaves':
        this.relation(id).members.delete(change.unit ?? '');
        return true;
      case 'remote-app-sets':
        this.relation(id).applicationBags.set(change.app ?? '', change.bag ?? {});
        return true;
      case 'relation-dying':
        this.relation(id).life = 'dying';
        return true;
      case 'suspend':
      case 'resume':
        this.relation(id).suspended = change.do === 'suspend';
        return true;
      default:
        return false;
    }
  }

  private newRelation(change: Change): WorldRelation {
    const role = change.role ?? 'requirer';
    const remoteApplication = role === 'peer' ? (this.initial.unit.split('/')[0] ?? '') : (change.app ?? '');
    return {
      id: change.rel ?? -1,
      endpoint: change.endpoint ?? '',
      role,
      interface: change.interface ?? '',
      scope: change.scope ?? 'global',
      remoteApplication,
      unknownTo: this.nextEndpointUnknown ? this.initial.charm : undefined,
      life: 'alive',
      suspended: false,
      inScope: false,
      members: new Map(),
      applicationBags: new Map([[remoteApplication, undefined]]),
    };
  }

  private applyToStorage(change: Change): boolean {
    const id = change.storage ?? '';
    switch (change.do) {
      case 'storage-add':
        this.storage.set(id, { life: 'alive', attached: change.attached === true });
        return true;
      case 'storage-provisioned': {
        const one = this.storage.get(id);
        if (one !== undefined) one.attached = true;
        return true;
      }
      case 'storage-detach': {
        const one = this.storage.get(id);
        if (one !== undefined) one.life = 'dying';
        return true;
      }
      default:
        return false;
    }
  }

  private applyToSecret(change: Change): boolean {
    const secret = { uri: change.uri ?? '', revision: change.revision ?? 1, owner: change.owner ?? 'unit' };
    switch (change.do) {
      case 'secret-new-revision':
        this.consumed[secret.uri] = {
          revision: secret.revision,
          ...(change.label === undefined ? {} : { label: change.label }),
        };
        return true;
      case 'secret-rotate':
        this.rotate.push(secret);
        return true;
      case 'secret-expire':
        this.expired.push(secret);
        return true;
      case 'secret-obsolete':
        (this.obsolete[secret.uri] ??= { revisions: [], owner: secret.owner }).revisions.push(secret.revision);
        return true;
      case 'secret-deleted':
        this.deleted.push(secret.uri);
        return true;
      default:
        return false;
    }
  }

  private relation(id: number): WorldRelation {
    const relation = this.relations.get(id);
    if (relation === undefined) throw new Error(`the trace speaks of relation ${String(id)} before it is there`);
    return relation;
  }
}

function relationSnapshot(relation: WorldRelation, charmOnDisk: string): RemoteRelation {
  return {
    id: relation.id,
    endpoint: relation.endpoint,
    role: relation.role,
    scope: relation.scope,
    remoteApplication: relation.remoteApplication,
    life: relation.life,
    suspended: relation.suspended,
    implemented: relation.unknownTo === undefined || relation.unknownTo !== charmOnDisk,
    implicit: relation.role === 'provider' && relation.interface === 'juju-info',
    members: Object.fromEntries([...relation.members].map(([unit, bag]) => [unit, bagVersion(bag)])),
    applicationMembers: Object.fromEntries([...relation.applicationBags].map(([app, bag]) => [app, bagVersion(bag)])),
  };
}
