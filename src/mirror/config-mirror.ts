import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import type { MirrorEntry, MirrorNote } from '../domain/mirror';
import type { Clock } from '../ports/clock';
import type { EtcdKeys } from '../ports/etcd-keys';
import type { KeyWatch } from '../ports/key-watch';
import { EntryMirror, type EntryPorts } from './entry-mirror';
import { readMirrorState, writeMirrorState } from './mirror-state';

/** Connections to one member, made with the certificates now on disk. */
export interface MirrorConnection {
  readonly keys: EtcdKeys;
  readonly watch: KeyWatch;
}

export interface MirrorPorts extends EntryPorts {
  readonly clock: Clock;
  /** Path of the state file. */
  readonly state: string;
  /** Whom to ask, the own member first. */
  readonly endpoints: () => Promise<readonly Url[]>;
  readonly connect: () => Promise<MirrorConnection>;
  /** How often everything is looked at although nothing was told, milliseconds: local edits are told by nobody. */
  readonly lookEveryMs: number;
}

/** Changes that come faster than this are taken together, milliseconds. */
const togetherMs = 50;
const firstRetryMs = 200;
const lastRetryMs = 10_000;

/**
 * Keeps files and keys in step until it is stopped. The watch says only that a key is to be read again: so nothing piles up, however
 * many changes there are, and what counts is always what the key is now; after every break all keys are read. That is also why
 * compaction, a restart or a cluster that was made again lose nothing.
 */
export class ConfigMirror {
  private readonly ports: MirrorPorts;
  private readonly entries: readonly MirrorEntry[];
  private mirrors = new Map<string, EntryMirror>();
  private readonly due = new Set<string>();
  private stopped = false;
  private wake: () => void = () => undefined;
  private saved = '';

  constructor(ports: MirrorPorts, entries: readonly MirrorEntry[]) {
    this.ports = ports;
    this.entries = entries;
  }

  /** `prepared` is awaited once nothing is noted any more that other settings brought about. */
  async run(prepared: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.prepare();
    await prepared();
    const ticking = this.tick();
    let delay = firstRetryMs;
    for (let attempt = 0; !this.stopped; attempt += 1) {
      const endpoints = await this.ports.endpoints();
      const endpoint = endpoints[attempt % Math.max(1, endpoints.length)];
      const { served, why } =
        endpoint === undefined ? { served: false, why: 'no member is known' } : await this.follow(endpoint);
      if (this.isStopped()) break;
      this.ports.say(`The watch at ${endpoint ?? 'no member'} ended (${why}); everything is looked at again.`);
      if (served) {
        attempt = -1;
        delay = firstRetryMs;
      }
      await this.ports.clock.sleep(delay);
      delay = Math.min(lastRetryMs, delay * 2);
    }
    await ticking;
  }

  stop(): void {
    this.stopped = true;
    this.wake();
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  private async prepare(): Promise<void> {
    const { files, state } = this.ports;
    const { entries, notes } = await readMirrorState(files, state);
    this.mirrors = new Map(
      this.entries.map((entry) => {
        const before = entries[entry.file];
        const kept =
          before?.key === entry.key ? before : { key: entry.key, common: null, writing: null, toReload: null };
        return [entry.key, new EntryMirror(entry, this.ports, kept, () => this.save())] as const;
      }),
    );
    for (const mirror of this.mirrors.values()) await mirror.tidy();
    // Else a status would go on telling of a wait that is over.
    const isKept = ({ verdict }: MirrorNote): boolean => verdict !== 'other-cluster';
    if (!notes.every(isKept)) await writeMirrorState(files, state, { entries, notes: notes.filter(isKept) });
  }

  private async save(): Promise<void> {
    const { files, state } = this.ports;
    const all = [...this.mirrors.values()];
    const now = {
      entries: Object.fromEntries(all.map((mirror) => [mirror.note.file, mirror.state])),
      notes: all.map(({ note }) => note),
    };
    const text = JSON.stringify(now);
    if (text === this.saved) return;
    await writeMirrorState(files, state, now);
    this.saved = text;
  }

  /** Of all entries, as they are looked at one after the other. */
  private async waitForCluster(why: string): Promise<void> {
    for (const mirror of this.mirrors.values()) mirror.waitForCluster(why);
    await this.save();
  }

  private async tick(): Promise<void> {
    while (!this.stopped) {
      await this.ports.clock.sleep(this.ports.lookEveryMs);
      this.all();
      this.wake();
    }
  }

  private all(): void {
    for (const key of this.mirrors.keys()) this.due.add(key);
  }

  /** Works with one member until it does not answer or the watch is lost. */
  private async follow(endpoint: Url): Promise<{ readonly served: boolean; readonly why: string }> {
    let served = false;
    let lost: string | null = null;
    const because = (): string | null => lost;
    let connection: MirrorConnection | null = null;
    try {
      connection = await this.ports.connect();
      const changed = (key: string): void => {
        this.due.add(key);
        this.wake();
      };
      await connection.watch.start(endpoint, [...this.mirrors.keys()], changed, (why) => {
        lost = why;
        this.wake();
      });
      this.all();
      while (!this.stopped && because() === null) {
        await this.lookAtDue(connection.keys, endpoint);
        served = true;
        await this.ports.clock.sleep(togetherMs);
        if (!this.due.size && because() === null && !this.isStopped())
          await new Promise<void>((resolve) => (this.wake = resolve));
      }
      return { served, why: because() ?? 'stopped' };
    } catch (error) {
      if (!(error instanceof CharmError)) throw error;
      return { served, why: error.message };
    } finally {
      connection?.watch.close();
      connection?.keys.close();
    }
  }

  private async lookAtDue(keys: EtcdKeys, endpoint: Url): Promise<void> {
    for (const key of [...this.due]) {
      // Before the look: what changes during it is due again.
      this.due.delete(key);
      try {
        if ((await this.mirrors.get(key)?.look(keys, endpoint)) === false) this.due.add(key);
      } catch (error) {
        if (error instanceof CharmError && error.code === 'OTHER_CLUSTER') await this.waitForCluster(error.message);
        throw error;
      }
    }
    await this.save();
  }
}
