/** Texts out of a stream of bytes, each ended by a NUL. */
export class Pieces {
  private readonly ready: string[] = [];
  private begun: Buffer[] = [];

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(0); at !== -1; at = chunk.indexOf(0, from)) {
      this.begun.push(chunk.subarray(from, at));
      this.ready.push(Buffer.concat(this.begun).toString('utf8'));
      this.begun = [];
      from = at + 1;
    }
    if (from < chunk.length) this.begun.push(chunk.subarray(from));
  }

  /** How many have come whole. */
  get complete(): number {
    return this.ready.length;
  }

  /** The first of them; empty where there is none. */
  shift(): string {
    return this.ready.shift() ?? '';
  }
}
