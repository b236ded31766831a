import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** One line of `juju debug-log`. */
export interface LogRecord {
  /** Who logged: `unit-app-0`, `machine-0`, `controller-0`. */
  readonly entity: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly level: string;
  /** `unit.app/0.juju-log`, `unit.app/0.install`, `juju.worker.uniter.operation` */
  readonly module: string;
  readonly message: string;
}

/** `unit-app-0: 03:06:57 INFO unit.app/0.juju-log text`: Juju's line. */
export const formatLogRecord = (record: LogRecord): string =>
  `${record.entity}: ${record.time.slice(11, 19)} ${record.level} ${record.module} ${record.message}`;

/** The model's log: kept whole on disk, or the last `limit` records in memory. */
export class DebugLog {
  readonly #records: LogRecord[] = [];
  readonly #listeners = new Set<(record: LogRecord) => void>();

  constructor(
    private readonly path?: string,
    private readonly limit = 100_000,
  ) {
    if (path !== undefined && existsSync(path))
      for (const line of readFileSync(path, 'utf8').split('\n'))
        if (line !== '') this.#keep(JSON.parse(line) as LogRecord);
  }

  write(record: LogRecord): void {
    this.#keep(record);
    if (this.path !== undefined) appendFileSync(this.path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    for (const listener of [...this.#listeners]) listener(record);
  }

  records(): readonly LogRecord[] {
    return this.#records;
  }

  follow(listener: (record: LogRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #keep(record: LogRecord): void {
    this.#records.push(record);
    if (this.#records.length > this.limit) this.#records.splice(0, this.#records.length - this.limit);
  }
}
