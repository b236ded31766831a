import type { RemoteSnapshot, SecretOwner } from '../uniter';
import type { Change } from './trace-format';

interface WorldSecret {
  readonly uri: string;
  readonly revision: number;
  readonly owner: SecretOwner;
}

/** Secrets that a trace's unit owns or reads. */
export class TraceSecrets {
  private expired: WorldSecret[] = [];
  private rotate: WorldSecret[] = [];
  private readonly consumed: Record<string, { revision: number; label?: string }> = {};
  private readonly obsolete: Record<string, { revisions: number[]; owner: SecretOwner }> = {};
  private readonly deleted: string[] = [];

  snapshot(): RemoteSnapshot['secrets'] {
    return {
      expired: [...this.expired],
      rotate: [...this.rotate],
      consumed: { ...this.consumed },
      obsolete: Object.fromEntries(
        Object.entries(this.obsolete).map(([uri, one]) => [uri, { ...one, revisions: [...one.revisions] }]),
      ),
      deleted: [...this.deleted],
    };
  }

  rotated(uri: string): void {
    this.rotate = this.rotate.filter((one) => one.uri !== uri);
  }

  /** Applies one change; false if it is not one of secrets. */
  apply(change: Change): boolean {
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
}
