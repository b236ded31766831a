import { request, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import type { ContinuousWriter } from './continuous-writer';
import { base64, endOfPrefix, fromBase64, type ClientTls } from './gateway-client';

/** A put as the watcher was told of it. */
export interface WatchedEvent {
  readonly key: string;
  readonly value: string;
  readonly revision: bigint;
  readonly clusterId: string;
}

/** One line of the gateway's answer to /v3/watch. */
interface WatchResponse {
  readonly header: { readonly cluster_id: string };
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compact_revision?: string;
  readonly cancel_reason?: string;
  readonly events?: readonly {
    readonly type?: string;
    readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: string };
  }[];
}

/** Where a watch goes on from. */
interface Position {
  /** null before the first answer. */
  readonly clusterId: string | null;
  /** Last revision that was seen, or that need not be. */
  readonly revision: bigint;
}

/** How long a watch may be silent before it is tried at the next member, milliseconds. */
const patience = 3000;

/**
 * Watches a prefix from one revision on, over every trouble with members: after each it goes on at the next member where it was.
 * A cluster of another id is followed only where a restore was declared.
 */
export class EventWatcher {
  readonly events: WatchedEvent[] = [];
  /** What a watcher must never see: events again or out of order, history that is gone, a cluster that nobody restored. */
  readonly problems: string[] = [];
  /** How often it had to go on at another member. */
  resumed = 0;
  private position: Position;
  private readonly restores = new Map<string, bigint>();
  private readonly abort = new AbortController();
  private running: Promise<void> | null = null;

  /** @param from the first revision whose events are wanted */
  constructor(
    private readonly prefix: string,
    private readonly endpoints: () => readonly string[],
    private readonly tls: ClientTls,
    from: bigint,
  ) {
    this.position = { clusterId: null, revision: from - 1n };
  }

  start(): this {
    this.running = this.loop();
    return this;
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  /** To be called before a restore is begun: a cluster with another id goes on from this revision. */
  declareRestore(revision: bigint): void {
    if (this.position.clusterId === null) throw new Error('nothing was watched yet');
    this.restores.set(this.position.clusterId, revision);
  }

  /** Waits until it was told of everything that is acknowledged now. */
  async caughtUp(writer: ContinuousWriter, timeoutMs: number): Promise<void> {
    const last = writer.acknowledged.at(-1);
    const deadline = Date.now() + timeoutMs;
    while (last !== undefined && !this.has(last.clusterId, last.revision)) {
      if (Date.now() > deadline)
        throw new Error(
          `the watcher is at ${this.position.revision} of ${this.position.clusterId ?? 'no cluster'}, not at ${last.revision} of ${last.clusterId}; ${this.problems.join('; ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private has(clusterId: string, revision: bigint): boolean {
    return this.position.clusterId === clusterId && this.position.revision >= revision;
  }

  /** What is wrong with what it saw of these writes; to be called when it has caught up. */
  misses(writer: ContinuousWriter): string[] {
    const seen = new Map<string, WatchedEvent[]>();
    for (const event of this.events) seen.set(event.key, [...(seen.get(event.key) ?? []), event]);
    const twice = [...seen].filter(([, events]) => events.length > 1).map(([key]) => `${key} was told twice`);
    const lastOf = new Map<string, bigint>();
    for (const { clusterId, revision } of this.events) lastOf.set(clusterId, revision);
    const missed = writer.acknowledged.flatMap((write) => {
      const [event] = seen.get(write.key) ?? [];
      if (event?.revision === write.revision && event.clusterId === write.clusterId && event.value === write.value)
        return [];
      if (event !== undefined) return [`${write.key} was told with revision ${event.revision}, not ${write.revision}`];
      // The cluster ended before it could tell: only what came last, and was given up.
      const last = lastOf.get(write.clusterId) ?? 0n;
      if (writer.isGivenUp(write) && write.revision > last) return [];
      if (write.clusterId === this.position.clusterId && write.revision > this.position.revision) return [];
      return [`${write.key} of revision ${write.revision} was not told`];
    });
    return [...twice, ...missed];
  }

  private async loop(): Promise<void> {
    for (let turn = 0; !this.abort.signal.aborted; turn += 1) {
      const endpoints = this.endpoints();
      const endpoint = endpoints[turn % endpoints.length];
      if (endpoint !== undefined) await this.watch(endpoint).catch(() => undefined);
      this.resumed += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** One watch at one member, until it ends for whatever reason. */
  private watch(endpoint: string): Promise<void> {
    const { hostname, port } = new URL(endpoint);
    const options: RequestOptions = { hostname, port, path: '/v3/watch', method: 'POST', agent: false, ...this.tls };
    return new Promise((resolve, reject) => {
      const call = request({ ...options, signal: this.abort.signal, timeout: patience }, (response) => {
        const lines = createInterface({ input: response });
        lines.on('line', (line) => {
          const { result } = JSON.parse(line) as { result?: WatchResponse };
          if (result === undefined || !this.take(result)) call.destroy();
        });
        lines.on('close', resolve);
        lines.on('error', reject);
        response.on('error', reject);
      });
      call.on('timeout', () => call.destroy());
      call.on('error', reject);
      call.on('close', resolve);
      const { revision } = this.position;
      const wanted = {
        key: base64(this.prefix),
        range_end: base64(endOfPrefix(this.prefix)),
        start_revision: (revision + 1n).toString(),
      };
      call.end(JSON.stringify({ create_request: wanted }));
    });
  }

  /** @returns whether the watch may go on */
  private take({ header, canceled, compact_revision: compacted, events }: WatchResponse): boolean {
    const { clusterId, revision } = this.position;
    if (clusterId === null) this.position = { clusterId: header.cluster_id, revision };
    else if (clusterId !== header.cluster_id) return this.follow(header.cluster_id);
    if (canceled === true) {
      if (compacted !== undefined && compacted !== '0') this.skipTo(BigInt(compacted));
      return false;
    }
    for (const { kv } of events ?? []) {
      const at = BigInt(kv.mod_revision);
      if (at <= this.position.revision) this.problems.push(`revision ${at} was told after ${this.position.revision}`);
      this.events.push({
        key: fromBase64(kv.key),
        value: fromBase64(kv.value),
        revision: at,
        clusterId: header.cluster_id,
      });
      this.position = { clusterId: header.cluster_id, revision: at };
    }
    return true;
  }

  /** Another cluster answers: right where the one before was restored, from what it was restored to. The watch begins anew. */
  private follow(clusterId: string): boolean {
    const restored = this.restores.get(this.position.clusterId ?? '');
    if (restored === undefined) this.problems.push(`cluster ${clusterId} instead of ${this.position.clusterId ?? ''}`);
    else this.position = { clusterId, revision: restored };
    return false;
  }

  /** History is gone up to here: right after a restore, which marks it as compacted so that watchers learn of it. */
  private skipTo(compacted: bigint): void {
    const first = !this.events.some(({ clusterId }) => clusterId === this.position.clusterId);
    if (!first || this.restores.size === 0) this.problems.push(`history up to ${compacted} is compacted`);
    this.position = { ...this.position, revision: compacted };
  }
}
