import type { Step } from '../domain/step';
import type { Clock } from '../ports/clock';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

/** One line of steps.jsonl. */
export interface JournalEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly hook: string;
  readonly step: Step;
  readonly outcome: 'done' | 'waiting' | 'failed';
  /** Why it waits or failed. */
  readonly reason?: string;
  readonly ms: number;
}

/** Maps and bigints have no JSON form of their own. */
const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === 'bigint' ? value.toString() : value;
};

/** A journal of this many bytes becomes the old one, and the one before that is gone. */
export const journalLimit = 4 * 1024 * 1024;

/** The log of executed steps. Steps carry no secrets (src/domain/step.ts), so all of a step may be written. */
export class Journal {
  private readonly files: Files;
  private readonly paths: Paths;
  private readonly clock: Clock;
  private readonly hook: string;
  private readonly limit: number;

  constructor(files: Files, paths: Paths, clock: Clock, hook: string, limit = journalLimit) {
    this.files = files;
    this.paths = paths;
    this.clock = clock;
    this.hook = hook;
    this.limit = limit;
  }

  async write(step: Step, outcome: JournalEntry['outcome'], ms: number, reason?: string): Promise<void> {
    const entry: JournalEntry = {
      time: new Date(this.clock.now()).toISOString(),
      hook: this.hook,
      step,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      ms: Math.round(ms),
    };
    await this.files.makeDirectory(this.paths.journalDirectory, { mode: 0o755 });
    await this.rotate();
    await this.files.append(this.paths.journal, JSON.stringify(entry, plain), { mode: 0o644 });
  }

  /** By one rename: killed before or after it, no line is lost but those of the file before. */
  private async rotate(): Promise<void> {
    const { files, paths, limit } = this;
    if (((await files.size(paths.journal)) ?? 0) >= limit) await files.move(paths.journal, paths.oldJournal);
  }
}
