import type { StatusInfo, World } from '../model';
import type { WorldStore } from './world-store';

/** One status that an agent, a workload or a machine had. */
export interface StatusRecord {
  readonly entity: string;
  readonly type: 'juju-unit' | 'workload' | 'juju-machine' | 'application';
  readonly status: string;
  readonly message: string;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** As many records an entity keeps. */
const kept = 1000;

/** What statuses there were, as far back as this controller process. Fed by the changes of the world. */
export class StatusHistory {
  readonly #records = new Map<string, StatusRecord[]>();
  readonly #last = new Map<string, string>();

  constructor(store: WorldStore) {
    store.subscribe(() => this.#look(store.world));
    this.#look(store.world);
  }

  /** Records of a unit, a machine or an application, oldest first. */
  of(entity: string): readonly StatusRecord[] {
    return this.#records.get(entity) ?? [];
  }

  #look(world: World): void {
    for (const unit of Object.values(world.units)) {
      this.#note(unit.name, 'workload', unit.workloadStatus);
      this.#note(unit.name, 'juju-unit', unit.agentStatus);
    }
    for (const machine of Object.values(world.machines)) this.#note(machine.id, 'juju-machine', machine.agentStatus);
    for (const application of Object.values(world.applications))
      if (application.status !== null) this.#note(application.name, 'application', application.status);
  }

  #note(entity: string, type: StatusRecord['type'], { status, message, since }: StatusInfo): void {
    const key = `${entity} ${type}`;
    const now = `${status}\n${message}\n${since}`;
    if (this.#last.get(key) === now) return;
    this.#last.set(key, now);
    const records = this.#records.get(entity) ?? [];
    records.push({ entity, type, status, message, since });
    if (records.length > kept) records.shift();
    this.#records.set(entity, records);
  }
}
