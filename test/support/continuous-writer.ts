import { acknowledgedPut, readPrefix, type Acknowledgement, type ClientTls } from './gateway-client';

/** A write whose acknowledgement the client got: it may never be lost, but by a restore to a moment before it. */
export interface AcknowledgedWrite extends Acknowledgement {
  readonly key: string;
  readonly value: string;
}

/** A restore that an operator asked for: what was written after its revision is given up. */
interface DeclaredRestore {
  /** The cluster that it ends. */
  readonly clusterId: string;
  readonly revision: bigint;
}

/**
 * Writes unique values one after another, changing to the next member after a failure, until stopped. A write counts as
 * acknowledged only when the reply came; one without a reply is unknown and may be there or not.
 */
export class ContinuousWriter {
  readonly acknowledged: AcknowledgedWrite[] = [];
  readonly unknown: string[] = [];
  /** Revisions that fell, and clusters that replaced others, without a declared restore. */
  readonly problems: string[] = [];
  /** Longest time between two acknowledgements, milliseconds: for the report, never asserted. */
  longestGap = 0;
  private readonly restores: DeclaredRestore[] = [];
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

  /** To be called before a restore is begun: the present cluster will be replaced by one with the data of `revision`. */
  declareRestore(revision: bigint): void {
    const clusterId = this.acknowledged.at(-1)?.clusterId;
    if (clusterId === undefined) throw new Error('nothing was written yet');
    this.restores.push({ clusterId, revision });
  }

  /** To be called before a new cluster begins empty: nothing that was ever written is kept. */
  declareAllLost(): void {
    const clusters = new Set(this.acknowledged.map(({ clusterId }) => clusterId));
    for (const clusterId of clusters) this.restores.push({ clusterId, revision: 0n });
  }

  /** Whether a declared restore gave this write up. */
  isGivenUp({ clusterId, revision }: Acknowledgement): boolean {
    return this.restores.some((restore) => restore.clusterId === clusterId && revision > restore.revision);
  }

  /** Acknowledged writes that a declared restore gave up, now that it is over. */
  givenUp(): readonly AcknowledgedWrite[] {
    return this.acknowledged.filter((write) => this.isGivenUp(write));
  }

  /**
   * Keys that were acknowledged, were not given up, and are missing or different at this member, and keys that were given up and are
   * there. Empty means that nothing was lost but what had to be.
   */
  async lostAt(endpoint: string): Promise<string[]> {
    // Taken before the read: what is acknowledged while it runs may rightly be missing from it.
    const expected = [...this.acknowledged];
    const found = await readPrefix(endpoint, this.prefix, this.tls);
    return expected
      .filter((write) => (this.isGivenUp(write) ? found.has(write.key) : found.get(write.key) !== write.value))
      .map(({ key }) => key);
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
        const acknowledgement = await acknowledgedPut(endpoint, key, value, this.tls, 1000);
        this.judge(acknowledgement);
        this.acknowledged.push({ key, value, ...acknowledgement });
        this.longestGap = Math.max(this.longestGap, Date.now() - last);
        last = Date.now();
      } catch {
        this.unknown.push(key);
        turn += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  private judge({ revision, clusterId }: Acknowledgement): void {
    const before = this.acknowledged.at(-1);
    if (before === undefined) return;
    if (before.clusterId === clusterId) {
      if (revision <= before.revision) this.problems.push(`revision ${revision} came after ${before.revision}`);
      return;
    }
    const restored = this.restores.some((restore) => restore.clusterId === before.clusterId);
    const back = this.acknowledged.some((write) => write.clusterId === clusterId);
    if (!restored || back) this.problems.push(`cluster ${clusterId} answered after ${before.clusterId}`);
  }
}
