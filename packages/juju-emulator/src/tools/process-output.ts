const maxLineBytes = 4096;
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts a process's output into the lines that the agent logs: at most 4096 bytes each, a carriage return at the end
 * dropped. A last line without a newline never comes out.
 */
export class LineCutter {
  private pending = Buffer.alloc(0);

  /** `isWhole` is false for a piece of a longer line that goes on. */
  constructor(private readonly onLine: (line: Buffer, isWhole: boolean) => void) {}

  push(chunk: Uint8Array): void {
    this.pending = Buffer.concat([this.pending, chunk]);
    for (;;) {
      const end = this.pending.indexOf(newline);
      if (end >= 0 && end < maxLineBytes) {
        const hasReturn = end > 0 && this.pending[end - 1] === carriageReturn;
        this.emit(hasReturn ? end - 1 : end, end + 1, true);
      } else if (this.pending.length >= maxLineBytes) {
        // A carriage return at the edge waits for its newline.
        const size = this.pending[maxLineBytes - 1] === carriageReturn ? maxLineBytes - 1 : maxLineBytes;
        this.emit(size, size, false);
      } else return;
    }
  }

  private emit(size: number, consumed: number, isWhole: boolean): void {
    const line = this.pending.subarray(0, size);
    this.pending = this.pending.subarray(consumed);
    this.onLine(line, isWhole);
  }
}

/** Output kept for an action's results; `encoding` is base64 where it is no UTF-8. */
export function encodeOutput(data: Buffer): { readonly text: string; readonly encoding?: 'base64' } {
  const text = data.toString();
  return Buffer.from(text).equals(data) ? { text } : { text: data.toString('base64'), encoding: 'base64' };
}
