/** A call with an effect, in the recordings' spelling. */
export interface ImmediateCall {
  readonly call: string;
  readonly args: unknown;
}

/** What was asked of the stand-in controller. */
export class RecordedCalls {
  private immediate: ImmediateCall[] = [];
  private reads: string[] = [];

  /** Notes a call with an effect. */
  record(call: string, args: unknown): Promise<void> {
    this.immediate.push({ call, args });
    return Promise.resolve();
  }

  /** Notes a call that only reads. */
  read(call: string): void {
    this.reads.push(call);
  }

  /** Calls with an effect since the last time. */
  takeImmediate(): ImmediateCall[] {
    const calls = this.immediate;
    this.immediate = [];
    return calls;
  }

  /** Reads since the last time. */
  takeReads(): string[] {
    const { reads } = this;
    this.reads = [];
    return reads;
  }
}
