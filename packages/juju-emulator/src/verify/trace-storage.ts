import type { Life, RemoteSnapshot } from '../uniter';
import type { Change } from './trace-format';

/** Storage of a trace's unit. */
export class TraceStorage {
  private readonly storage = new Map<string, { life: Life; attached: boolean }>();

  snapshot(): RemoteSnapshot['storage'] {
    return [...this.storage].map(([id, one]) => ({ id, ...one }));
  }

  detachAll(): void {
    for (const one of this.storage.values()) one.life = 'dying';
  }

  delete(id: string): void {
    this.storage.delete(id);
  }

  /** Applies one change; false if it is not one of storage. */
  apply(change: Change): boolean {
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
}
