import type { Life } from '../model/life';
import type { LocalState, RemoteSnapshot } from '../uniter';

/** Relations as one agent process knows them: hooks see that, not what is so now. */
export class KnownRelations {
  readonly #lives = new Map<number, Life>();

  constructor(private readonly local: () => LocalState | undefined) {}

  /** Takes in what a look has found. */
  see({ relations }: RemoteSnapshot): void {
    for (const { id, life } of relations) if (!this.#lives.has(id)) this.#lives.set(id, life);
  }

  /** Members of a relation as the unit has taken them in. */
  members(relationId: number): readonly string[] {
    return Object.keys(this.local()?.unit.relations[String(relationId)]?.members ?? {}).sort();
  }

  /** Whether the unit is in the relation's scope. */
  inScope(relationId: number): boolean {
    return this.local()?.unit.scopes[String(relationId)] !== undefined;
  }

  /** Life of a relation when this process first saw it; Juju's agent does not ask again. */
  life(relationId: number): Life {
    return this.#lives.get(relationId) ?? 'alive';
  }
}
