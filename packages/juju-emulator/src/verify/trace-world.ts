import type { Effect, Life, RemoteSnapshot } from '../uniter';
import type { Change, Trace } from './trace-format';
import { TraceRelations } from './trace-relations';
import { TraceSecrets } from './trace-secrets';
import { TraceStorage } from './trace-storage';

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
  private readonly relations: TraceRelations;
  private readonly storage = new TraceStorage();
  private readonly secrets = new TraceSecrets();
  private actions: { id: string; name: string; cancelled: boolean }[] = [];
  private commands: { id: string; command: string }[] = [];
  private commandsGiven = 0;
  private ticks = 0;
  private retries = 0;
  private resolved: RemoteSnapshot['resolved'] = 'none';
  private boots = 1;

  constructor(private readonly initial: Trace['initial']) {
    this.relations = new TraceRelations(initial);
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
      relations: this.relations.snapshot(charmOnDisk),
      storage: this.storage.snapshot(),
      secrets: this.secrets.snapshot(),
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
    this.relations.dropLeft();
  }

  /** Carries out what the uniter asks of the controller; statuses and timers are not the world's. */
  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'enter-scope':
        this.relations.setInScope(effect.relationId, true);
        break;
      case 'leave-scope':
        this.relations.setInScope(effect.relationId, false);
        break;
      case 'clear-resolved':
        this.resolved = 'none';
        break;
      case 'restart-watcher':
        this.ticks = 0;
        this.retries = 0;
        break;
      case 'destroy-storage-attachments':
        this.storage.detachAll();
        break;
      case 'remove-storage-attachment':
        this.storage.delete(effect.storageId);
        break;
      case 'destroy-unit':
        this.life = 'dying';
        break;
      case 'secret-rotated':
        this.secrets.rotated(effect.uri);
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
      this.relations.apply(change) ||
      this.storage.apply(change) ||
      this.secrets.apply(change)
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
        this.relations.nextCharmAddsEndpoint();
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
}
