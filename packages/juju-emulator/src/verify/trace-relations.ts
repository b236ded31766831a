import { bagVersion, type Life, type RemoteRelation } from '../uniter';
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

/** Relations of a trace's unit. */
export class TraceRelations {
  private readonly relations = new Map<number, WorldRelation>();
  private nextEndpointUnknown = false;

  constructor(private readonly initial: Trace['initial']) {}

  /** The next relation's endpoint is one that the unit's first charm lacks. */
  nextCharmAddsEndpoint(): void {
    this.nextEndpointUnknown = true;
  }

  /** @param charmOnDisk URL of the charm that the unit has on disk. */
  snapshot(charmOnDisk: string): RemoteRelation[] {
    return [...this.relations.values()].map((relation) => relationSnapshot(relation, charmOnDisk));
  }

  setInScope(id: number, inScope: boolean): void {
    this.relation(id).inScope = inScope;
  }

  /** Relations that die go from the model once the unit has left their scope. */
  dropLeft(): void {
    for (const relation of [...this.relations.values()]) {
      if (relation.life !== 'alive' && !relation.inScope) this.relations.delete(relation.id);
    }
  }

  /** Applies one change; false if it is not one of relations. */
  apply(change: Change): boolean {
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
