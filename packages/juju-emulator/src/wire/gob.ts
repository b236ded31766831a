/** The pieces of Go's gob encoding that the hook-tool protocol needs. */

/** An unsigned integer: one byte below 128, else the negated byte count and big-endian bytes. */
export function encodeUint(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([256 - bytes.length, ...bytes]);
}

/** A signed integer: the sign is the lowest bit. */
export function encodeInt(value: number): Buffer {
  return encodeUint(value < 0 ? -value * 2 - 1 : value * 2);
}

export function encodeText(text: string | Uint8Array): Buffer {
  const data = Buffer.from(text);
  return Buffer.concat([encodeUint(data.length), data]);
}

/** One message: its length, then its bytes. */
export function encodeMessage(...parts: readonly Uint8Array[]): Buffer {
  return encodeText(Buffer.concat(parts));
}

/** A struct's fields: each one's number as the distance from the last one sent; zero values are left out. */
export function encodeStruct(fields: readonly (Uint8Array | undefined)[]): Buffer {
  const parts: Uint8Array[] = [];
  let delta = 0;
  for (const field of fields) {
    delta++;
    if (field === undefined) continue;
    parts.push(encodeUint(delta), field);
    delta = 0;
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** The bytes end before the value does, or are no gob. */
export class GobError extends Error {
  override readonly name = 'GobError';
}

export class GobReader {
  private position = 0;

  constructor(private readonly data: Buffer) {}

  readUint(): number {
    const first = this.data[this.position++];
    if (first === undefined) throw new GobError('A gob integer is cut short.');
    if (first < 128) return first;
    const count = 256 - first;
    if (count > 8 || this.position + count > this.data.length) throw new GobError('A gob integer is malformed.');
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + (this.data[this.position++] ?? 0);
    return value;
  }

  readInt(): number {
    const raw = this.readUint();
    return raw % 2 === 1 ? -(raw + 1) / 2 : raw / 2;
  }

  readBytes(): Buffer {
    const size = this.readUint();
    if (this.position + size > this.data.length) throw new GobError('A gob string is cut short.');
    this.position += size;
    return this.data.subarray(this.position - size, this.position);
  }

  readText(): string {
    return this.readBytes().toString();
  }

  /** Hands each field's number to `read`, which consumes its value. */
  readStruct(read: (field: number) => void): void {
    let field = 0;
    for (let delta = this.readUint(); delta !== 0; delta = this.readUint()) {
      field += delta;
      read(field);
    }
  }
}

/** Cuts a byte stream into messages. */
export class GobStream {
  private pending = Buffer.alloc(0);

  /** @returns the messages completed by this chunk. */
  push(chunk: Uint8Array): Buffer[] {
    this.pending = Buffer.concat([this.pending, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      const first = this.pending[0];
      if (first === undefined) return messages;
      const headSize = first < 128 ? 1 : 257 - first;
      if (headSize > 9) throw new GobError('A gob message has no length.');
      if (this.pending.length < headSize) return messages;
      const size = new GobReader(this.pending.subarray(0, headSize)).readUint();
      if (this.pending.length < headSize + size) return messages;
      messages.push(this.pending.subarray(headSize, headSize + size));
      this.pending = this.pending.subarray(headSize + size);
    }
  }
}
