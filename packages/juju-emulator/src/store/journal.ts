import { appendFileSync } from 'node:fs';

/** What the emulator did or let happen: operations of agents, faults, machine events. One JSON object a line. */
export interface JournalEntry {
  readonly time: string;
  readonly event: string;
  readonly unit?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The emulator's own diary: with the seed it tells how a run came about. */
export class Journal {
  readonly #entries: JournalEntry[] = [];

  constructor(
    private readonly now: () => Date,
    private readonly path?: string,
  ) {}

  write(event: string, unit?: string, detail?: Readonly<Record<string, unknown>>): void {
    const entry: JournalEntry = {
      time: this.now().toISOString(),
      event,
      ...(unit === undefined ? {} : { unit }),
      ...(detail === undefined ? {} : { detail }),
    };
    this.#entries.push(entry);
    if (this.path !== undefined) appendFileSync(this.path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  entries(): readonly JournalEntry[] {
    return this.#entries;
  }
}
