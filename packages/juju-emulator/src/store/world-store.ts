import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { World } from '../model';

/**
 * Holds the world. A change is applied to a copy, which then takes the old one's place: a change that throws has not
 * happened. Whoever subscribed is told after each change.
 */
export class WorldStore {
  readonly #listeners = new Set<() => void>();
  #world: World;
  #saving: NodeJS.Immediate | undefined;

  /** `path`: where the world is kept on disk; without it, it lives in memory only. */
  constructor(
    world: World,
    readonly path?: string,
  ) {
    this.#world = world;
  }

  /** Opens a world that was saved. */
  static load(path: string): WorldStore {
    return new WorldStore(JSON.parse(readFileSync(path, 'utf8')) as World, path);
  }

  /** The world now. Read only: changes go through `change`. */
  get world(): World {
    return this.#world;
  }

  /** Applies one change, all or nothing, and returns what it returns. */
  change<T>(mutate: (draft: World) => T): T {
    const draft = structuredClone(this.#world);
    const result = mutate(draft);
    this.#world = draft;
    this.#scheduleSave();
    for (const listener of [...this.#listeners]) listener();
    return result;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes now what is not yet on disk. */
  flush(): void {
    if (this.#saving !== undefined) clearImmediate(this.#saving);
    this.#saving = undefined;
    if (this.path === undefined) return;
    const temporary = `${this.path}.tmp`;
    // Not forced to the disk: it is to survive this process; machines do not survive the host's end either.
    writeFileSync(temporary, JSON.stringify(this.#world), { mode: 0o600 });
    renameSync(temporary, this.path);
  }

  #scheduleSave(): void {
    // Several changes of one turn of the event loop are one write.
    if (this.path !== undefined) this.#saving ??= setImmediate(() => this.flush());
  }
}
