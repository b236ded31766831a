import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { UnitState } from '../uniter';
import { newUnitState } from '../uniter';

/** An agent's state that cannot be read. It is never written over: nobody could tell which hooks have run. */
export class StateFileError extends Error {
  readonly code = 'damaged-state';
  readonly operation = 'read state of the agent';
  readonly retryable = false;

  constructor(path: string, cause: Error) {
    super(
      `${path} is damaged (${cause.message}); it is left as it is: restore it, or remove the unit with remove-unit --force`,
      { cause },
    );
    this.name = 'StateFileError';
  }
}

/** The uniter's state on the machine's disk: what survives the agent. */
export class StateFile {
  #last = '';

  constructor(private readonly path: string) {}

  /** The state of the last write, or that of a unit whose agent has never run. */
  read(): UnitState {
    if (!existsSync(this.path)) return newUnitState();
    this.#last = readFileSync(this.path, 'utf8');
    try {
      return JSON.parse(this.#last) as UnitState;
    } catch (error) {
      throw new StateFileError(this.path, error as Error);
    }
  }

  /** Writes all of it or, when the disk is full, nothing; an unchanged state is not written again. */
  write(state: UnitState): void {
    const text = JSON.stringify(state);
    if (text === this.#last) return;
    mkdirSync(dirname(this.path), { recursive: true });
    const temporary = `${this.path}.tmp`;
    // Not forced to the disk: it is to survive the agent and its machine, both of which end with this process or before.
    // Renaming over a file makes ext4 write the new one out at once; therefore the old one goes first.
    writeFileSync(temporary, text, { mode: 0o600 });
    rmSync(this.path, { force: true });
    renameSync(temporary, this.path);
    this.#last = text;
  }
}
