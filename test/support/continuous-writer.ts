import { put, readPrefix, type ClientTls } from './gateway-client';

/** A write whose acknowledgement the client got: it may never be lost. */
export interface AcknowledgedWrite {
  readonly key: string;
  readonly value: string;
  readonly revision: bigint;
}

/**
 * Writes unique values one after another, changing to the next member after a failure, until stopped. A write counts as
 * acknowledged only when the reply came; one without a reply is unknown and may be there or not.
 */
export class ContinuousWriter {
  readonly acknowledged: AcknowledgedWrite[] = [];
  readonly unknown: string[] = [];
  /** Longest time between two acknowledgements, milliseconds: for the report, never asserted. */
  longestGap = 0;
  private stopping = false;
  private running: Promise<void> | null = null;

  constructor(
    private readonly prefix: string,
    private readonly endpoints: () => readonly string[],
    private readonly tls: ClientTls,
  ) {}

  start(): this {
    this.running = this.loop();
    return this;
  }

  /** Resolves when at least `count` more writes were acknowledged from now on; rejects at the deadline. */
  async progress(count: number, timeoutMs: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    const deadline = Date.now() + timeoutMs;
    while (this.acknowledged.length < goal) {
      if (Date.now() > deadline)
        throw new Error(`no ${count} writes were acknowledged in ${timeoutMs} ms (${this.acknowledged.length} so far)`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /** Keys that were acknowledged and are missing or different at this member. Empty means nothing was lost. */
  async lostAt(endpoint: string): Promise<string[]> {
    // Taken before the read: what is acknowledged while it runs may rightly be missing from it.
    const expected = [...this.acknowledged];
    const found = await readPrefix(endpoint, this.prefix, this.tls);
    return expected.filter(({ key, value }) => found.get(key) !== value).map(({ key }) => key);
  }

  private async loop(): Promise<void> {
    let turn = 0;
    let last = Date.now();
    for (let number = 0; !this.stopping; number += 1) {
      const endpoints = this.endpoints();
      const endpoint = endpoints[turn % endpoints.length];
      if (endpoint === undefined) throw new Error('a writer needs an endpoint');
      const key = `${this.prefix}${String(number).padStart(8, '0')}`;
      const value = `${number} by ${process.pid} at ${Date.now()}`;
      try {
        const revision = await put(endpoint, key, value, this.tls, 1000);
        this.acknowledged.push({ key, value, revision });
        this.longestGap = Math.max(this.longestGap, Date.now() - last);
        last = Date.now();
      } catch {
        this.unknown.push(key);
        turn += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}
