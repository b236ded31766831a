import type { World } from '../model';
import { claimLeadership } from '../model';
import type { Clock } from '../store/clock';
import type { Journal } from '../store/journal';
import type { Random } from '../store/random';
import type { WorldStore } from '../store/world-store';

/** The leadership leases of a model: given to whoever may have them, taken from units whose machine stays silent. */
export class Leases {
  readonly #expiring = new Map<string, () => void>();

  constructor(
    private readonly store: WorldStore,
    private readonly clock: Clock,
    private readonly journal: Journal,
    private readonly random: Random,
    /** How long a silent machine's leader keeps its lease, milliseconds. */
    private readonly leaseMs: number,
  ) {}

  /** Looks at every application once. */
  review(world: World): void {
    for (const { name, leader } of Object.values(world.applications)) {
      if (leader !== null && isSilent(world, leader)) {
        if (!this.#expiring.has(name))
          this.#expiring.set(
            name,
            this.clock.after(this.leaseMs, () => this.#expire(name)),
          );
        continue;
      }
      this.#expiring.get(name)?.();
      this.#expiring.delete(name);
      if (leader === null) this.#claim(name);
    }
  }

  close(): void {
    for (const cancel of this.#expiring.values()) cancel();
    this.#expiring.clear();
  }

  #expire(application: string): void {
    this.#expiring.delete(application);
    this.journal.write('lease expired', undefined, { application });
    this.#set(application, null);
  }

  #claim(application: string): void {
    const claimed = claimLeadership(structuredClone(this.store.world), application, (count) => this.random.pick(count));
    if (claimed === null) return;
    this.journal.write('leadership claimed', claimed);
    this.#set(application, claimed);
  }

  #set(application: string, leader: string | null): void {
    this.store.change((world) => {
      const entity = world.applications[application];
      if (entity !== undefined) entity.leader = leader;
    });
  }
}

const isSilent = (world: World, unit: string): boolean =>
  world.machines[world.units[unit]?.machine ?? '']?.agentStatus.status === 'down';
